#!/bin/sh
# examples/texture/data.sh: textures and photographs from the Debian package python3-skimage, into data/
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../fetch.sh" python3-skimage "$here/data/package"
for name in brick gravel grass ihc coffee chelsea astronaut; do
  cp "$here/data/package/usr/lib/python3/dist-packages/skimage/data/$name.png" "$here/data/"
done
echo "data: four textures and three photographs in $here/data"

#!/bin/sh
# examples/gaussian_mrf/data.sh: colour photographs from the Debian package python3-skimage, into data/
#
#   data/train   a portrait and two views of a garage;  data/test   a cat and a cup of coffee
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data
mkdir -p "$data/train" "$data/test"
cp "$from/astronaut.png" "$from/motorcycle_left.png" "$from/motorcycle_right.png" "$data/train"
cp "$from/chelsea.png" "$from/coffee.png" "$data/test"
echo "data: 3 photographs to train on, 2 held out, in $data"

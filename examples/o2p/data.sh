#!/bin/sh
# examples/o2p/data.sh: six surfaces from the Debian package python3-skimage, each cut in two: data/train has
# the left halves, data/test the right ones, data/label.csv the class of each picture of data/train
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
crescent=${CRESCENT:-$here/../../build/crescent}
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data
mkdir -p "$data/train" "$data/test"
"$crescent" build "$here/halves.lua" -o "$data/halves"
k=0
: >"$data/label.csv"
for name in brick coins grass gravel moon page; do
  "$data/halves" run cut --in image="$from/$name.png" --out left="$data/train/$name.png" \
    --out right="$data/test/$name.png" --quiet
  echo $k >>"$data/label.csv"
  k=$((k + 1))
done
echo "data: $k surfaces, their left halves to train on, their right halves to test on, in $data"

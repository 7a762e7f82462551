#!/bin/sh
# examples/tv_cut/data.sh: a real photograph of Greek coins from the Debian package python3-skimage, into data/
#
# coins.png, 303 x 384 grey values (Brooklyn Museum Collection). What is coin and what is table was outlined by
# hand: the ellipses in outline.lua.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data/coins.png
[ -f "$from" ] || { echo "data: python3-skimage does not hold coins.png" >&2; exit 1; }
cp "$from" "$data/coins.png"
echo "data: $data/coins.png"

#!/bin/sh
# examples/crf_rnn/data.sh: a real photograph of a cup of coffee from the Debian package python3-skimage, into data/
#
# coffee.png, 400 x 600 colours (Rachel Michetti, public domain). What is what in it was outlined by hand: the
# ellipses in model.lua.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data/coffee.png
[ -f "$from" ] || { echo "data: python3-skimage does not hold coffee.png" >&2; exit 1; }
cp "$from" "$data/coffee.png"
echo "data: $data/coffee.png"

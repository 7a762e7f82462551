#!/bin/sh
# examples/denoise/data.sh: real photographs from the Debian package python3-skimage, into data/
#
#   data/train   what training sees: a portrait, two views of a garage, coins, a brick wall, gravel
#   data/test    what it never sees: the cameraman (grey), a cat and a cup of coffee (colour)
#   data/train-colour, data/test-colour   the colour ones among them
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data

# copy FOLDER NAME...
copy() {
  to=$data/$1
  shift
  mkdir -p "$to"
  for name; do
    [ -f "$from/$name.png" ] || { echo "data: python3-skimage does not hold $name.png" >&2; exit 1; }
    cp "$from/$name.png" "$to/$name.png"
  done
}
copy train astronaut motorcycle_left motorcycle_right coins brick gravel
copy test camera chelsea coffee
copy train-colour astronaut motorcycle_left motorcycle_right
copy test-colour chelsea coffee
echo "data: $(ls "$data/train" | wc -l) photographs to train on, $(ls "$data/test" | wc -l) held out, in $data"

#!/bin/sh
# examples/finetune/data.sh [FOLDER]: MNIST of that folder, or Fashion-MNIST from Debian, into data/
#
# source: 10,000 pictures, of which classes 0 to 4 are used; few-2, few-10, few-50: 20, 100 and 500 others,
# of which classes 5 to 9 are used, about so many of each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../mnist.sh" "$data" "$@" >/dev/null

# rows NAME FIRST COUNT: pictures and labels of those rows of the training set
rows() {
  size=$(printf '\\0%03o\\0%03o' $(($3 / 256)) $(($3 % 256)))
  {
    printf '%b' "\\0000\\0000\\0010\\0003\\0000\\0000$size\\0000\\0000\\0000\\0034\\0000\\0000\\0000\\0034"
    tail -c +$((17 + 784 * $2)) "$data/train-image.idx" | head -c $((784 * $3))
  } >"$data/$1-image.idx"
  {
    printf '%b' "\\0000\\0000\\0010\\0001\\0000\\0000$size"
    tail -c +$((9 + $2)) "$data/train-label.idx" | head -c "$3"
  } >"$data/$1-label.idx"
}
rows source 0 10000
rows few-2 10000 20
rows few-10 10000 100
rows few-50 10000 500
echo "data: source, few-2, few-10, few-50 and test in $data"

#!/bin/sh
# examples/mlp/data.sh: 1,797 real handwritten digits from the Debian package python3-sklearn, into data/
#
# Optical recognition of handwritten digits (UCI, Alpaydin and Kaynak 1998): 8 x 8 grey values 0..16. Written
# as IDX files, the first 1,500 to train on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-sklearn "$data/package"
csv=$data/package/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz
[ -f "$csv" ] || { echo "data: python3-sklearn does not hold digits.csv.gz" >&2; exit 1; }

# idx FIRST LAST: those rows of the table as the images and labels $data/$3-images-idx3-ubyte and so on
idx() {
  n=$(($2 - $1 + 1))
  size=$(printf '\\0%03o\\0%03o' $((n / 256)) $((n % 256)))
  gzip -dc "$csv" | sed -n "$1,$2p" >"$data/rows"
  {
    printf '%b' "\\0000\\0000\\0010\\0003\\0000\\0000$size\\0000\\0000\\0000\\0010\\0000\\0000\\0000\\0010"
    printf '%b' "$(awk -F, '{ for (i = 1; i <= 64; i++) printf "\\0%03o", $i }' "$data/rows")"
  } >"$data/$3-images-idx3-ubyte"
  {
    printf '%b' "\\0000\\0000\\0010\\0001\\0000\\0000$size"
    printf '%b' "$(awk -F, '{ printf "\\0%03o", $65 }' "$data/rows")"
  } >"$data/$3-labels-idx1-ubyte"
  rm -f "$data/rows"
}
idx 1 1500 train
idx 1501 1797 test
echo "data: 1,500 digits to train on, 297 held out, in $data"

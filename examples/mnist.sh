#!/bin/sh
# examples/mnist.sh OUT [FOLDER]: pictures of 28 x 28 in ten classes, as OUT/train-image.idx and so on
#
# With FOLDER (or $MNIST), which holds MNIST's four IDX files (train-images-idx3-ubyte.., also as .gz): handwritten
# digits. Without: Fashion-MNIST (Xiao et al. 2017), photographs of clothes in the same format, from the
# Debian package dataset-fashion-mnist. 60,000 pictures to train on and 10,000 to test, with labels.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
[ $# -gt 1 ] || [ -z "${MNIST:-}" ] || set -- "$1" "$MNIST"
if [ $# -gt 1 ]; then
  from=$2
  [ -d "$from" ] || { echo "data: there is no folder $from" >&2; exit 1; }
else
  sh "$here/fetch.sh" dataset-fashion-mnist "$out/package"
  from=$out/package/usr/share/datasets/fashion-mnist
fi
for pair in train-images-idx3:train-image train-labels-idx1:train-label \
  t10k-images-idx3:test-image t10k-labels-idx1:test-label; do
  file=$from/${pair%%:*}-ubyte
  if [ -f "$file" ]; then cp "$file" "$out/.part"
  elif [ -f "$file.gz" ]; then gzip -dc "$file.gz" >"$out/.part"
  else echo "data: $from holds no ${file##*/} and no ${file##*/}.gz" >&2; exit 1
  fi
  mv "$out/.part" "$out/${pair##*:}.idx"
done
echo "data: the pictures of $from are in $out"

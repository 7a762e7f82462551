#!/bin/sh
# examples/linear_regression/data.sh: 442 real patients from the Debian package python3-sklearn, into data/
#
# Diabetes (Efron, Hastie, Johnstone and Tibshirani 2004): age, sex, body mass index, blood pressure and six
# serum values as X, the progress of the disease a year later as y. The first 342 are there to train on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-sklearn "$data/package"
from=$data/package/usr/lib/python3/dist-packages/sklearn/datasets/data
for name in diabetes_data_raw diabetes_target; do
  [ -f "$from/$name.csv.gz" ] || { echo "data: python3-sklearn does not hold $name.csv.gz" >&2; exit 1; }
done
gzip -dc "$from/diabetes_data_raw.csv.gz" | sed -n 1,342p >"$data/train-X.csv"
gzip -dc "$from/diabetes_data_raw.csv.gz" | sed -n '343,$p' >"$data/test-X.csv"
gzip -dc "$from/diabetes_target.csv.gz" | sed -n 1,342p >"$data/train-y.csv"
gzip -dc "$from/diabetes_target.csv.gz" | sed -n '343,$p' >"$data/test-y.csv"
echo "data: 342 patients to train on, 100 held out, in $data"

#!/bin/sh
# examples/ensemble/data.sh: 1,797 handwritten digits (examples/mlp) and their numbers, into data/
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../mlp/data.sh" | sed '$d'
mkdir -p "$here/data"
cp "$here"/../mlp/data/*-ubyte "$here/data"
awk 'BEGIN { for (k = 0; k < 1500; k++) print k }' >"$here/data/at.csv"
echo "data: 1,500 digits to train on, 297 held out, in $here/data"

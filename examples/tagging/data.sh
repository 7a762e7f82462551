#!/bin/sh
# examples/tagging/data.sh: digits (examples/mlp) to put pictures together from, and the numbers of pictures, into data/
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../mlp/data.sh"
mkdir -p "$here/data"
cp "$here"/../mlp/data/*-ubyte "$here/data"
awk 'BEGIN { for (k = 0; k < 3000; k++) print k }' >"$here/data/at.csv"

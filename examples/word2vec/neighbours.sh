#!/bin/sh
# examples/word2vec/neighbours.sh PROGRAM WEIGHTS DATA WORD...: the words nearest to each, with their cosines
set -eu
program=$1 weights=$2 data=$3
shift 3
for word; do
  number=$(awk -v word="$word" '$2 == word { print NR }' "$data/vocabulary.txt")
  [ -n "$number" ] || { echo "neighbours: '$word' is not in $data/vocabulary.txt" >&2; exit 1; }
  echo "$number"
done >"$data/query.csv"
"$program" run neighbours --weights "$weights" --in word="$data/query.csv" --quiet --out id="$data/id.csv" --out cos="$data/cos.csv"
paste -d, "$data/id.csv" "$data/cos.csv" | awk -F, '
  FNR == NR { split($0, part, " "); name[FNR] = part[2]; next }
  { half = NF / 2; line = name[$1] ":"
    for (k = 2; k <= half; k++) line = line " " name[$k] sprintf(" %.2f", $(half + k))
    print line }' "$data/vocabulary.txt" -

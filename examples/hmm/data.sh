#!/bin/sh
# examples/hmm/data.sh [FILE]: a text as rows of 100 letters, 0..25, and 26 between words, into data/
#
# Without FILE the texts of this repository. Capitals are small letters; every tenth row is for testing.
#   OUT=data   the folder written to
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data}
mkdir -p "$data"
[ $# -gt 0 ] || set -- "$here"/../../README.md "$here"/../../docs/*.md "$here"/../*/README.md
for file; do [ -f "$file" ] || { echo "data: no text file $file" >&2; exit 1; }; done
cat "$@" | LC_ALL=C tr 'A-Z' 'a-z' | LC_ALL=C tr -cs 'a-z' ' ' | fold -w 100 | awk -v data="$data" '
  BEGIN { for (k = 0; k < 26; k++) id[sprintf("%c", 97 + k)] = k }
  length($0) == 100 {
    line = ""
    for (k = 1; k <= 100; k++) { c = substr($0, k, 1); line = line (k > 1 ? "," : "") (c in id ? id[c] : 26) }
    print line >(data "/" (++rows % 10 ? "train" : "test") ".csv")
  }
  END { if (rows < 10) exit 1; print "data: " rows " rows of 100 letters" }' ||
  { echo "data: too little text" >&2; exit 1; }

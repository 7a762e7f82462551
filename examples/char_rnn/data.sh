#!/bin/sh
# examples/char_rnn/data.sh [FILE|FOLDER]: text as rows of T + 1 letters, into data/
#
# FILE, or all .txt files of FOLDER; without it the sources of this compiler, about a million letters of C
# and Lua. Bytes above 127 are left out. The last 5 % are for testing, the 5 % before for validation.
#   LETTERS=65   letters a row      OUT=data   the folder written to
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data} letters=${LETTERS:-65}
mkdir -p "$data"
if [ $# = 0 ]; then
  set -- "$here"/../../compiler/*.[ch] "$here"/../../dsl/*.lua
elif [ -d "$1" ]; then
  set -- "$1"/*.txt
fi
for file; do [ -f "$file" ] || { echo "data: no text file $file" >&2; exit 1; }; done
cat "$@" | LC_ALL=C tr -cd '\000-\177' >"$data/all.txt"

# number N: four bytes, the largest first, as printf's %b reads them
number() { printf '\\0%03o\\0%03o\\0%03o\\0%03o' $(($1 / 16777216)) $(($1 / 65536 % 256)) $(($1 / 256 % 256)) $(($1 % 256)); }
# rows NAME FIRST COUNT LETTERS: those letters as an IDX file of bytes {rows, letters}
rows() {
  n=$(($3 / $4))
  [ $n -gt 0 ] || { echo "data: too little text: $3 letters for $1, in rows of $4" >&2; exit 1; }
  {
    printf '%b' "\\0000\\0000\\0010\\0002$(number $n)$(number "$4")"
    tail -c +$(($2 + 1)) "$data/all.txt" | head -c $((n * $4))
  } >"$data/$1.idx"
}
all=$(($(wc -c <"$data/all.txt")))
part=$((all / 20))
rows train 0 $((all - 2 * part)) "$letters"
rows valid $((all - 2 * part)) $part "$letters"
rows test $((all - part)) $part "$letters"
echo "data: $all letters in $data, $part of them to validate and $part to test on"

#!/bin/sh
# examples/word2vec/data.sh [FILE|FOLDER]: text as numbers of words, into data/
#
# FILE, or all files of FOLDER; without it the manual of git, from a Debian package. A line is a document.
# Words of at least MIN occurrences are numbered by how often they are, from 1; of the frequent ones some
# are left out (Mikolov et al. 2013, with threshold 10^-3), and 0 ends a document.
#   MIN=5   OUT=data   the folder written to: words.csv at.csv noise.csv vocabulary.txt
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data} min=${MIN:-5}
mkdir -p "$data"
if [ $# = 0 ]; then
  sh "$here/../fetch.sh" git-doc "$data/package"
  set -- "$data"/package/usr/share/doc/git/*.txt "$data"/package/usr/share/doc/git/RelNotes/*.txt
  [ -f "$1" ] || set -- "$data"/package/usr/share/doc/git/html/*.txt
elif [ -d "$1" ]; then
  set -- "$1"/*
fi
for file; do [ -f "$file" ] || { echo "data: no text file $file" >&2; exit 1; }; done
cat "$@" | LC_ALL=C tr 'A-Z' 'a-z' | LC_ALL=C tr -cs "a-z\n" ' ' >"$data/text.tmp"
tr ' ' '\n' <"$data/text.tmp" | grep . | sort | uniq -c | awk -v min="$min" '$1 >= min' | sort -k1,1nr -k2,2 >"$data/vocabulary.txt"
awk -v data="$data" '
  FNR == NR { id[$2] = FNR; count[FNR] = $1; total += $1; words = FNR; next }
  FNR == 1 { srand(1) }
  { for (k = 1; k <= NF; k++) {
      if (!($k in id)) continue
      i = id[$k]; share = count[i] / total
      seen++
      if (rand() < sqrt(1e-3 / share) + 1e-3 / share) { print i >(data "/words.csv"); at = at + 1; print at - 1 >(data "/at.csv") }
    }
    print 0 >(data "/words.csv"); at++
  }
  END {
    for (i = 1; i <= words; i++) sum += count[i] ^ 0.75
    for (i = 1; i <= words; i++) for (n = int(count[i] ^ 0.75 / sum * 100000) + 1; n > 0; n--) print i >(data "/noise.csv")
    printf "data: %d words of %d kinds, %d of them kept; build with -D words=%d\n", seen, words, at, words + 1
  }' "$data/vocabulary.txt" "$data/text.tmp"
rm -f "$data/text.tmp"

#!/bin/sh
# examples/sentences/data.sh: short texts of eight kinds, from a Debian package, as numbers of words, into data/
#
# Every fifth text is for the test. A text's first 60 words are kept; vocabulary.csv holds the letters of each word
# (1 to 26, from '<' 27 to '>' 28), of which n-grams are made. Word 0 is nothing.
#   OUT=data   the folder written to;   KINDS   files of the package fortunes
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data} kinds=${KINDS:-computers definitions men-women politics science songs-poems startrek work}
mkdir -p "$data"
sh "$here/../fetch.sh" fortunes "$data/package"
n=0
for kind in $kinds; do
  LC_ALL=C tr 'A-Z' 'a-z' <"$data/package/usr/share/games/fortunes/$kind" | LC_ALL=C tr -cs 'a-z%\n' ' ' |
    awk -v kind=$n 'function out() { if (text ~ /[a-z]/) print kind, text; text = "" }
      $1 == "%" { out(); next } { gsub(/%/, ""); text = text " " $0 } END { out() }'
  n=$((n + 1))
done | awk '{ print NR % 5 == 0, $0 }' >"$data/all.tmp"
rm -f "$data"/*.csv
awk -v data="$data" '
  function name(set, what) { return data "/" (set ? "test-" : "train-") what ".csv" }
  { texts++; all += NF - 2; m = NF - 2 < 60 ? NF - 2 : 60
    print m >name($1, "n"); print $2 >name($1, "kind")
    for (k = 3; k < 3 + m; k++) {
      if (!($k in id)) { id[$k] = ++words; word[words] = $k }
      print id[$k] >name($1, "words")
    }
  }
  END {
    for (w = 0; w <= words; w++) {
      text = w ? "<" substr(word[w], 1, 14) ">" : ""; line = ""
      for (k = 1; k <= 16; k++) {
        c = substr(text, k, 1)
        line = line (k > 1 ? "," : "") (c == "" ? 0 : index("abcdefghijklmnopqrstuvwxyz<>", c))
      }
      print line >(data "/vocabulary.csv")
    }
    printf "data: %d texts, %d words of %d kinds\n", texts, all, words
  }' "$data/all.tmp"
rm -f "$data/all.tmp"
# all texts, those of the test without their kind, and each one's number
cd "$data"
for what in words n; do cat train-$what.csv test-$what.csv >all-$what.csv; done
sed 's/.*/-1/' test-kind.csv | cat train-kind.csv - >all-kind.csv
awk '{ print NR - 1 }' all-n.csv >all-text.csv
tail -n "$(wc -l <test-n.csv)" all-text.csv >test-text.csv

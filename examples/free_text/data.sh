#!/bin/sh
# examples/free_text/data.sh [FOLDER]: words, N-grams and glyphs, into data/
#
# Words of three to eight letters from the Debian package wamerican, or of the file WORDS; every third is held
# out. Glyphs: with FOLDER (or OCR_DATA), which holds letter.data.gz, 52,152 handwritten letters of 16 x 8 pixels
# (Kassel 1995), of which fold 0 is held out. Without it, slanted and moved letters of a font of 5 x 7 points.
#   NGRAMS=1000   how many N-grams of two and three letters there are in the dictionary
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${OCR_DATA:-}} words=${WORDS:-} data=$here/data ngrams=${NGRAMS:-1000}
mkdir -p "$data"
rm -f "$data"/*.csv
if [ -z "$words" ]; then
  sh "$here/../fetch.sh" wamerican "$data/package"
  words=$data/package/usr/share/dict/american-english
fi
[ -f "$words" ] || { echo "data: no file of words $words" >&2; exit 1; }

LC_ALL=C grep -x '[a-z]\{3,8\}' "$words" | LC_ALL=C sort -u | awk -v data="$data" -v ngrams="$ngrams" '
  BEGIN { alphabet = "abcdefghijklmnopqrstuvwxyz" }
  { line = ""
    for (t = 1; t <= 8; t++) line = line (t > 1 ? "," : "") (t <= length($0) ? index(alphabet, substr($0, t, 1)) : 0)
    print line >(data "/" (NR % 3 ? "train" : "test") "-word.csv")
    if (NR % 3) for (k = 2; k <= 3; k++) for (t = 1; t + k - 1 <= length($0); t++) count[substr($0, t, k)]++
  }
  END {
    sort = "sort -k1,1nr -k2,2 | head -n " ngrams " >" data "/ngrams.txt"
    for (s in count) print count[s], s | sort
    close(sort)
    while ((getline line <(data "/ngrams.txt")) > 0) { split(line, part, " "); id[part[2]] = ++made }
    for (a = 0; a <= 26; a++) {
      pairs = triples = ""
      for (b = 0; b <= 26; b++) {
        s = substr(alphabet, a, a > 0) substr(alphabet, b, b > 0)
        pairs = pairs "," (a && b ? id[s] + 0 : 0)
        for (c = 0; c <= 26; c++) triples = triples "," (a && b && c ? id[s substr(alphabet, c, 1)] + 0 : 0)
      }
      print substr(pairs, 2) >(data "/pairs.csv")
      print substr(triples, 2) >(data "/triples.csv")
    }
    printf "data: %d words, %d N-grams\n", NR, made
  }'

# letter, then 128 pixels, sorted by letter: glyphs of part $1 and where each letter begins (0 is no letter)
glyphs() {
  sort -s -k1,1 | awk -v data="$data" -v part="$1" '
    { l = index("abcdefghijklmnopqrstuvwxyz", $1)
      if (seen[l]++ >= 400) next
      line = $2
      for (k = 3; k <= 129; k++) line = line "," $k
      print line >(data "/" part "-glyphs.csv")
      count[l]++ }
    END { count[0] = 0; at = 0
      for (l = 0; l <= 27; l++) { print at >(data "/" part "-first.csv"); at += count[l] } }'
}

if [ -n "$folder" ]; then
  [ -f "$folder/letter.data.gz" ] || { echo "data: there is no letter.data.gz in $folder" >&2; exit 1; }
  for part in train test; do
    gzip -dc "$folder/letter.data.gz" | awk -v part=$part '
      ($6 == 0) == (part == "test") { line = $2; for (k = 7; k <= 134; k++) line = line " " $k; print line }' | glyphs $part
  done
else
  for part in train test; do
    awk -v seed="$([ $part = train ] && echo 7 || echo 8)" '
      function dice() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
      BEGIN {
        split("7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A 7F0808087F 00417F4100 " \
              "2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E 7F09090906 3E4151215E 7F09192946 " \
              "4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F 6314081463 0708700807 6151494543", font, " ")
        hex = "0123456789ABCDEF"
        for (l = 1; l <= 26; l++) for (copy = 0; copy < 20; copy++) {
          line = substr("abcdefghijklmnopqrstuvwxyz", l, 1)
          slant = (dice() - 0.5) / 3; down = dice() * 2; tall = 1.8 + 0.4 * dice(); wide = 1 + 0.3 * dice()
          for (y = 0; y < 16; y++) for (x = 0; x < 8; x++) {
            row = int((y - down + 8) / tall - 8 / tall + 8) - 8; column = int((x - 0.5 + slant * (y - 8)) / wide + 8) - 8
            on = 0
            if (row >= 0 && row < 7 && column >= 0 && column < 5) {
              byte = 16 * (index(hex, substr(font[l], 2 * column + 1, 1)) - 1) + index(hex, substr(font[l], 2 * column + 2, 1)) - 1
              on = int(byte / 2 ^ row) % 2
            }
            line = line " " on
          }
          print line
        }
      }' | glyphs $part
  done
fi
echo "data: $(($(wc -l <"$data/train-word.csv"))) words to train on, $(($(wc -l <"$data/test-word.csv"))) held out, in $data"

#!/bin/sh
# examples/ocr_crf/data.sh [FOLDER] [FOLD]: handwritten words as tables, into data/
#
# FOLDER (or the variable OCR_DATA) holds letter.data or letter.data.gz: 6,877 words of 52,152 letters, 16 x 8
# black and white pixels, in ten folds (Kassel 1995; Taskar, Guestrin and Koller 2003). Fold FOLD (0) is to
# train on, the rest held out, as is usual. Without a folder, words are generated: noisy letters of an
# alphabet made by chance, in words of English.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${OCR_DATA:-}} fold=${2:-0}
data=$here/data
mkdir -p "$data"
rm -f "$data"/*.csv

# A table of pixels, letters and lengths, of words of at most 14 letters: id letter next word position fold pixels
tables() {
  awk -v fold="$fold" -v to="$data" '
    function flush(  part, row, k) {
      if (n == 0) return
      part = to "/" (where == fold ? "train" : "test")
      for (k = n; k < 14; k++) { pixels = pixels blank; labels = labels ",0" }
      print substr(pixels, 2) >(part "-pixels.csv")
      print substr(labels, 2) >(part "-letters.csv")
      print n >(part "-lengths.csv")
      n = 0; pixels = labels = ""
    }
    BEGIN { for (k = 0; k < 128; k++) blank = blank ",0" }
    $5 == 1 { flush() }
    n < 14 {
      where = $6
      for (k = 7; k <= 134; k++) pixels = pixels "," $k
      labels = labels "," (index("abcdefghijklmnopqrstuvwxyz", $2) - 1)
      n++
    }
    END { flush() }'
}

generated() {
  awk 'BEGIN {
    seed = 7
    words = split("and the that with which this from have were what their would there been other after first " \
          "people about could water words called number down made long little great where think through " \
          "much before right means same help line different turn cause move boy old tell sentence set three " \
          "want air play small end put home read hand port large spell add even land here must big high", word, " ")
    for (l = 0; l < 26; l++) for (k = 0; k < 128; k++) shape[l, k] = next_number() < 0.35
    for (i = 1; i <= 1200; i++) {
      w = word[1 + int(next_number() * words)]
      for (t = 1; t <= length(w); t++) {
        c = substr(w, t, 1)
        line = i "\t" c "\t0\t" i "\t" t "\t" (i % 3 == 0 ? 0 : 1)
        l = index("abcdefghijklmnopqrstuvwxyz", c) - 1
        for (k = 0; k < 128; k++) line = line "\t" (next_number() < 0.36 ? 1 - shape[l, k] : shape[l, k])
        print line
      }
    }
  }
  function next_number() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }'
}

if [ -n "$folder" ] && [ -f "$folder/letter.data.gz" ]; then
  gzip -dc "$folder/letter.data.gz" | tables
elif [ -n "$folder" ] && [ -f "$folder/letter.data" ]; then
  tables <"$folder/letter.data"
elif [ -n "$folder" ]; then
  echo "data: there is no letter.data or letter.data.gz in $folder" >&2
  exit 1
else
  fold=0
  generated | tables
fi
echo "data: $(($(wc -l <"$data/train-lengths.csv"))) words to train on, $(($(wc -l <"$data/test-lengths.csv"))) held out, in $data"

#!/bin/sh
# examples/seq2seq/data.sh [ROWS]: dates as people write them, and as ISO 8601 has them, into data/
#
#   Saturday, 9 May 1998____________   1998-05-09      also May 9, 1998; 9th of may 1998; 9.5.1998; 5/9/1998
#
# Every twentieth day of 1900 to 2099 is for testing alone, so no date of the test was learnt from.
#   OUT=data   the folder written to
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data} rows=${1:-30000}
mkdir -p "$data"
awk -v rows="$rows" -v data="$data" 'BEGIN {
  srand(1)
  split("January February March April May June July August September October November December", month, " ")
  split("Saturday Sunday Monday Tuesday Wednesday Thursday Friday", week, " ")
  split("31 28 31 30 31 30 31 31 30 31 30 31", days, " ")
  for (n = 0; n < rows + 2000; n++) {
    test = n >= rows
    do { # a day, until it is one of the right kind
      y = 1900 + int(rand() * 200); m = 1 + int(rand() * 12); d = 1 + int(rand() * 31)
      leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)
      last = days[m] + (m == 2 && leap)
      # Zeller: the day of the week, 1 is Saturday
      a = m < 3 ? y - 1 : y; b = m < 3 ? m + 12 : m
      w = (d + int(13 * (b + 1) / 5) + a + int(a / 4) - int(a / 100) + int(a / 400)) % 7 + 1
    } while (d > last || ((y * 372 + m * 31 + d) % 20 == 0) != test)
    name = month[m]; day = week[w]; k = int(rand() * 12)
    if (rand() < 0.3) { name = substr(name, 1, 3); day = substr(day, 1, 3) }
    th = d % 10 == 1 && d != 11 ? "st" : d % 10 == 2 && d != 12 ? "nd" : d % 10 == 3 && d != 13 ? "rd" : "th"
    if (k == 0) s = d " " name " " y
    if (k == 1) s = name " " d ", " y
    if (k == 2) s = day ", " d " " name " " y
    if (k == 3) s = day " " name " " d " " y
    if (k == 4) s = d th " of " name " " y
    if (k == 5) s = y " " name " " d
    if (k == 6) s = d "." m "." y
    if (k == 7) s = m "/" d "/" y
    if (k == 8) s = name " the " d th ", " y
    if (k == 9) s = sprintf("%02d.%02d.%04d", d, m, y)
    if (k == 10) s = sprintf("%02d/%02d/%04d", m, d, y)
    if (k == 11) s = sprintf("%04d%02d%02d", y, m, d)
    if (rand() < 0.3) s = tolower(s)
    while (length(s) < 32) s = s "_"
    print s >(data "/" (test ? "test-in.txt" : "train-in.txt"))
    printf "%04d-%02d-%02d\n", y, m, d >(data "/" (test ? "test-out.txt" : "train-out.txt"))
  }
}'
number() { printf '\\0%03o\\0%03o\\0%03o\\0%03o' $(($1 / 16777216)) $(($1 / 65536 % 256)) $(($1 / 256 % 256)) $(($1 % 256)); }
for name in train-in:32 train-out:10 test-in:32 test-out:10; do
  file=$data/${name%:*} width=${name#*:}
  {
    printf '%b' "\\0000\\0000\\0010\\0002$(number "$(($(wc -l <"$file.txt")))")$(number "$width")"
    tr -d '\n' <"$file.txt"
  } >"$file.idx"
done
echo "data: $rows dates to learn from and 2000 to test on, in $data"

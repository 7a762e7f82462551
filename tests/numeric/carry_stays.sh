# an unrolled loop with a carry that its steps leave as it was, beside the same loop as it stands
"$CRESCENT" build "$SRC/tests/numeric/carry_stays.lua" -o carry_stays || exit 1
echo 0.3 >a.csv
for x in 0.4 "0.4 0.7 -0.2 0.9 0.5" "0.4 0.7 -0.2 0.9 0.5 1.1 0.3"; do
  echo "$x" | tr ' ' '\n' >x.csv
  for entry in f plain; do
    ./carry_stays run $entry --in x=x.csv --in a=a.csv --quiet >$entry.txt || exit 1
  done
  diff f.txt plain.txt || { echo "carry_stays: other values at x = $x"; exit 1; }
done

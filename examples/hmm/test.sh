# hmm: Baum and Welch's steps never lose likelihood, and find the two states that a text was drawn from
# label: slow
fail() { echo "hmm: $*" >&2; exit 1; }
example=$SRC/examples/hmm
# one state says a..e and mostly leaves, the other f..m and mostly leaves too
awk 'function random() { x = x * 16807 % 2147483647; return x / 2147483647 } # the same in every awk
  BEGIN { x = 5; for (i = 0; i < 30000; i++) { if (random() < 0.8) s = !s
  printf "%c", s ? 97 + int(random() * 5) : 102 + int(random() * 8) } print "" }' >text.txt
OUT=data sh "$example/data.sh" text.txt >/dev/null
"$CRESCENT" build -O1 "$example/model.lua" -o hmm
./hmm check --quiet --dim N=2 --dim T=4 || fail "a derivative is wrong"
./hmm train --data text=data/train.csv --batch 0 --epochs 80 --seed 2 --quiet --save w.safetensors --log run.csv
awk -F, 'NR > 3 && $5 > last + 1e-6 { exit 1 } { last = $5 }' run.csv || fail "a step made it worse"
./hmm run show --weights w.safetensors --quiet --out emission=b.csv --out transition=a.csv
awk -F, '{ low = $1 + $2 + $3 + $4 + $5; if (low > 0.02 && low < 0.98) exit 1; sum += low } END { exit !(sum > 0.98 && sum < 1.02) }' b.csv ||
  fail "the states are not those of the text: $(cat b.csv)"
awk -F, '{ off = NR == 1 ? $2 : $1; if (off < 0.77 || off > 0.83) exit 1 }' a.csv || fail "$(cat a.csv)"
{ head -c 25 text.txt | tr 'a-m' '1111100000000' | fold -w 1; echo; } >want
./hmm run states --weights w.safetensors --in text=data/train.csv --quiet --out state=states.csv
head -1 states.csv | tr ',' '\n' | head -25 >got
tr 01 10 <got >other
cmp -s want got || cmp -s want other || fail "the likeliest states are others"
./hmm run states --weights w.safetensors --in text=data/train.csv --quiet --out text=shown.txt --out state=x.csv
{ head -c 25 shown.txt | tr 'A-Z' '1' | tr 'a-z' '0' | fold -w 1; echo; } >marked
head -1 states.csv | tr ',' '\n' | head -25 | cmp -s - marked || fail "the capitals are not the letters of state 1"
"$CRESCENT" build -O1 "$example/model.lua" -D em=false -D rate=0.3 -o climb
./climb train --data text=data/train.csv --batch 0 --epochs 200 --seed 2 --quiet --json --save c.safetensors >climb.json
em=$(./hmm run score --weights w.safetensors --in text=data/test.csv --json | sed 's/.*: *\([0-9.]*\).*/\1/')
./climb run score --weights c.safetensors --in text=data/test.csv --json | sed 's/.*: *\([0-9.]*\).*/\1/' |
  awk -v em="$em" 'END { exit !(NR && $1 - em < 0.03 && em - $1 < 0.03) }' || fail "Adam ends elsewhere than $em: $(cat climb.json)"

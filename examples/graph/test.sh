# graph: two known members tell where nearly all others went; the same whichever order friendships are in
fail() { echo "graph: $*" >&2; exit 1; }
number() { sed -n 's/.*"right": \([0-9.]*\).*/\1/p'; }
cp -r "$SRC/examples/graph" graph
rm -rf graph/data
cd graph
sh data.sh | grep -q '34 members, 78 friendships' || fail "the club"
edges="--in from=data/from.csv --in to=data/to.csv"
sides="--in side=data/side.csv --in known=data/known.csv"
for net in gcn sage walks; do
  "$CRESCENT" build -O1 model.lua -D net=$net -o $net
  what="$edges $sides"
  [ $net != walks ] || what=$edges
  ./$net train $what --steps 300 --quiet --threads 1 --seed 2 --save $net.safetensors
  ./$net run score --weights $net.safetensors $edges $sides --json >$net.json
done
./gcn check --quiet --dim E=7 || fail "gcn: a derivative is wrong"
for net in gcn walks; do number <$net.json | awk 'END { exit !(NR && $1 > 0.9) }' || fail "$net: $(cat $net.json)"; done
# an edge in the other direction, and edges in another order, are the same graph
paste -d, data/to.csv data/from.csv | sort -t, -k2,2n -k1,1nr >mixed.csv
cut -d, -f1 mixed.csv >a.csv
cut -d, -f2 mixed.csv >b.csv
./gcn run score --weights gcn.safetensors --in from=a.csv --in to=b.csv $sides --json >mixed.json
cmp gcn.json mixed.json || fail "order matters: $(cat gcn.json mixed.json)"
"$CRESCENT" build -O1 model.lua -D net=gat -o x 2>err && fail "net=gat was taken"
grep -q 'net is gcn, sage or walks, not gat' err || fail "$(cat err)"

# tests/cli/random.sh: draws have the distributions they are named after (Kolmogorov and Smirnov), and
# the same bits for any number of threads
cat >draws.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local n = 20000
local places = (cr.arange(n) + 0.5) / n
-- sqrt(n) times the largest distance of the distribution of F(x) from the uniform one
local function ks(p) return cr.max(cr.abs(cr.sort(p) - places)) * math.sqrt(n) end
local function phi(z) return 0.5 * cr.erfc(-z * math.sqrt(0.5)) end
local r, s = cr.random, {n}
local laplace = r.laplace(s)
local trunc = cr.param("trunc", s, {init = cr.init.truncated_normal()})
local low, high = 0.022750131948179195, 0.9772498680518208
local list = {
  ks(r.uniform(s)), ks((r.uniform(s, {low = -2, high = 3}) + 2) / 5), ks(phi(r.normal(s))),
  ks(phi((r.normal(s, {mean = 1, std = 2}) - 1) / 2)), ks(1 - cr.exp(-r.exponential(s, 1))),
  ks(1 - cr.exp(-3 * r.exponential(s, 3))), ks(cr.exp(-cr.exp(-r.gumbel(s)))),
  ks(cr.where(cr.lt(laplace, 0), 0.5 * cr.exp(laplace), 1 - 0.5 * cr.exp(-laplace))),
  ks(cr.atan(r.cauchy(s)) / math.pi + 0.5), ks(1 - cr.exp(-r.gamma(s, 1))),
  ks((phi(trunc) - low) / (high - low)),
}
local class = r.categorical(cr.log(cr.const{0.1, 0.2, 0.7}), {shape = s})
local gamma, small = r.gamma(s, 3), r.gamma(s, 0.5)
local moments = { -- in standard errors or so
  (cr.mean(r.bernoulli(s, 0.3)) - 0.3) * 300, (cr.mean(cr.cast(cr.eq(class, 2))) - 0.7) * 300,
  (cr.mean(cr.cast(cr.eq(class, 0))) - 0.1) * 450, (cr.mean(gamma) - 3) * 80,
  (cr.var(gamma) - 3) * 40, (cr.mean(small) - 0.5) * 200, (cr.mean(r.integers(s, 0, 5)) - 2) * 100,
}
local order = cr.sum(cr.abs(cr.sort(r.permutation(1000)) - cr.arange(1000)))
local q = cr.param("q", {5, 3, 2}, {init = cr.init.orthogonal{gain = 2}})
local rows = cr.reshape(q, {5, 6})
local square = cr.max(cr.abs(cr.matmul(rows, rows:transpose()) - 4 * cr.eye(5)))
return cr.program("draws", {f = cr.entry{inputs = {}, outputs = {ks = cr.stack(list),
  moments = cr.stack(moments), exact = cr.stack{cr.cast(order), square}}}})
EOF
"$CRESCENT" build -O1 draws.lua -o draws >/dev/null
for threads in 1 3; do
  ./draws run f --threads $threads --seed 7 --quiet --out ks=ks$threads.csv --out moments=m$threads.csv \
    --out exact=e$threads.csv
done
cmp ks1.csv ks3.csv
cmp m1.csv m3.csv
tr ',' '\n' <ks1.csv | awk '$1 > 1.95 { print "distance " $1 " of draw " NR; bad = 1 } END { exit bad }'
tr ',' '\n' <m1.csv | awk '$1 > 4 || $1 < -4 { print "moment " NR " is off: " $1; bad = 1 } END { exit bad }'
tr ',' '\n' <e1.csv | awk '$1 > 1e-12 { print "not exact: " $1; bad = 1 } END { exit bad }'

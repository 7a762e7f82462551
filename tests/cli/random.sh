# tests/cli/random.sh: draws have the distributions they are named after (Kolmogorov and Smirnov), and
# the same bits for any number of threads
cat >draws.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local n = 20000
local places = (cr.arange(n) + 0.5) / n
-- sqrt(n) times the largest distance of the distribution of F(x) from the uniform one
local function ks(p, m)
  local where = m and (cr.arange(m) + 0.5) / m or places
  return cr.max(cr.abs(cr.sort(p) - where)) * math.sqrt(m or n)
end
local function phi(z) return 0.5 * cr.erfc(-z * math.sqrt(0.5)) end
local r, s = cr.random, {n}
local laplace = r.laplace(s)
local trunc = cr.param("trunc", s, {init = cr.init.truncated_normal()})
local low, high = 0.022750131948179195, 0.9772498680518208
local moved, wide, turns = r.laplace(s, {loc = 2, scale = 3}), r.cauchy(s, {loc = -1, scale = 2}), r.gumbel(s, {dtype = "f32"})
-- first values of weights {out, in, ..}: in = 8 x 9, out = 250 x 9
local W = {250, 8, 3, 3}
local function first(name, f) return cr.flatten(cr.param(name, W, {init = f})):slice(0, 0, 15000) end
local function bounded(w, std) return ks(0.5 + w / (2 * math.sqrt(3) * std), 15000) end
local list = {
  ks(r.uniform(s)), ks((r.uniform(s, {low = -2, high = 3}) + 2) / 5), ks(phi(r.normal(s))),
  ks(phi((r.normal(s, {mean = 1, std = 2}) - 1) / 2)), ks(1 - cr.exp(-r.exponential(s, 1))),
  ks(1 - cr.exp(-3 * r.exponential(s, 3))), ks(cr.exp(-cr.exp(-r.gumbel(s)))),
  ks(cr.where(cr.lt(laplace, 0), 0.5 * cr.exp(laplace), 1 - 0.5 * cr.exp(-laplace))),
  ks(cr.atan(r.cauchy(s)) / math.pi + 0.5), ks(1 - cr.exp(-r.gamma(s, 1))),
  ks((phi(trunc) - low) / (high - low)),
  ks(cr.where(cr.lt(moved, 2), 0.5 * cr.exp((moved - 2) / 3), 1 - 0.5 * cr.exp((2 - moved) / 3))),
  ks(cr.atan((wide + 1) / 2) / math.pi + 0.5), ks(cr.cast(cr.exp(-cr.exp(-turns)), "f64")),
  ks(1 - cr.exp(-2 * r.gamma(s, 1, {rate = 2}))), ks(cr.cast(phi(r.normal(s, {dtype = "f32"})), "f64")),
  bounded(first("xavier", cr.init.xavier{gain = 2}), 2 * math.sqrt(2 / (72 + 2250))),
  bounded(first("kaiming", cr.init.kaiming_uniform{fan = "out"}), math.sqrt(2 / 2250)),
  bounded(first("lecun", cr.init.lecun{distribution = "uniform"}), math.sqrt(1 / 72)),
  ks(phi(first("normal", cr.init.kaiming{gain = 3}) / (3 / math.sqrt(72))), 15000),
  ks(phi(first("glorot", cr.init.xavier_normal()) / math.sqrt(2 / (72 + 2250))), 15000),
}
local class = r.categorical(cr.log(cr.const{0.1, 0.2, 0.7}), {shape = s})
local gamma, small = r.gamma(s, 3), r.gamma(s, 0.5)
local moments = { -- in standard errors or so
  (cr.mean(r.bernoulli(s, 0.3)) - 0.3) * 300, (cr.mean(cr.cast(cr.eq(class, 2))) - 0.7) * 300,
  (cr.mean(cr.cast(cr.eq(class, 0))) - 0.1) * 450, (cr.mean(gamma) - 3) * 80,
  (cr.var(gamma) - 3) * 40, (cr.mean(small) - 0.5) * 200, (cr.mean(r.integers(s, 0, 5)) - 2) * 100,
  (cr.mean(cr.dropout(cr.ones(s), 0.3)) - 1) * 200, (cr.mean(cr.cast(cr.eq(cr.dropout(cr.ones(s), 0.3), 0))) - 0.3) * 300,
  (cr.mean(cr.cast(cr.eq(r.randint(3, 7, s), 6))) - 0.25) * 300, (cr.mean(cr.cast(cr.eq(r.randint(3, 7, s), 3))) - 0.25) * 300,
}
-- two of three numbers, each drawn once
local two = r.multinomial(cr.expand(cr.const{0.2, 0.3, 0.5}, {n, 3}), 2, {replacement = false})
local pairs_ = {cr.min(cr.cast(cr.ne(two:select(1, 0), two:select(1, 1)))) - 1,
  (cr.mean(cr.cast(cr.eq(two:select(1, 0), 2))) - 0.5) * 280}
for _, e in ipairs(pairs_) do moments[#moments + 1] = e end
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

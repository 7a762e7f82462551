-- align.lua: CTC, soft DTW, edit distance and Needleman-Wunsch against sums over all paths
local cr = require "crescent"
local support = require "lib.support"
cr.default_dtype "f64"
local INF = math.huge
local near, random = support.near, support.numbers

-- CTC: all labellings of T frames that collapse to the target
local function ctc(lp, at, step, T, C, target)
  local total = 0
  local function go(t, last, done, logp)
    if t == T then
      if done == #target then total = total + math.exp(logp) end
      return
    end
    for c = 0, C - 1 do
      local p = logp + lp[at + t * step + c + 1]
      if c == 0 or c == last then go(t + 1, c, done, p)
      elseif target[done + 1] == c then go(t + 1, c, done + 1, p) end
    end
  end
  go(0, 0, 0, 0)
  return -math.log(total)
end
do
  local T, N, C, S = 5, 4, 3, 2
  local raw = random(T * N * C, 11)
  local lp = cr.input("lp", {T, N, C})
  local y = cr.input("y", {N, S}, {dtype = "i32"})
  local nt, ns = cr.input("nt", {N}, {dtype = "i32"}), cr.input("ns", {N}, {dtype = "i32"})
  local targets, lens, tlens = {{1, 2}, {1, 1}, {2}, {2, 1}}, {5, 4, 3, 1}, {2, 2, 1, 2}
  local bind = {{lp, raw}, {y, {1, 2, 1, 1, 2, 0, 2, 1}}, {nt, lens}, {ns, tlens}}
  local want = {}
  for n = 1, N do want[n] = ctc(raw, (n - 1) * C, N * C, lens[n], C, targets[n]) end
  assert(want[4] == INF)
  local loss = cr.ctc_loss(lp, y, nt, ns)
  near(value(loss, bind), want)
  want[4] = 0
  local zero = cr.ctc_loss(lp, y, nt, ns, {zero_infinity = true})
  near(value(zero, bind), want)
  local g = cr.grad(cr.sum(zero), lp)
  local first, second = value(g, bind), value(cr.grad(cr.sum(g * g), lp), bind)
  local sum = 0
  for k = 1, #first do
    assert(first[k] == first[k] and second[k] == second[k])
    sum = sum + first[k]
  end
  near({sum}, {-(5 + 4 + 3)}) -- each frame has one label on every path
end

-- NaN is not what is impossible
do
  local lp, y, nan = cr.input("lost", {2, 2}), cr.input("one", {1}, {dtype = "i32"}), 0 / 0
  local bind = {{lp, {nan, -1, -2, -1}}, {y, {1}}}
  for _, v in ipairs{cr.ctc_loss(lp, y), cr.soft_dtw(lp, 0.5), cr.needleman_wunsch(lp, -1, 0.5)} do
    local got = value(v, bind)[1]
    if got == got then error("NaN is lost: " .. got) end
  end
end

-- the sums of all monotone paths through a table
for _, size in ipairs{{3, 4}, {1, 3}, {4, 1}, {1, 1}} do
  local n, m = size[1], size[2]
  local raw = random(n * m, 5)
  local sums = {}
  local function go(i, j, sum)
    sum = sum + raw[i * m + j + 1]
    if i == n - 1 and j == m - 1 then sums[#sums + 1] = sum return end
    if i < n - 1 then go(i + 1, j, sum) end
    if j < m - 1 then go(i, j + 1, sum) end
    if i < n - 1 and j < m - 1 then go(i + 1, j + 1, sum) end
  end
  go(0, 0, 0)
  local least, total = INF, 0
  for _, s in ipairs(sums) do least = math.min(least, s) end
  for _, s in ipairs(sums) do total = total + math.exp(-(s - least) / 0.5) end
  local d = cr.input("d" .. n .. m, {n, m})
  near(value(cr.soft_dtw(d, 0.5), {{d, raw}}), {least - 0.5 * math.log(total)}, 1e-12, "soft_dtw")
  near(value(cr.soft_dtw(d, 0), {{d, raw}}), {least}, 1e-12, "dtw")
  local g, mean = cr.input("g" .. n .. m, {}), 0 -- by gamma: (soft_dtw - the mean cost) / gamma
  for _, s in ipairs(sums) do mean = mean + s * math.exp(-(s - least) / 0.5) / total end
  near(value(cr.grad(cr.soft_dtw(d, g), g), {{d, raw}, {g, {0.5}}}), {(least - 0.5 * math.log(total) - mean) / 0.5}, 1e-11,
    "soft_dtw by gamma")
end
do -- a batch with lengths: the value is that of the part
  local B, n, m = 2, 4, 3
  local raw = random(B * n * m, 9)
  local d = cr.input("db", {B, n, m})
  local part = cr.slice(cr.slice(cr.reshape(cr.slice(d, 0, 1, 2), {n, m}), 0, 0, 2), 1, 0, 2)
  local both = cr.soft_dtw(d, 1, {lengths_x = cr.const{4, 2}, lengths_y = cr.const{3, 2}})
  near({value(both, {{d, raw}})[2]}, value(cr.soft_dtw(part), {{d, raw}}))
  local g = value(cr.grad(cr.sum(both), d), {{d, raw}})
  near({g[n * m + 8], g[n * m + 11]}, {0, 0})
  local few = cr.soft_dtw(d, 1, {lengths_x = cr.const{0, 0}, lengths_y = cr.const{0, 2}})
  near(value(few, {{d, raw}}), {0, INF}) -- nothing beside nothing, nothing beside two
end
do -- tables with no path of finite cost have no derivative
  local d = cr.input("dinf", {2, 2})
  for _, gamma in ipairs{0, 0.5} do
    local y = cr.soft_dtw(d, gamma)
    near(value(y, {{d, {INF, INF, INF, 1}}}), {INF})
    near(value(cr.grad(y, d), {{d, {INF, INF, INF, 1}}}), {0, 0, 0, 0})
  end
end
do -- no frames: nothing is said for certain, something never
  local lp = cr.input("lp0", {3, 2, 2})
  local loss = cr.ctc_loss(lp, cr.const{{1}, {1}}, cr.const{0, 0}, cr.const{0, 1})
  local zero = cr.ctc_loss(lp, cr.const{{1}, {1}}, cr.const{0, 0}, cr.const{0, 1}, {zero_infinity = true})
  local raw = random(12, 3)
  near(value(loss, {{lp, raw}}), {0, INF})
  for _, v in ipairs(value(cr.grad(cr.sum(zero), lp), {{lp, raw}})) do assert(v == 0) end
end

local function word(s)
  local out = {}
  for k = 1, #s do out[k] = s:byte(k) end
  return cr.const(out)
end
near(value(cr.edit_distance(word "kitten", word "sitting"), {}), {3})
near(value(cr.edit_distance(word "flaw", word "lawn"), {}), {2})
near(value(cr.edit_distance(word "abc", word "abc"), {}), {0})
near(value(cr.edit_distance(word "abc", word "xabcyz", {insert = 0.5}), {}), {1.5})
near(value(cr.edit_distance(cr.const{{1, 2, 3}, {1, 2, 3}, {4, 5, 6}}, cr.const{{1, 3, 0}, {1, 2, 3}, {7, 8, 9}},
  {lengths_x = cr.const{3, 3, 0}, lengths_y = cr.const{2, 0, 3}}), {}), {1, 3, 3})
do -- every pair of lengths, from 0 on, against the table by rows
  local x, y, n, m, gap = {1, 2, 1, 3}, {2, 2, 3}, 4, 3, -0.6
  local lx, ly, B = {}, {}, (n + 1) * (m + 1)
  for i = 0, n do
    for j = 0, m do lx[#lx + 1], ly[#ly + 1] = i, j end
  end
  local function tables(insert, delete, pair, best)
    local d, out = {}, {}
    for i = 0, n do
      d[i] = {}
      for j = 0, m do
        local v = {}
        if i > 0 then v[#v + 1] = d[i - 1][j] + delete end
        if j > 0 then v[#v + 1] = d[i][j - 1] + insert end
        if i > 0 and j > 0 then v[#v + 1] = d[i - 1][j - 1] + pair(i, j) end
        d[i][j] = #v == 0 and 0 or i * j == 0 and v[1] or best(v)
        out[#out + 1] = d[i][j]
      end
    end
    return out
  end
  local lengths = {lengths_x = cr.const(lx), lengths_y = cr.const(ly)}
  local function rows(list) return cr.expand(cr.unsqueeze(cr.const(list), 0), {B, #list}) end
  near(value(cr.edit_distance(rows(x), rows(y), {insert = 0.5, delete = 1, replace = 1.2,
    lengths_x = lengths.lengths_x, lengths_y = lengths.lengths_y}), {}),
    tables(0.5, 1, function(i, j) return x[i] ~= y[j] and 1.2 or 0 end, function(v) return math.min(table.unpack(v)) end))
  local raw = random(n * m, 21)
  local s = cr.expand(cr.unsqueeze(cr.reshape(cr.const(raw), {n, m}), 0), {B, n, m})
  local function pair(i, j) return raw[(i - 1) * m + j] end
  near(value(cr.needleman_wunsch(s, gap, 0, lengths), {}),
    tables(gap, gap, pair, function(v) return math.max(table.unpack(v)) end))
  near(value(cr.needleman_wunsch(s, gap, 0.5, lengths), {}), tables(gap, gap, pair, function(v)
    local sum = 0
    for _, e in ipairs(v) do sum = sum + math.exp(e / 0.5) end
    return 0.5 * math.log(sum)
  end), 1e-11)
end
-- GATTACA and GCATGCU: match 1, mismatch -1, gap -1 (the textbook example, score 0)
local a, b = word "GATTACA", word "GCATGCU"
local i, j = cr.index "i j"
local score = cr.tensor({i, j}, cr.where(cr.eq(a(i), b(j)), 1.0, -1.0))
near(value(cr.needleman_wunsch(score, -1), {}), {0})
local soft = value(cr.needleman_wunsch(score, -1, 1e-3), {})[1]
assert(soft > 0 and soft < 1e-2)

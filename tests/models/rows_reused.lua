-- what loops stack lies in rows of what they were given, where these were read for the last time, and nowhere else
local cr = require "crescent"
local T, N = cr.dim("T", 5), 4
local x, w, h0 = cr.input("x", {T, N, N}), cr.input("w", {N, N}), cr.input("h0", {N, N})
local function products() return cr.einsum("tik,kj->tij", cr.sin(x), w) end
local function at_once(h, a) local z = cr.tanh(a + cr.matmul(h, w)); return z:slice(0, 0, N) * h, z * a end
local function halves(h, a) -- elements of two places of a row, stored at these two
  local z = cr.matmul(h, w) + a
  local u, v = z:slice(1, 0, N // 2), z:slice(1, N // 2, N)
  return cr.cat({cr.sigmoid(u) * v, cr.tanh(v) + u}, 1), cr.cat({u * v, u - v}, 1)
end
local function turned(h, a) return cr.tanh(h + a), cr.transpose(a) * 2 + h end       -- read across
local function shifted(h, a) return h + a, cr.roll(a, 1, 1) + cr.sin(h) end          -- read elsewhere in the row
local function sums(h, a) return cr.tanh(h + a), cr.cumsum(a, 1) * h end             -- read again and again
local function later(h, a) -- read by what needs the stacked row first
  local z = cr.exp(-(a * a)) + h
  return cr.tanh(cr.matmul(z, w) + a), z
end
local function after(h, a) local z = cr.sin(a) + h; return cr.tanh(cr.matmul(z, w)), z end
local function several(c, a) -- two stacks, one slice; the slice stacked as it is, too
  local z = a[1] * c[1] + a[2]
  return {cr.tanh(z + c[2]), z}, {z * c[1], cr.cos(z) - a[2], a[1]}
end
local function other(h, a) return {cr.tanh(h[1] + a[2])}, {a[2] * h[1], a[1] - h[1], a[1] * a[2]} end
local entries = {}
local function add(name, rows, ...) -- the rows are no results: they may be anywhere
  local outputs = {y = rows * rows + 1}
  for k, value in ipairs {...} do outputs["z" .. k] = value end
  entries[name] = cr.entry{inputs = {x, w, h0}, outputs = outputs}
end
local function loop(step, reverse)
  local last, rows = cr.scan(step, h0, products(), {reverse = reverse})
  return rows, last
end
local steps = {at_once = at_once, halves = halves, turned = turned, shifted = shifted, sums = sums, later = later, after = after}
for way, reverse in pairs {f = false, b = true} do
  for name, step in pairs(steps) do add(name .. "_" .. way, loop(step, reverse)) end
  local p = products() -- read after the loop
  local last, rows = cr.scan(at_once, h0, p, {reverse = reverse})
  add("kept_" .. way, rows * p, last, cr.sum(p, 0))
  local q, r = cr.matmul(cr.cos(x), w), products()
  local both, y = cr.scan(several, {h0, w}, {q, r}, {reverse = reverse})
  add("several_" .. way, y[1] + y[2] * y[3], both[1] + both[2])
  local _, z = cr.scan(other, {h0}, {q, r}, {reverse = reverse})
  add("other_" .. way, z[1] + z[2] * z[3], y[1])
  local loss = cr.sum(loop(halves, reverse) ^ 2) + cr.sum((loop(later, reverse)))
  local g = cr.grad(loss, {x, w, h0})
  add("slopes_" .. way, g[1], g[2], g[3])
end
return cr.program("rows_reused", entries)

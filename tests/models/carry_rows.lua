-- what loops carry and keep at every step: rows of one buffer, forwards and backwards, carried on
local cr = require "crescent"
local T, N = cr.dim("T", 4), 3
local x, h0 = cr.input("x", {T, N}), cr.input("h0", {N})
local function keep(h, a) local n = cr.tanh(0.9 * h + a); return n, n end
local function keep_old(h, a) return cr.sin(h + a), h end
local function both(h, a) local n = cr.tanh(0.7 * h * a); return n, n * h end
local function twice(c, a) -- two carries with the same next value, one that is the other's old one
  local n = cr.tanh(c[1] + 0.5 * c[2] + a)
  return {n, n, c[1]}, n + c[3]
end
local function run(reverse)
  local h, y = cr.scan(keep, h0, x, {reverse = reverse})
  local h2, y2 = cr.scan(keep, h, y, {reverse = not reverse}) -- begins where the first ended
  local h3, y3 = cr.scan(keep_old, h2, x, {reverse = reverse})
  local h4, y4 = cr.scan(both, h3, y2, {reverse = reverse})
  local last, y5 = cr.scan(twice, {h0, h, h4}, x, {reverse = reverse})
  local loss = cr.sum(h4 * h) + cr.sum(y * y3) + cr.sum(y4 * y5) + cr.sum(last[1] * last[3]) + cr.sum(h2)
  return loss, {y = y, h = h, y3 = y3, h4 = h4, y5 = y5}
end
local function entry(reverse)
  local loss, outputs = run(reverse)
  local g = cr.grad(loss, {x, h0})
  outputs.loss, outputs.gx, outputs.gh = loss, g[1], g[2]
  outputs.hx = cr.grad(cr.sum(g[1] ^ 2) + cr.sum(g[2] ^ 2), x)
  return cr.entry{inputs = {x, h0}, outputs = outputs}
end
local nested = cr.entry{inputs = {x, h0}, outputs = (function()
  local function outer(h, a)
    local last, rows = cr.scan(function(s, b) local n = cr.sin(s + b * a); return n, n end, h, x)
    return last, cr.sum(rows, 0)
  end
  local last, y = cr.scan(outer, h0, x)
  local loss = cr.sum(last) + cr.sum(y ^ 2)
  local g = cr.grad(loss, {x, h0})
  return {last = last, y = y, gx = g[1], gh = g[2]}
end)()}
return cr.program("rows", {forwards = entry(false), backwards = entry(true), nested = nested})

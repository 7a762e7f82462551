-- product_log.lua: the log of a product of exponentials, where it overflows, underflows, or neither
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f64"))
local I, K, J = 9, 12, 17
local W, H = cr.input("W", {I, K}), cr.input("H", {K, J})
local function entry(x, y)
  local naive = cr.log(cr.matmul(cr.exp(x), cr.exp(y)))
  local i, k, j = cr.index "i k j"
  local stable = cr.tensor({i, j}, cr.logsumexp(k, x(i, k) + y(k, j)))
  local outs, c = {}, cr.cos(cr.arange(I * J):reshape{I, J})
  for n, l in pairs{a = naive, b = stable} do
    local g = cr.grad(cr.sum(c * l), {W, H})
    local h = cr.hvp(cr.sum(c * l), W, cr.sin(W))
    outs[n], outs[n .. "w"], outs[n .. "h"], outs[n .. "hh"] = l, g[1], g[2], h
  end
  return outs
end
local entries = {}
local function add(name, x, y)
  local o, outs = entry(x, y), {}
  for _, k in ipairs{"", "w", "h", "hh"} do outs["d" .. k] = cr.max(cr.abs(o["a" .. k] - o["b" .. k])) end
  entries[name] = cr.entry{inputs = {W, H}, outputs = outs}
  entries[name .. "_log"] = cr.entry{inputs = {W, H}, outputs = {l = o.a, w = o.aw}}
end
add("near", W, H)
add("over", W + 200, H + 700)
add("under", W - 300, H - 500)
add("both", W + 720, H - 900)
add("one", cr.where(cr.eq(cr.arange(K), 3), W * 0 + 900, W), H)
add("masked", cr.where(cr.eq(cr.arange(K), 3), -math.huge, W), H)
local more = cr.log(cr.matmul(cr.exp(W - 60), cr.exp(H)) + 1e-9) -- which no sum of the product is above
local less = cr.log(cr.exp(cr.logsumexp(cr.unsqueeze(W - 60, 2) + cr.unsqueeze(H, 0), 1)) + 1e-9)
entries.number = cr.entry{inputs = {W, H}, outputs = {d = cr.max(cr.abs(more - less)),
  dw = cr.max(cr.abs(cr.grad(cr.sum(more), W) - cr.grad(cr.sum(less), W)))}}
return cr.program("product_log", entries)

-- window.lua: sliding windows as columns, and back
--
--   unfold:  y[n, c k, l] = x[n, c, window l, place k]       fold: its adjoint
---@source PyTorch's unfold and fold
local core = require "crescent.core"
local check = require "crescent.check"

local M = {}

local known = {dilation = 1, padding = 0, stride = 1}
local order = {"dilation", "padding", "stride"}

-- Kernel, stride, padding, dilation as pairs, and the numbers of windows along an image {H, W}.
local function geometry(what, kernel, image, opts)
  local g = {k = check.tuple(what, kernel, "the window", 2, 1),
    s = check.tuple(what, opts.stride, "stride", 2, 1),
    p = check.tuple(what, opts.padding, "padding", 2, 0),
    d = check.tuple(what, opts.dilation, "dilation", 2, 1), n = {}}
  for e = 1, 2 do
    g.n[e] = (image[e] + (2 * g.p[e] - g.d[e] * (g.k[e] - 1) - 1)) // g.s[e] + 1
    if type(g.n[e]) == "number" and g.n[e] < 1 then
      core.fail(("%s: a window of %d does not fit %s elements"):format(what, g.k[e],
        tostring(image[e])))
    end
  end
  return g
end

---unfold(x {N, C, H, W}, window, dilation = 1, padding = 0, stride = 1): every window as a column,
---{N, C KH KW, windows}
---@example cr.unfold(cr.reshape(cr.arange(9.0), {1, 1, 3, 3}), 2)
function M.unfold(x, kernel, ...)
  x = check.ranked("unfold", x, "x", 4, "{N, C, H, W}")
  local g = geometry("unfold", kernel, {x.shape[3], x.shape[4]}, check.optional("unfold", order,
    known, ...))
  local read = core.wrap("zero_outside", x, 2, 3)
  local n, c, a, b, i, j = core.fresh(6)
  local y = core.tensor({n, c, a, b, i, j}, read(n, c, i * g.s[1] + a * g.d[1] - g.p[1],
    j * g.s[2] + b * g.d[2] - g.p[2]), {x.shape[1], x.shape[2], g.k[1], g.k[2], g.n[1], g.n[2]},
    true)
  return core.reshape(y, {x.shape[1], x.shape[2] * (g.k[1] * g.k[2]), g.n[1] * g.n[2]})
end

---fold(x {N, C KH KW, windows}, {H, W}, window, dilation = 1, padding = 0, stride = 1): columns added
---into an image {N, C, H, W}, the adjoint of unfold
---@example cr.fold(cr.reshape(cr.arange(8.0), {1, 4, 2}), {2, 3}, 2)
function M.fold(x, output, kernel, ...)
  x = check.ranked("fold", x, "x", 3, "{N, C KH KW, windows}")
  if type(output) ~= "table" or core.is_expr(output) or #output ~= 2 then
    core.fail("fold: the second argument is the size {H, W} of the image")
  end
  local g = geometry("fold", kernel, output, check.optional("fold", order, known, ...))
  local area = g.k[1] * g.k[2]
  local C = x.shape[2] // area
  if not check.same(C * area, x.shape[2]) or not check.same(g.n[1] * g.n[2], x.shape[3]) then
    core.fail(("fold: x has shape %s, but an image {%s, %s} has {N, C %d, %s}"):format(
      select(2, core.label(x)), tostring(output[1]), tostring(output[2]), area,
      tostring(g.n[1] * g.n[2])), x)
  end
  local shape = {x.shape[1], C, g.k[1], g.k[2], g.n[1], g.n[2]}
  local split = core.reshape(x, shape)
  local n, c, a, b, i, j = core.fresh(6)
  return core.scatter({x.shape[1], C, output[1], output[2]}, "sum", {n, c, a, b, i, j}, {n, c,
    i * g.s[1] + a * g.d[1] - g.p[1], j * g.s[2] + b * g.d[2] - g.p[2]}, split(n, c, a, b, i, j),
    {table.unpack(shape)}, true)
end

return M

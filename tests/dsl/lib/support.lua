-- support.lua: comparing what the interpreter computes with numbers and with finite differences
local cr = require "crescent"
local M = {}

---Numbers 1.. of a fixed, unremarkable sequence in (-1, 1).
function M.numbers(n, seed)
  local out, s = {}, seed or 1
  for k = 1, n do
    s = (s * 1103515245 + 12345) % 2147483648
    out[k] = s / 1073741824 - 1
  end
  return out
end

---Fails unless two lists agree to a relative tolerance.
function M.same(got, want, tol)
  tol = tol or 1e-12
  if #got ~= #want then error(("%d numbers, not %d"):format(#got, #want), 2) end
  for k = 1, #want do
    local a, b = got[k], want[k]
    local equal = a == b or (a ~= a and b ~= b) or math.abs(a - b) <= tol * (1 + math.abs(b))
    if not equal then error(("element %d is %.17g, not %.17g"):format(k, a, b), 2) end
  end
end

---Fails unless the numbers of `want` stand in `got`, to a tolerance relative to those above 1.
function M.near(got, want, tol, what)
  for k = 1, #want do
    local g, w = got[k], want[k]
    if not (g == w or math.abs(g - w) <= (tol or 1e-12) * math.max(1, math.abs(w))) then
      error(("%s[%d] is %.17g, not %.17g"):format(what or "value", k, g, w), 2)
    end
  end
end

function M.shape(x, text)
  local parts = {}
  for k, v in ipairs(x.shape) do parts[k] = tostring(v) end
  local got = table.concat(parts, " ")
  if got ~= text then error(("shape %s, not %s"):format(got, text), 2) end
end

---Compares cr.grad(loss, x) with central differences; `bind` is the list of bindings that value takes.
function M.gradient(loss, x, bind, sizes, tol)
  local got = value(cr.grad(loss, x), bind, sizes)
  local at
  for k, b in ipairs(bind) do if b[1] == x then at = k end end
  local h, want = 1e-6, {}
  for e = 1, #bind[at][2] do
    local list = bind[at][2]
    local keep = list[e]
    list[e] = keep + h
    local up = value(loss, bind, sizes)[1]
    list[e] = keep - h
    local down = value(loss, bind, sizes)[1]
    list[e] = keep
    want[e] = (up - down) / (2 * h)
  end
  M.same(got, want, tol or 1e-6)
end

return M

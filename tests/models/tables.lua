-- Three tables that are scored together: the update of each reads the others, one is left to run
-- first, straight from what it reads. With own = 1 it reads itself, and may not.
local cr = require "crescent"
local n, k, d = cr.index "n k d"
local a, b = cr.input("a", { 8 }, { dtype = "i32" }), cr.input("b", { 8 }, { dtype = "i32" })
local c = cr.input("c", { 8, 3 }, { dtype = "i32" })

local function entry(name, own)
  local function table_of(letter, rows)
    return cr.param(letter .. name, { rows, 5 }, { init = cr.init.normal() })
  end
  local U, V, W = table_of("U", 20), table_of("V", 30), table_of("W", 25)
  local s = cr.tensor({ n, k }, cr.sum(d, U(a(n), d) * V(b(n), d) * W(c(n, k), d)))
  local loss = cr.sum(cr.softplus(s))
  if own then loss = loss + cr.sum(cr.tensor({ n, k }, cr.sum(d, W(c(n, k), d) * W(c(n, 0), d)) ^ 2)) end
  return cr.train { inputs = { a, b, c }, loss = loss, optimizer = cr.optim.sgd { lr = 0.1 } }
end

return cr.program("tables", { others = entry("1", false), own = entry("2", true) })

-- every function of cr with random arguments: an answer, or an error of its own (see calls.sh)
local cr = require "crescent"
local seed, count = cr.option("seed", 1), cr.option("count", 3000)
math.randomseed(seed)
local N = cr.dim("N", 4)
local i, j = cr.index "i j"
local x, y = cr.input("x", {N, 3}), cr.input("y", {3})
local a, ids = cr.input("a", {2, 3, 4}), cr.input("ids", {3}, {dtype = "i32"})
local s, z, yes = cr.input("s", {}), cr.input("z", {0, 3}), cr.input("yes", {3}, {dtype = "bool"})
local square = cr.input("square", {3, 3})
local inputs = {x, y, a, ids, s, z, yes, square}
local pool = {x, y, a, ids, s, z, yes, square, i, j, N, x(i, j), cr.eye(3)}
local function tensor() return pool[math.random(#pool)] end
local plain = {0, 1, -1, 2, 3, 1.5, 0 / 0, 1 / 0, 2^53,
  math.maxinteger, math.mininteger, -0.0, 1e300, true, false, "",
  "x", "sum", "f32", "i32", "bool", "mean", "zero", "same", "a\0b", ("n"):rep(300), "ij,jk->ik", {}, {3}, {3, 3}, {-1},
  {1, 0}, {N}, {N, 3}, {2.5}, {"a"}, {{1, 2}, {3}}, {keepdim = true}, {axis = 1}, {lr = 0.1}, {dtype = "f32"},
  {size = 3}, {[0] = 1}, {max = 3}, {max = -1},
  {tol = 0}, print, function(v) return v end, function() end, function(v) return v * 2, v end,
  function() error "mine" end, function() return "text" end, coroutine.create(function() end), setmetatable({}, {__index = function(_, k) return k == 1 and 1 or nil end})}
local function value(depth)
  local what = math.random(10)
  if what <= 5 then return tensor() end
  if what == 6 and depth < 2 then return {value(depth + 1), value(depth + 1)} end
  if what == 7 then return nil end
  return plain[math.random(#plain)]
end
local functions, names = {}, {}
local function collect(t, prefix, depth)
  for name, f in pairs(t) do
    if type(f) == "function" then
      functions[#functions + 1] = f
      names[#names + 1] = prefix .. name
    elseif type(f) == "table" and depth < 2 then
      collect(f, prefix .. name .. ".", depth + 1)
    end
  end
end
collect(cr, "", 0)
for name, f in pairs{add = function(p, q) return p + q end, call = function(p, ...) return p(...) end,
                     method = function(p, m, ...) return p[m](p, ...) end, len = function(p) return #p end,
                     field = function(p, q) return p[q] end, concat = function(p, q) return p .. q end,
                     less = function(p, q) return p < q end, pow = function(p, q) return p ^ q end,
                     mod = function(p, q) return p % q end, text = function(p) return tostring(p) end} do
  functions[#functions + 1], names[#names + 1] = f, "(" .. name .. ")"
end
local methods = {"sum", "reshape", "mean", "transpose", "T", "select", "shape", "dtype", "max"}
local good, odd = 0, {}
for n = 1, count do
  local at = math.random(#functions)
  local args, m = {}, math.random(0, 6)
  for k = 1, m do args[k] = value(0) end
  if math.random(3) == 1 then args[1] = tensor() end
  if names[at] == "(method)" then args[2] = methods[math.random(#methods)] end
  if cr.option("show", 0) == 1 then print(n, names[at], table.unpack(args, 1, m)) end
  local ok, got = pcall(functions[at], table.unpack(args, 1, m))
  if ok then
    good = good + 1
    if type(got) == "userdata" and #pool < 300 then pool[#pool + 1] = got end
    if type(got) == "userdata" and #pool >= 300 then pool[14 + math.random(280)] = got end
  elseif type(got) ~= "string" then
    print(names[at], "raised what is no text: " .. type(got))
  elseif got:find("^dsl/") or got:find("attempt to") and names[at]:sub(1, 1) ~= "(" or got:find("stack overflow") then
    local key = got:match("^dsl/[^ ]*") or got
    if not odd[key] then
      odd[key] = true
      print(names[at] .. ": " .. got:sub(1, 160))
    end
  end
end
print(good .. " of " .. count .. " calls gave something")
local out = {}
for k = 1, 6 do
  local t = pool[math.random(14, #pool)]
  local ok, e = pcall(function() return cr.entry{inputs = inputs, outputs = {["o" .. k] = t}} end)
  if ok then out["e" .. k] = e end
end
return cr.program("calls", out)

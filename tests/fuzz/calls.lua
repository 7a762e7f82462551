-- calls.lua: random calls of the library, from the numbers that fuzz_text.c gives as an option
--
-- A pool of values grows by what calls return; a call that is refused must say so in a text. At the
-- end a program is made of what there is.
local cr = require "crescent"
local numbers = cr.option("numbers", "00")
local at = 0
local function draw(n)
  at = at % (#numbers // 2) + 1
  return tonumber(numbers:sub(2 * at - 1, 2 * at), 16) % n + 1
end

local names, known = {}, {}
for name, f in pairs(cr) do
  if type(f) == "function" then names[#names + 1] = name known[name] = f end
  if type(f) == "table" and name ~= "op" then
    for inner, g in pairs(f) do
      if type(g) == "function" and type(inner) == "string" then
        names[#names + 1] = name .. "." .. inner
        known[names[#names]] = g
      end
    end
  end
end
table.sort(names)

local N = cr.dim "N"
local x = cr.input("x", {N, 3})
local pool = {x, cr.param("w", {3, 3}, {init = 0.5}), cr.const{1, 2, 3}, cr.const{{1, 2}, {3, 4}}, cr.zeros{0, 2},
  cr.input("n", {N}, {dtype = "i32"}), cr.input("d", {}, {dtype = "f64"}), 0, 1, 2, -1, 0.5, 1e300, "mean", "", true,
  {}, {2, 3}, {3, 3}, {N}, {axis = 0}, {keepdim = true}, cr.index "i", function(a) return a end, function(a, b) return a, b end}
for _ = 1, draw(12) do
  local f, args = known[names[(draw(256) * 256 + draw(256)) % #names + 1]], {}
  for k = 1, draw(4) do args[k] = pool[draw(#pool)] end
  local results = table.pack(pcall(f, table.unpack(args)))
  if not results[1] and type(results[2]) ~= "string" then error("a failure without a text: " .. tostring(results[2])) end
  for k = 2, results[1] and results.n or 1 do
    if results[k] ~= nil then table.insert(pool, 1 + draw(#pool) % #pool, results[k]) end
  end
end
local outputs = {}
for k, v in ipairs(pool) do
  if type(v) == "userdata" and k % 3 == draw(3) - 1 then outputs["y" .. k] = v end
end
local made, program = pcall(function()
  return cr.program("fuzz", {run = cr.entry{inputs = {x, pool[6], pool[7]}, outputs = outputs}})
end)
if made then return program end
error(program, 0)

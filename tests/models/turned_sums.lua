-- products in blocks with an epilogue, stored across: their tiles are turned, whole ones and what is left
local cr = require "crescent"
local e = {}
for _, size in ipairs{{17, 33, 300, "f32"}, {129, 67, 64, "f32"}, {67, 50, 260, "f64"}} do
  local M, N, K = table.unpack(size)
  for t = 0, 3 do
    local F, name = {dtype = size[4]}, M .. "_" .. t
    local a, b = cr.input("a" .. name, t % 2 == 0 and {M, K} or {K, M}, F), cr.input("b" .. name, t < 2 and {K, N} or {N, K}, F)
    local c, d = cr.input("c" .. name, {N, M}, F), cr.input("d" .. name, {N, M}, F)
    local p = cr.matmul(t % 2 == 0 and a or cr.transpose(a, 0, 1), t < 2 and b or cr.transpose(b, 0, 1))
    local y = cr.tanh(cr.transpose(p, 0, 1) + c) * d
    e["product_" .. name] = cr.entry{inputs = {a, b, c, d}, outputs = {["y" .. name] = y, ["scaled" .. name] = 2 * cr.transpose(p, 0, 1)}}
  end
end
return cr.program("turned_sums", e)

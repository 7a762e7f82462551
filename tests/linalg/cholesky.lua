-- Cholesky factors of more rows than a block has, and derivatives of their derivatives.
local cr = require "crescent"
local F = {dtype = "f64"}
local function entry(n)
  local B, W = cr.input("B" .. n, {n, n}, F), cr.input("W" .. n, {n, 3}, F)
  local L = cr.linalg.cholesky(cr.matmul(B, B.T) + n * cr.cast(cr.eye(n), "f64"))
  local y = cr.sum(cr.linalg.solve_triangular(L, W) ^ 2) + cr.sum(L ^ 3) / n
  local g = cr.grad(y, {B, W})
  return cr.entry{inputs = {B, W}, outputs = {y = y, gB = g[1], gW = g[2]}}
end
return cr.program("cholesky", {block = entry(33), blocks = entry(70)})

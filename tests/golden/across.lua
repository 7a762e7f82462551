-- a copy across the order of memory is turned in registers, in blocks of 64
local cr = require "crescent"
local N = cr.dim("N", 1000)
local a, b = cr.input("a", {N, 300}), cr.input("b", {8, 40, 16})
local few = cr.input("few", {2000, 256}) -- blocks: they are not cut further
return cr.program("across", {run = cr.entry{inputs = {a, b, few}, outputs = {
  a10 = cr.transpose(a), b021 = cr.permute(b, {0, 2, 1}), few10 = cr.transpose(few)}}})

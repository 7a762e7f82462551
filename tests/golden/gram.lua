-- long rows that are whole pages apart would share few places of a cache: both operands are copied
local cr = require "crescent"
local f = cr.input("f", { 48, 2048 })
return cr.program("gram", {
  run = cr.entry { inputs = { f }, outputs = { g = cr.matmul(f, cr.transpose(f)) } },
})

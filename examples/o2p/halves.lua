-- halves.lua: a grey photograph as its left half, to train on, and its right half, to test on
local cr = require "crescent"
local H, W = cr.dim "H", cr.dim "W"
local image = cr.input("image", { H, W })
local i, j = cr.index "i j"
local right = cr.clamp_to_edge(image)
return cr.program("halves", {
  cut = cr.entry { inputs = { image }, outputs = {
    left = cr.tensor({ i, j }, right(i, j), { H, W // 2 }),
    right = cr.tensor({ i, j }, right(i, j + W // 2), { H, W // 2 }) } },
})

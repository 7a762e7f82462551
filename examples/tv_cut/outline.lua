-- outline.lua: the photograph of coins in two halves, to learn from and to be tested on, with the truth
--
--   crescent run outline.lua run halves --in photo=coins.png --out learn=.. --out learn_truth=.. ..
--
-- The truth is 1 inside ellipses drawn by hand around the 24 coins, each {x, y, half width, half height}.
local cr = require "crescent"

local coins = cr.const({
  {44, 54, 22, 19}, {101, 56, 19, 18}, {155, 50, 23, 23}, {216, 51, 24, 21}, {276, 52, 20, 20},
  {335, 44, 29.5, 28}, {45.5, 124, 20.5, 21}, {102.5, 125.5, 19, 18.5}, {154, 127, 19, 17},
  {205.5, 124.5, 20, 19.5}, {271, 119, 25, 25}, {337, 124, 19, 19}, {43.5, 197, 18.5, 19.5},
  {102, 196, 21.5, 21}, {154, 197, 19, 18}, {212, 192, 24, 23.5}, {273.5, 195, 22, 21.5},
  {347.5, 187, 31.5, 30.5}, {46.5, 261, 27.5, 28}, {113.5, 266, 21.5, 21}, {172.5, 261.5, 28, 26},
  {244.5, 263, 24, 24}, {301, 263.5, 26, 24}, {358, 267.5, 22.5, 22.5},
}, "f32")
local H, W, middle = 303, 384, 152 -- rows from the middle on are held out

local photo = cr.input("photo", {H, W})
local i, j, c = cr.index "i j c"
local function part(pixel, axis, size)
  return ((cr.cast(pixel, "f32") - coins(c, axis)) / coins(c, size)) ^ 2
end
local truth = cr.tensor({i, j}, cr.cast(cr.any(c, cr.le(part(j, 0, 2) + part(i, 1, 3), 1)), "f32"), {H, W})

local noisy = photo + cr.random.normal({H, W}) * cr.option("noise", 60.0)
local function half(x, from, to) return cr.reshape(cr.slice(x, 0, from, to), {1, to - from, W}) end
return cr.program("outline", {
  halves = cr.entry{ inputs = {photo}, outputs = {
    learn = half(noisy, 0, middle), learn_truth = half(truth, 0, middle),
    test = half(noisy, middle, H), test_truth = half(truth, middle, H) } },
})

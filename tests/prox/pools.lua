-- pools.lua: pooling by sorting and by quantiles, weights shared and for each channel
local cr = require "crescent"
local N, H = cr.dim("N", 2), cr.dim("H", 5)
local x, w, each = cr.input("x", {N, 2, H, 6}), cr.input("w", {4}), cr.input("each", {2, 4})
local rows = cr.input("rows", {3, 4})
return cr.program("pools", {
  pools = cr.entry{ inputs = {x, w, each, rows}, outputs = {
    sort = cr.sum(cr.sort_pool2d(x, w, 2)^2), each = cr.sum(cr.sort_pool2d(x, each, 2, 1)^2),
    up = cr.sum(cr.sort_pool2d(x, each, {1, 4}, {descending = false, stride = {2, 1}})^2),
    quantile = cr.sum(cr.quantile_pool2d(x, 0.3, {2, 3})^2),
    row = cr.sum(cr.sort_pool(rows, w)^2), column = cr.sum(cr.sort_pool(cr.transpose(rows), w, 0)^2),
    median = cr.sum(cr.quantile_pool2d(x, 0.5, 3, 2, {interpolation = "lower"})^2) } },
})

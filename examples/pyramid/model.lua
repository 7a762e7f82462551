-- multiresolution spline (Burt and Adelson 1983): two photographs blended band by band
--
--   G_0 = x, G_(i+1) = Sub(Blur(G_i));  L_i = G_i - Up(G_(i+1)), the last L is G;
--   blended L = L^1 G^M + L^2 (1 - G^M) with the Gaussian pyramid of the mask M;  x = L_0 + Up(L_1 + Up(..))
--
-- Photographs are {H, W, 3}, of any size (at least 2^levels); the mask is 255 where the first is wanted.
local cr = require "crescent"

local levels = cr.option("levels", 6)
local H, W = cr.dim("H", 256), cr.dim("W", 256)
local first, second = cr.input("first", { H, W, 3 }), cr.input("second", { H, W, 3 })
local mask = cr.input("mask", { H, W })
local i, j, c, a = cr.index "i j c a"
local kernel = cr.const { 1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16 }

-- Blurs with the binomial kernel, the edges continued, and keeps every second pixel.
local function down(x)
  local h, w, n = (x.shape[1] + 1) // 2, x.shape[2], x.shape[3]
  local rows = cr.tensor({ i, j, c }, cr.sum(a, kernel(a) * cr.clamp_to_edge(x)(2 * i + a - 2, j, c)), { h, w, n })
  return cr.tensor({ i, j, c }, cr.sum(a, kernel(a) * cr.clamp_to_edge(rows)(i, 2 * j + a - 2, c)),
    { h, (w + 1) // 2, n })
end

-- The same kernel between the pixels: x at h rows and w columns, about twice as many.
local function up(x, h, w)
  local n = x.shape[3]
  local function double(read, k) -- even places see three neighbours, odd ones two
    return cr.where(cr.eq(k % 2, 0), (read(k // 2 - 1) + 6 * read(k // 2) + read(k // 2 + 1)) / 8,
      (read(k // 2) + read(k // 2 + 1)) / 2)
  end
  local rows = cr.tensor({ i, j, c }, double(function(k) return cr.clamp_to_edge(x)(k, j, c) end, i),
    { h, x.shape[2], n })
  return cr.tensor({ i, j, c }, double(function(k) return cr.clamp_to_edge(rows)(i, k, c) end, j), { h, w, n })
end

local function gaussian(x)
  local list = { x }
  for k = 2, levels do list[k] = down(list[k - 1]) end
  return list
end

local function laplacian(list)
  local bands = { [levels] = list[levels] }
  for k = 1, levels - 1 do bands[k] = list[k] - up(list[k + 1], list[k].shape[1], list[k].shape[2]) end
  return bands
end

local function collapse(bands)
  local x = bands[levels]
  for k = levels - 1, 1, -1 do x = bands[k] + up(x, bands[k].shape[1], bands[k].shape[2]) end
  return x
end

-- The levels beside one another at their own sizes, {H, 2 W, 3}, the rest grey.
local function sheet(list, shift)
  local left, out = 0, cr.full({ H, 2 * W, 3 }, 128.0)
  for k = 1, levels do
    local x, from = list[k], left
    local h, w = x.shape[1], x.shape[2]
    local inside = cr.logical_and(cr.lt(i, h), cr.logical_and(cr.ge(j, from), cr.lt(j, from + w)))
    local show = k < levels and shift or 0
    out = cr.tensor({ i, j, c },
      cr.where(inside, cr.zero_outside(x)(i, j - from, c) + show, out(i, j, c)), { H, 2 * W, 3 })
    left = left + w
  end
  return out
end

local weight = gaussian(cr.reshape(mask / 255, { H, W, 1 }))
local g1, g2 = gaussian(first), gaussian(second)
local one, two, mixed = laplacian(g1), laplacian(g2), {}
for k = 1, levels do mixed[k] = one[k] * weight[k] + two[k] * (1 - weight[k]) end
local again = collapse(one)

-- Masks to start from: the left half, and a disk.
local row, column, radius = cr.input("row", {}), cr.input("column", {}), cr.input("radius", {})
local half = cr.tensor({ i, j }, cr.where(cr.lt(2 * j, W), 255.0, 0.0), { H, W })
local disk = cr.tensor({ i, j },
  cr.where(cr.lt((i - row) ^ 2 + (j - column) ^ 2, radius * radius), 255.0, 0.0), { H, W })

return cr.program("pyramid", {
  blend = cr.entry { inputs = { first, second, mask }, outputs = { picture = collapse(mixed) } },
  paste = cr.entry { inputs = { first, second, mask },
    outputs = { picture = first * weight[1] + second * (1 - weight[1]) } },
  levels = cr.entry { inputs = { first }, outputs = { gaussian = sheet(g1, 0), laplacian = sheet(one, 128) } },
  again = cr.entry { inputs = { first }, outputs = { picture = again, error = cr.max(cr.abs(again - first)) } },
  half = cr.entry { inputs = {}, outputs = { mask = half } },
  disk = cr.entry { inputs = { row, column, radius }, outputs = { mask = disk } },
})

-- gaussian_mrf: colours from a few coloured pixels, by a Gaussian Markov random field that is learned
--
--   x = argmin_x  lambda sum_i m_i (x_i - c_i)^2 + sum_ij w(Y_i - Y_j) (x_i - x_j)^2
--   (lambda M + L_w) x = lambda M c                  over neighbouring pixels i, j
--
-- Y is the grey photograph, m marks the pixels whose colour c is given, and w, a sum of bumps of the
-- difference of grey values, and lambda are learned (Levin, Lischinski and Weiss 2004; Chandra and
-- Kokkinos, ECCV 2016). The system is solved without its matrix, by conjugate gradients;
-- its derivative is a second solve:  b_bar = A^-1 x_bar,  w_bar = -d(A x)/dw' b_bar.
local cr = require "crescent"

local share = cr.option("share", 0.02)  -- of the pixels have a colour
local steps = cr.option("steps", 400)   -- length of the training
local N, H, W = cr.dim "N", cr.dim "H", cr.dim "W"
local n, c, i, j, k = cr.index "n c i j k"

-- bumps of w, in grey values; at first neighbours are alike whatever their grey values
local bumps = 4
local width = cr.const({ 2.0, 6.0, 20.0, 1000.0 })
local height = cr.param("height", { bumps }, { init = cr.const({ -4.0, -4.0, -4.0, 0.0 }) })
local fidelity = cr.param("fidelity", {}, { init = cr.init.zeros() })

local function affinity(d)
  return cr.sum(k, cr.exp(height(k) - (d / width(k)) ^ 2))
end

-- Solves for x {N, 2, H, W} from grey {N, H, W}, colours {N, 2, H, W} and the mask {N, H, W}.
local function spread(grey, colour, mask)
  local down = cr.tensor({ n, i, j }, affinity(grey(n, i + 1, j) - grey(n, i, j)), { N, H - 1, W })
  local right = cr.tensor({ n, i, j }, affinity(grey(n, i, j + 1) - grey(n, i, j)), { N, H, W - 1 })
  local held = cr.exp(fidelity) * mask
  local d, r = cr.zero_outside(down), cr.zero_outside(right)
  local function A(x)
    local at = cr.clamp_to_edge(x)
    local here = x(n, c, i, j)
    return cr.tensor({ n, c, i, j }, held(n, i, j) * here
      + d(n, i, j) * (here - at(n, c, i + 1, j)) + d(n, i - 1, j) * (here - at(n, c, i - 1, j))
      + r(n, i, j) * (here - at(n, c, i, j + 1)) + r(n, i, j - 1) * (here - at(n, c, i, j - 1)))
  end
  local diagonal = cr.tensor({ n, i, j }, held(n, i, j) + d(n, i, j) + d(n, i - 1, j) + r(n, i, j)
    + r(n, i, j - 1), { N, H, W })
  local b = cr.tensor({ n, c, i, j }, held(n, i, j) * colour(n, c, i, j))
  return cr.linalg.cg(A, b, { batch = 2, tol = 1e-5, max = 3000, preconditioner = function(x)
    return cr.tensor({ n, c, i, j }, x(n, c, i, j) / diagonal(n, i, j))
  end })
end

-- A photograph {N, 3, H, W} as grey values and two differences of colour, and back.
local function apart(rgb)
  local Y = cr.tensor({ n, i, j }, 0.299 * rgb(n, 0, i, j) + 0.587 * rgb(n, 1, i, j)
    + 0.114 * rgb(n, 2, i, j))
  return Y, cr.tensor({ n, c, i, j }, rgb(n, 2 * c, i, j) - Y(n, i, j), { N, 2, H, W })
end

local function psnr(a, b) return 10 * cr.log(255 * 255 / cr.mean((a - b) ^ 2)) / math.log(10) end

-- Training: crops of photographs, other pixels coloured every step.
local photo = cr.input("photo", { N, 3, H, W })
local grey, colour = apart(photo)
local mask = cr.cast(cr.lt(cr.random.uniform({ N, H, W }), share), "f32")
local loss = cr.mean((spread(grey, colour, mask) - colour) ^ 2)

-- One photograph {H, W, 3}: what is given, what becomes of it, and how good that is.
local image = cr.input("image", { H, W, 3 })
local function colourise(field)
  local Y, C = apart(cr.tensor({ n, c, i, j }, image(i, j, c), { N, 3, H, W }))
  local chosen = cr.cast(cr.lt(cr.random.uniform({ N, H, W }), share), "f32")
  local x = field(Y, C, chosen)
  local function rgb(y, u)
    local red, blue = y(0, i, j) + u(0, 0, i, j), y(0, i, j) + u(0, 1, i, j)
    local green = (y(0, i, j) - 0.299 * red - 0.114 * blue) / 0.587
    return cr.clamp(cr.tensor({ i, j, c }, cr.where(cr.eq(c, 0), red, cr.where(cr.eq(c, 1), green,
      blue)), { H, W, 3 }), 0, 255)
  end
  return rgb(Y, x), rgb(Y, C * chosen:unsqueeze(1))
end
local result, given = colourise(spread)

return cr.program("gaussian_mrf", {
  colourise = cr.entry { inputs = { image }, outputs = {
    given = given, result = result, side_by_side = cr.cat({ given, result, image }, 1),
    before = psnr(given, image), after = psnr(result, image) } },
  train = cr.train { inputs = { photo }, loss = loss,
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = 0.1, steps = steps } } },
})

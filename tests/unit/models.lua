--[[
models.lua: random models from a seed, as text; shrink.lua makes a failing one small

    local v3 = cr.tanh(cr.matmul(x1, v2))     a statement: its shape and dtype are known here

Runs in plain Lua (test_models.c), since model scripts themselves may not write files. Shapes are linear
forms a N + b M + c of two run-time sizes. What may grow is squashed, so that values stay finite.
]]
local M = {}

local int, chance -- of the present seed
local function seed(s)
  math.randomseed(s, 77)
  int = math.random
  chance = function(percent) return int(100) <= percent end
end
local function one_of(list) return list[int(#list)] end

-- Extents

local function dim(c, n, m) return {c = c, n = n or 0, m = m or 0} end
local function fixed(d) return d.n == 0 and d.m == 0 end
local function same(a, b) return a.c == b.c and a.n == b.n and a.m == b.m end
local function add(a, b) return dim(a.c + b.c, a.n + b.n, a.m + b.m) end
local function times(a, k) return dim(a.c * k, a.n * k, a.m * k) end
local function show(d)
  local t = {}
  if d.n ~= 0 then t[#t + 1] = d.n == 1 and "N" or d.n .. " * N" end
  if d.m ~= 0 then t[#t + 1] = d.m == 1 and "M" or d.m .. " * M" end
  if d.c ~= 0 or #t == 0 then t[#t + 1] = tostring(d.c) end
  return table.concat(t, " + ")
end
local function shape(dims)
  local t = {}
  for k, d in ipairs(dims) do t[k] = show(d) end
  return "{" .. table.concat(t, ", ") .. "}"
end
local function equal(a, b)
  if #a ~= #b then return false end
  for k = 1, #a do
    if not same(a[k], b[k]) then return false end
  end
  return true
end
local function copy(list) return table.move(list, 1, #list, 1, {}) end
local function without(list, k)
  local t = copy(list)
  table.remove(t, k)
  return t
end
local function with(list, k, v)
  local t = copy(list)
  t[k] = v
  return t
end
-- at least 1 whatever N and M are, and not much
local function some(d) return d.c + 4 * d.n + 4 * d.m <= 40 end
local function random_dim(g) return one_of(g.extents) end

-- Values that exist: {name, dims, type = "real" | "int" | "bool", deps = {name = true}}

local function pick(g, test)
  local from = int(#g.vals)
  for k = 0, #g.vals - 1 do -- later ones are likelier
    local v = g.vals[(#g.vals - 1 - k * (chance(60) and 1 or 0) + (chance(50) and 0 or from)) % #g.vals + 1]
    if test(v) then return v end
  end
  for k = 1, #g.vals do
    if test(g.vals[k]) then return g.vals[k] end
  end
end
local function real(v) return v.type == "real" end
local function real_of(least, most)
  return function(v) return v.type == "real" and #v.dims >= least and #v.dims <= (most or 9) end
end
local function square(v)
  local r = #v.dims
  return real(v) and r >= 2 and same(v.dims[r], v.dims[r - 1]) and some(v.dims[r])
end

local counter
local function fresh(letter)
  counter = counter + 1
  return letter .. counter
end

local new_value

-- Index notation

local unary = {"cr.tanh(%s)", "cr.sin(%s)", "cr.sigmoid(%s)", "cr.abs(%s)", "- %s", "cr.cos(%s)", "cr.atan(%s)",
               "cr.erf(%s)", "cr.expm1(-cr.abs(%s))", "cr.softplus(%s)", "cr.exp(-cr.square(%s))",
               "cr.sqrt(1 + cr.square(%s))", "cr.log1p(cr.square(%s))", "cr.relu(%s)", "(1 - %s)",
               "cr.rsqrt(2 + cr.abs(%s))", "cr.log(1.5 + cr.sin(%s))", "%s ^ 2", "cr.maximum(%s, 0.25)",
               "cr.clamp(%s, -0.6, 0.7)", "cr.atan2(%s, 0.5)", "cr.lgamma(1.5 + cr.square(%s))",
               "cr.silu(%s)", "cr.gelu(%s)", "cr.asin(0.9 * cr.tanh(%s))", "cr.leaky_relu(%s, 0.1)"}
local binary = {"%s + %s", "%s - %s", "%s * %s", "%s * %s", "cr.maximum(%s, %s)", "cr.minimum(%s, %s)",
                "%s / (1.5 + cr.sin(%s))", "cr.atan2(%s, 2 + cr.cos(%s))", "cr.hypot(%s, 0.1 + cr.abs(%s))",
                "cr.where(cr.lt(%s, 0.1), %s, 0.3)", "cr.logaddexp(%s, %s)"}
local rules = {"cr.zero_outside", "cr.clamp_to_edge", "cr.mirror", "cr.reflect", "cr.wrap"}

local function index(g, axes)
  local a = #axes > 0 and one_of(axes).name or tostring(int(3) - 1)
  local b = #axes > 0 and one_of(axes).name or "1"
  local c = int(7) - 4
  local ids = pick(g, function(v) return v.type == "int" and #v.dims == 1 end)
  local what = int(9)
  if what == 1 then return ("%s + %d"):format(a, c) end
  if what == 2 then return ("%s + %s - %d"):format(a, b, c + 3) end
  if what == 3 then return ("%d - %s"):format(c, a) end
  if what == 4 then return ("2 * %s + %d"):format(a, c) end
  if what == 5 then return #axes > 0 and a .. " // 2" or a end
  if what == 6 and ids then return ("cr.wrap(%s)(%s)"):format(ids.name, a) end
  if what == 7 then return ("3 * %s - %s"):format(a, b) end
  return a
end

local function read(g, axes)
  local v = pick(g, real)
  local at, plain = {}, true
  for k, d in ipairs(v.dims) do
    local fits = {}
    for _, a in ipairs(axes) do
      if same(a.dim, d) then fits[#fits + 1] = a.name end
    end
    if #fits > 0 and chance(80) then
      at[k] = one_of(fits)
    else
      at[k], plain = index(g, axes), false
    end
  end
  if #at == 0 then return v.name end
  return (plain and v.name or ("%s(%s)"):format(one_of(rules), v.name)) .. "(" .. table.concat(at, ", ") .. ")"
end

local function scalar(g, axes, depth)
  if depth == 0 or chance(15) then
    if chance(10) then return tostring((int(9) - 5) * 0.375 + 0.1) end
    return read(g, axes)
  end
  local x = scalar(g, axes, depth - 1)
  if chance(35) then return "(" .. one_of(unary):format(x) .. ")" end
  local y = scalar(g, axes, depth - 1)
  if chance(12) and #axes > 0 then
    return ("cr.where(cr.%s(%s, %d), %s, %s)"):format(one_of{"lt", "ge", "eq"}, one_of(axes).name, int(4) - 1, x, y)
  end
  return "(" .. one_of(binary):format(x, y) .. ")"
end

local function new_axes(list)
  local axes, names, made = {}, {}, {}
  for k, d in ipairs(list) do
    axes[k] = {name = fresh("i"), dim = d}
    names[k], made[k] = axes[k].name, ("cr.index{%s = %s}"):format(axes[k].name, show(d))
  end
  return axes, names, #list > 0 and ("local %s = %s "):format(table.concat(names, ", "), table.concat(made, ", ")) or ""
end

local function random_shape(g, least, most)
  local dims = {}
  for k = 1, least + int(0, most - least) do dims[k] = random_dim(g) end
  return dims
end

-- a tensor of shape out: a map, or a reduction over one or two more axes
local function comp(g, out)
  out = out or random_shape(g, 0, 3)
  local reduced = chance(55) and random_shape(g, 1, 2) or {}
  local all = copy(out)
  for _, d in ipairs(reduced) do all[#all + 1] = d end
  local axes, names, made = new_axes(all)
  local body = scalar(g, axes, #reduced > 0 and 2 or 3)
  if #reduced > 0 and chance(40) then body = read(g, axes) .. " * " .. read(g, axes) end
  local over = table.concat(names, ", ", #out + 1)
  if #reduced > 0 then
    local how = one_of{"sum", "sum", "sum", "mean", "max", "min", "logsumexp", "prod"}
    if how == "prod" then body = ("1 + 0.1 * cr.tanh(%s)"):format(body) end
    body = ("cr.%s({%s}, %s)"):format(how, over, body)
    if how == "sum" then body = "cr.tanh(" .. body .. ")" end
  end
  local text = ("(function() %sreturn cr.tensor({%s}, %s, %s) end)()"):format(made,
    table.concat(names, ", ", 1, #out), body, shape(out))
  return text, out
end

local function scatter(g)
  local out, domain = random_shape(g, 1, 2), random_shape(g, 1, 3)
  local axes, names, made = new_axes(domain)
  local at = {}
  for k, d in ipairs(out) do
    -- inside the result, whatever the sizes: a remainder, or an index whose axis has that extent
    local fits
    for _, a in ipairs(axes) do
      if same(a.dim, d) then fits = a.name end
    end
    at[k] = fits and chance(60) and fits or ("(%s) %% (%s)"):format(index({vals = {}}, axes), show(d))
    if #g.vals == 0 then break end
  end
  local how = one_of{"sum", "sum", "max", "min"}
  local text = ("cr.scatter(%s, %q, {%s}, {%s}, %s)"):format(shape(out), how, table.concat(names, ", "),
    table.concat(at, ", "), scalar(g, axes, 2))
  if how ~= "sum" then text = ("cr.clamp(%s, -2.5, 2.5)"):format(text) end -- some are infinite
  return ("(function() %sreturn cr.tanh(%s) end)()"):format(made, text), out
end

-- The library: each maker returns text, shape, type

local library = {}
local function maker(weight, f)
  for _ = 1, weight do library[#library + 1] = f end
end

maker(30, comp)
maker(8, scatter)
maker(6, function(g)
  local v = pick(g, real)
  return one_of(unary):format(v.name), v.dims
end)
maker(8, function(g) -- broadcasting
  local a, b = pick(g, real), pick(g, real)
  if #a.dims < #b.dims then a, b = b, a end
  for k = 0, #b.dims - 1 do
    local x, y = a.dims[#a.dims - k], b.dims[#b.dims - k]
    if not same(x, y) and not (fixed(y) and y.c == 1) then return end
  end
  if chance(50) then return one_of(binary):format(a.name, b.name), a.dims end
  return one_of(binary):format(b.name, a.name), a.dims
end)
maker(4, function(g) -- an outer product by broadcasting
  local a, b = pick(g, real_of(1, 2)), pick(g, real_of(1, 1))
  local out = copy(a.dims)
  out[#out + 1] = b.dims[1]
  return ("cr.unsqueeze(%s, -1) %s %s"):format(a.name, one_of{"*", "+", "-"}, b.name), out
end)
maker(6, function(g)
  local a = pick(g, real_of(2, 3))
  if not a then return end
  local last = a.dims[#a.dims]
  local b = pick(g, function(v) return real(v) and #v.dims == 2 and same(v.dims[1], last) end)
  if not b then return ("cr.tanh(cr.matmul(%s, cr.transpose(%s, -1, -2)))"):format(a.name, a.name),
                       with(a.dims, #a.dims, a.dims[#a.dims - 1]) end
  return ("cr.tanh(cr.matmul(%s, %s))"):format(a.name, b.name), with(a.dims, #a.dims, b.dims[2])
end)
maker(3, function(g)
  local a = pick(g, real_of(2, 2))
  local b = a and pick(g, function(v) return real(v) and #v.dims == 2 and same(v.dims[2], a.dims[2]) end)
  if b then return ("cr.tanh(cr.einsum(\"ij,kj->%s\", %s, %s))"):format("ik", a.name, b.name), {a.dims[1], b.dims[1]} end
end)
maker(8, function(g) -- a reduction of axes
  local v = pick(g, real_of(1))
  local k, keep = int(#v.dims), chance(30)
  local how = one_of{"sum", "mean", "max", "min", "logsumexp", "norm", "var", "prod", "median"}
  local out = keep and with(v.dims, k, dim(1)) or without(v.dims, k)
  local name = how == "prod" and ("(1 + 0.1 * cr.tanh(%s))"):format(v.name) or v.name
  if how == "norm" then return ("cr.norm(1 + cr.abs(%s), %d, {keepdim = %s})"):format(v.name, k - 1, keep), out end
  if how == "var" then return ("cr.tanh(cr.var(%s, %d, {correction = 0, keepdim = %s}))"):format(v.name, k - 1, keep), out end
  if how == "median" then return ("cr.median(%s, %d, {keepdim = %s})"):format(v.name, k - 1, keep), out end
  return ("%scr.%s(%s, %d, %s)"):format(how == "sum" and "0.25 * " or "", how, name, k - 1, keep), out
end)
maker(6, function(g) -- along an axis, same shape
  local v = pick(g, real_of(1))
  local k, how = int(#v.dims) - 1, int(11)
  local x, d = v.name, v.dims
  if how == 1 then return ("cr.softmax(%s, %d)"):format(x, k), d end
  if how == 2 then return ("cr.log_softmax(%s, %d)"):format(x, k), d end
  if how == 3 then return ("cr.tanh(cr.cumsum(%s, %d))"):format(x, k), d end
  if how == 4 then return ("(cr.sort(%s, %d, %s))"):format(x, k, chance(50)), d end
  if how == 5 then return ("cr.flip(%s, %d)"):format(x, k), d end
  if how == 6 then return ("cr.roll(%s, %d, %d)"):format(x, int(7) - 4, k), d end
  if how == 7 then return ("cr.cumprod(1 + 0.1 * cr.sin(%s), %d)"):format(x, k), d end
  if how == 8 then return ("cr.logcumsumexp(%s, %d)"):format(x, k), d end
  if how == 9 then return ("cr.layer_norm(%s, {%s}, nil, nil, 0.1)"):format(x, show(d[#d])), d end
  if how == 10 then return ("cr.normalize(1 + cr.abs(%s), 2, %d)"):format(x, k), d end
  return ("(cr.cummax(%s, %d))"):format(x, k), d
end)
maker(10, function(g) -- of another shape
  local v = pick(g, real_of(1, 3))
  local r, how, x, d = #v.dims, int(13), v.name, v.dims
  local k = int(r)
  if how == 1 and r > 1 then return ("cr.transpose(%s, 0, %d)"):format(x, k - 1), with(with(d, 1, d[k]), k, d[1]) end
  if how == 2 then
    local w = pick(g, function(u) return real(u) and #u.dims == r and equal(with(u.dims, k, d[k]), d) end)
    return ("cr.cat({%s, %s}, %d)"):format(x, w.name, k - 1), with(d, k, add(d[k], w.dims[k]))
  end
  if how == 3 then
    local out = copy(d)
    table.insert(out, k, dim(2))
    return ("cr.stack({%s, cr.sin(%s)}, %d)"):format(x, x, k - 1), out
  end
  if how == 4 then return ("cr.slice(%s, %d, 1, %s)"):format(x, k - 1, show(add(d[k], dim(1)))),
                          with(d, k, dim(d[k].c - 1, d[k].n, d[k].m)), "real", d[k].c > 1 end
  if how == 5 then return ("cr.flatten(%s)"):format(x), (fixed(d[1]) or r == 1) and r <= 2 and
                          {r == 1 and d[1] or times(d[2], d[1].c)} or false end
  if how == 6 then
    local n = int(2, 3)
    local e = one_of{1, 2}
    if not fixed(d[k]) and e == 2 then e = 1 end
    return ("cr.repeat_interleave(%s, %d, %d)"):format(x, n, k - 1), with(d, k, times(d[k], n))
  end
  if how == 7 and r == 2 then return ("cr.%s(%s, %d)"):format(one_of{"tril", "triu"}, x, int(3) - 2), d end
  if how == 8 then
    local a, b = int(0, 3), int(0, 3)
    return ("cr.pad(%s, {%d, %d}, %q)"):format(x, a, b, one_of{"constant", "replicate", "circular", "symmetric"}),
           with(d, r, add(d[r], dim(a + b)))
  end
  if how == 9 then
    local out = copy(d)
    table.insert(out, 1, random_dim(g))
    return ("cr.expand(%s, %s)"):format(x, shape(out)), out
  end
  if how == 10 and fixed(d[k]) and d[k].c > 1 then return ("cr.select(%s, %d, %d)"):format(x, k - 1, int(0, d[k].c - 1)), without(d, k) end
  if how == 11 and r == 2 and fixed(d[2]) then
    return ("cr.reshape(%s, {%s})"):format(x, show(times(d[1], d[2].c))), {times(d[1], d[2].c)}
  end
  if how == 12 and r == 1 then return ("cr.diag(%s)"):format(x), {d[1], d[1]}, "real", some(d[1]) end
  if how == 13 then
    local ids = pick(g, function(u) return u.type == "int" and #u.dims == 1 and u.below and same(u.below, d[k]) end)
    if ids then return ("cr.index_select(%s, %d, %s)"):format(x, k - 1, ids.name), with(d, k, ids.dims[1]) end
  end
end)
maker(3, function(g) -- integers
  local v = pick(g, real_of(1, 3))
  local k = int(#v.dims)
  if chance(50) and #v.dims == 2 then
    return ("cr.argmax(%s, %d)"):format(v.name, k - 1), without(v.dims, k), "int", true, v.dims[k]
  end
  return ("cr.cast(cr.floor(3 * cr.abs(cr.tanh(%s))), \"i32\")"):format(v.name), v.dims, "int", true, dim(4)
end)
maker(2, function(g) -- bools
  local v = pick(g, real)
  local b = ("cr.%s(%s, %s)"):format(one_of{"lt", "ge"}, v.name, one_of{"0.1", "-0.2"})
  return b, v.dims, "bool"
end)
maker(3, function(g)
  local b = pick(g, function(v) return v.type == "bool" end)
  local x = b and pick(g, function(v) return real(v) and equal(v.dims, b.dims) end)
  if x then return ("cr.where(%s, %s, cr.sin(%s))"):format(b.name, x.name, x.name), x.dims end
end)
maker(2, function(g)
  local n = pick(g, function(v) return v.type == "int" end)
  if n then return ("cr.sin(cr.cast(%s, REAL))"):format(n.name), n.dims end
end)
maker(4, function(g) -- windows
  local v = pick(g, real_of(2, 3))
  if not v then return end
  local r = #v.dims
  local h, w = v.dims[r - 1], v.dims[r]
  if not (some(h) and some(w)) then return end
  local c = r == 3 and v.dims[1] or dim(1)
  local x = ("cr.reshape(%s, {1, %s, %s, %s})"):format(v.name, show(c), show(h), show(w))
  local how = int(4)
  if how == 1 and h.c + h.n + h.m >= 2 and w.c + w.n + w.m >= 2 then
    return ("cr.max_pool2d(%s, 2, 1)"):format(x), {dim(1), c, add(h, dim(-1)), add(w, dim(-1))}
  elseif how == 2 then
    return ("cr.avg_pool2d(%s, 3, 1, 1)"):format(x), {dim(1), c, h, w}
  end
  local k = pick(g, function(u) return real(u) and #u.dims == 2 and fixed(u.dims[1]) and fixed(u.dims[2]) and
                                       u.dims[1].c % 2 == 1 and u.dims[2].c % 2 == 1 end)
  if not k then return end
  local kernel = ("cr.expand(cr.reshape(%s, {1, 1, %s, %s}), {2, %s, %s, %s})"):format(k.name, show(k.dims[1]),
    show(k.dims[2]), show(c), show(k.dims[1]), show(k.dims[2]))
  return ("cr.tanh(cr.conv2d(%s, %s, {padding = \"same\", boundary = %q}))"):format(x, kernel,
    one_of{"zero", "mirror", "reflect", "clamp", "wrap"}), {dim(1), dim(2), h, w}
end)

-- Structured operations, on matrices that are far from singular

local function dominant(v) -- symmetric, positive definite
  local n = show(v.dims[#v.dims])
  return ("(cr.matmul(cr.tanh(%s), cr.transpose(cr.tanh(%s), -1, -2)) + 2 * cr.eye(%s))"):format(v.name, v.name, n)
end
maker(7, function(g)
  local v = pick(g, square)
  if not v then return end
  local r, how = #v.dims, int(11)
  local n = v.dims[r]
  local A, batch = dominant(v), without(without(v.dims, r), r - 1)
  local b = pick(g, function(u) return real(u) and #u.dims == 1 and same(u.dims[1], n) end)
  if how == 1 and b and r == 2 then return ("cr.linalg.solve(%s + 0.3 * cr.tril(cr.sin(%s)), %s)"):format(A, v.name, b.name), {n} end
  if how == 2 then return ("cr.linalg.cholesky(%s)"):format(A), v.dims end
  if how == 3 then return ("0.1 * cr.linalg.logdet(%s)"):format(A), batch end
  if how == 4 then return ("cr.linalg.inv(%s)"):format(A), v.dims end
  if how == 5 and b and r == 2 then
    return ("cr.linalg.solve_triangular(cr.tril(%s), %s)"):format(A, b.name), {n} end
  if how == 6 and r == 2 then
    return ("cr.linalg.eigvalsh(3 * cr.diag(cr.arange(%s, {dtype = REAL})) + 0.2 * %s)"):format(show(n), A), {n} end
  if how == 7 then return ("cr.tanh(cr.linalg.expm(0.3 * cr.tanh(%s)))"):format(v.name), v.dims end
  if how == 8 and b and r == 2 then return ("cr.linalg.solve_tridiagonal(cr.tanh(%s), 3 + cr.sin(%s), cr.cos(%s), %s)"):format(
    b.name, b.name, b.name, b.name), {n} end
  if how == 9 then return ("cr.linalg.slogdet(%s):select(0, 0)"):format(A), nil end
  if how == 10 and r == 2 then return ("cr.crf.log_partition(%s, cr.tanh(%s))"):format(v.name, v.name), {} end
  return ("(cr.linalg.qr(%s))"):format(A), v.dims
end)
maker(4, function(g)
  local v = pick(g, real_of(1, 2))
  if not some(v.dims[#v.dims]) then return end
  local how, r = int(5), #v.dims
  if how == 1 then return ("cr.prox.simplex(2 * %s)"):format(v.name), v.dims end
  if how == 2 then return ("(cr.prox.tv1d(%s, 0.15))"):format(v.name), v.dims end
  if how == 3 and r == 2 then return ("0.2 * cr.soft_dtw(cr.square(%s), 0.7)"):format(v.name), {} end
  if how == 4 and r == 2 and some(v.dims[1]) then
    return ("(cr.crf.marginals(%s, cr.zeros{%s, %s}))"):format(v.name, show(v.dims[2]), show(v.dims[2])), v.dims end
  return ("cr.prox.l1(%s, 0.2)"):format(v.name), v.dims
end)

-- Loops and functions: bodies are statements over formals and what is outside

local function body(g, formals, count)
  local inner = {extents = g.extents, vals = copy(g.vals), level = g.level + 1}
  for _, f in ipairs(formals) do
    for _ = 1, 3 do inner.vals[#inner.vals + 1] = f end
  end
  local lines = {}
  for _ = 1, count do
    local v = new_value(inner)
    lines[#lines + 1] = ("local %s = %s "):format(v.name, v.text)
    inner.vals[#inner.vals + 1] = v
  end
  return table.concat(lines), inner
end
local function formal(letter, dims) return {name = fresh(letter), dims = dims, type = "real", deps = {}} end

maker(6, function(g) -- scan and map
  if g.level > 1 then return end
  local xs = pick(g, real_of(1, 3))
  if not some(xs.dims[1]) then return end
  local x = formal("x", without(xs.dims, 1))
  if chance(40) then
    local lines, inner = body(g, {x}, int(2))
    local last = inner.vals[#inner.vals]
    if last.type ~= "real" then return end
    local out = copy(last.dims)
    table.insert(out, 1, xs.dims[1])
    return ("cr.map(function(%s) %sreturn %s * cr.mean(%s) end, %s)"):format(x.name, lines, last.name, x.name, xs.name), out
  end
  local first = pick(g, real_of(0, 2))
  local c = formal("c", first.dims)
  local lines, inner = body(g, {c, x}, int(2))
  local next = comp(inner, c.dims)
  local y = pick(inner, real)
  local options = {}
  if chance(30) then options[#options + 1] = "reverse = true" end
  if chance(30) then options[#options + 1] = "unroll = " .. int(3) end
  if chance(30) then options[#options + 1] = "checkpoint = " .. int(3) end
  local call = ("cr.scan(function(%s, %s) %sreturn cr.tanh(0.5 * %s + %s), %s end, %s, %s, {%s})"):format(c.name, x.name,
    lines, c.name, next, y.name, first.name, xs.name, table.concat(options, ", "))
  if chance(50) then return "(" .. call .. ")", c.dims end
  local out = copy(y.dims)
  table.insert(out, 1, xs.dims[1])
  return ("select(2, %s)"):format(call), out
end)
maker(4, function(g)
  if g.level > 1 then return end
  local v = pick(g, real_of(0, 2))
  local x = formal("x", v.dims)
  local lines, inner = body(g, {x}, int(0, 1))
  local next, how = comp(inner, x.dims), int(5)
  if how == 1 then
    return ("cr.iterate(%d, function(%s) %sreturn cr.tanh(%s + %s) end, %s)"):format(int(4), x.name, lines, x.name, next, v.name), v.dims
  elseif how == 2 then
    return ("cr.cond(cr.gt(cr.mean(%s), 0.05), function() return cr.sin(%s) end, function() local %s = %s %sreturn %s end)"):format(
      v.name, v.name, x.name, v.name, lines, next), v.dims
  elseif how == 3 then
    return ("cr.while_loop(function(z) return cr.gt(cr.sum(z * z), 0.4) end, function(%s) %sreturn 0.6 * cr.tanh(%s + 0.2 * cr.tanh(%s)) end, %s, {max = 5})"):format(
      x.name, lines, x.name, next, v.name), v.dims
  elseif how == 4 then
    return ("(cr.fixed_point(function(z) return 0.3 * cr.tanh(z + %s) + 0.1 * %s end, %s, {tol = TOL}))"):format(v.name, v.name, v.name), v.dims
  end
  local name = fresh("f")
  return ("(function() local %s = cr.func(%q, function(%s) %sreturn cr.tanh(%s + %s) end) return %s(%s(%s)) end)()"):format(name,
    name, x.name, lines, x.name, next, name, name, v.name), v.dims
end)

-- Derivatives as values

maker(12, function(g)
  local y = pick(g, function(v)
    if not real(v) or not next(v.deps) then return false end
    for _, u in ipairs(g.vals) do
      if v.deps[u.name] and real(u) then return true end
    end
  end)
  if not y then return end
  local x = pick(g, function(v) return y.deps[v.name] and real(v) end)
  local how = int(5)
  if how == 1 then return ("cr.jvp(%s, {%s}, {cr.cos(%s)})"):format(y.name, x.name, x.name), y.dims end
  if how == 2 then return ("cr.tanh(cr.hvp(cr.mean(cr.tanh(%s)), %s, cr.cos(%s)))"):format(y.name, x.name, x.name), x.dims end
  if how == 3 and #y.dims + #x.dims <= 2 then
    local out = copy(y.dims)
    for _, d in ipairs(x.dims) do out[#out + 1] = d end
    return ("cr.jacobian(%s, %s)"):format(y.name, x.name), out
  end
  return ("cr.grad(cr.sum(cr.tanh(%s)), %s)"):format(y.name, x.name), x.dims
end)

-- The wider library, and the same thing said in two ways

local kit = {int = math.random, chance = function(percent) return chance(percent) end, one_of = one_of, pick = pick,
  dim = dim, fixed = fixed, same = same, add = add, times = times, some = some, show = show, shape = shape,
  equal = equal, copy = copy, with = with, without = without, real = real, real_of = real_of, square = square,
  maker = maker, unary = unary, binary = binary}
local here = debug.getinfo(1, "S").source:match "^@(.*/)"
dofile(here .. "models_more.lua")(kit)
local twins = dofile(here .. "models_twin.lua")(kit)
maker(14, function(g)
  if g.level > 0 then return end
  local text, dims, twin = twins.pair(g)
  return text, dims, "real", true, nil, twin
end)

-- Statements, models

local function dependencies(g, text)
  local deps = {}
  for word in text:gmatch("[%a_][%w_]*") do
    for _, v in ipairs(g.vals) do
      if v.name == word and not deps[word] then
        deps[word] = true
        for d in pairs(v.deps) do deps[d] = true end
      end
    end
  end
  return deps
end

function new_value(g)
  while true do
    local found, text, dims, type, fine, below, twin = pcall(one_of(library), g) -- fails where nothing fits
    if found and text and dims and fine ~= false and #dims <= 4 and #text < 1500 then
      local size = 1
      for _, d in ipairs(dims) do size = size * (d.c + 5 * d.n + 5 * d.m) end
      if size <= (g.most or 3000) then
        return {name = fresh("v"), text = text, dims = dims, type = type or "real", below = below, twin = twin,
                deps = dependencies(g, text)}
      end
    end
  end
end

-- A model: leaves and statements, in order, and which are results. Some have large extents, some a copy of
-- every statement in disguise, some a mapped copy.
function M.generate(s)
  seed(s)
  counter = 0
  local g = {level = 0, vals = {}, extents = {dim(0, 1), dim(0, 0, 1), dim(1), dim(2), dim(3), dim(5), dim(1, 1),
                                              dim(one_of{4, 7, 8, 9, 16, 17})}}
  local model = {real = s % 3 == 0 and "f32" or "f64", list = {}, train = s % 4 == 1, part = s % 6 == 2,
                 mapped = s % 7 == 3, optim = one_of{"adam", "sgd", "momentum", "nesterov", "adamw", "rmsprop", "adagrad", "adadelta"}}
  local statements = int(3, 8)
  if s % 5 == 4 then g.extents[1], g.extents[2], g.extents[7] = dim(6), dim(4), dim(7) end
  if s % 8 == 5 then -- large enough for tiles, blocks and threads
    g.extents, g.most, statements = {dim(0, 1), dim(0, 0, 1), dim(1, 1)}, 40000, int(2, 4)
    for k = 4, 8 do g.extents[k] = dim(one_of{3, 16, 31, 33, 48, 63, 64, 65, 96, 100, 127, 128}) end
  end
  local function keep(v)
    g.vals[#g.vals + 1], model.list[#model.list + 1] = v, v
  end
  for k = 1, 3 do
    local v = formal("a", random_shape(g, k > 1 and 1 or 0, k == 3 and 3 or 2))
    while g.most and k == 3 and #v.dims == 3 do v.dims = random_shape(g, 1, 2) end
    v.param = model.train and k == 2
    keep(v)
  end
  keep{name = "id", dims = {random_dim(g)}, type = "int", deps = {}}
  for _ = 1, statements do keep(new_value(g)) end
  for k = #model.list, 5, -1 do
    local v, used = model.list[k], false
    for _, w in ipairs(model.list) do used = used or w.deps[v.name] end
    v.out = not used or v.twin or chance(15)
    if s % 3 == 1 and not v.twin then v.disguise = twins.disguise(v) end
  end
  return model
end

M.text = dofile(here .. "models_text.lua")(kit, twins) -- model -> its script

return M

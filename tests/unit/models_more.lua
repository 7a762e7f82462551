--[[
models_more.lua: what models.lua draws from the wider library, mostly as tables of texts

    {"cr.linalg.sqrtm($A)", "n n"}     of a matrix that is far from singular; its result has that shape

In a text $x is the value picked, $y and $z others that fit, $n its last extent, $m the one before it.
]]
return function(kit)
  local int, chance, one_of, pick, dim, fixed, same, add, times, some =
    kit.int, kit.chance, kit.one_of, kit.pick, kit.dim, kit.fixed, kit.same, kit.add, kit.times, kit.some
  local show, shape, equal, copy, with, without, maker =
    kit.show, kit.shape, kit.equal, kit.copy, kit.with, kit.without, kit.maker
  local real, real_of, square = kit.real, kit.real_of, kit.square

  local function fill(text, by) return (text:gsub("%$(%w)", by)) end
  local function extend(list, more) table.move(more, 1, #more, #list + 1, list) end

  extend(kit.unary, {"cr.elu(%s)", "cr.celu(%s, 0.7)", "cr.selu(%s)", "cr.mish(%s)", "cr.softsign(%s)",
    "cr.logsigmoid(%s)", "cr.hardtanh(%s)", "cr.hardsigmoid(%s)", "cr.hardswish(%s)", "cr.tanhshrink(%s)",
    "cr.softshrink(%s, 0.2)", "cr.hardshrink(%s, 0.2)", "cr.exp2(-cr.abs(%s))", "cr.asinh(%s)",
    "cr.atanh(0.8 * cr.tanh(%s))", "cr.logit(0.2 + 0.6 * cr.sigmoid(%s))", "cr.sinc(%s)", "cr.erfc(%s)",
    "cr.digamma(1.5 + cr.square(%s))", "cr.tan(0.5 * cr.tanh(%s))", "cr.sinh(cr.tanh(%s))",
    "cr.cosh(cr.tanh(%s))", "cr.acos(0.9 * cr.tanh(%s))", "cr.reciprocal(1.5 + cr.abs(%s))",
    "cr.acosh(1.5 + cr.square(%s))", "cr.log2(1.5 + cr.abs(%s))", "cr.frac(%s)", "(%s %% 0.75)",
    "cr.gelu(%s, \"tanh\")", "cr.sign(%s)", "cr.round(3 * %s)", "cr.trunc(2 * %s)", "cr.nan_to_num(%s)",
    "(1.2 + cr.abs(%s)) ^ 0.3", "cr.softplus(3 * %s, 2)", "1.3 ^ cr.tanh(%s)", "%s ^ 3",
    "cr.cast(cr.sin(cr.cast(%s, \"f64\")), REAL)"})
  extend(kit.binary, {"cr.xlogy(cr.abs(%s), 1.5 + cr.abs(%s))", "cr.lerp(%s, cr.sin(%s), 0.3)",
    "(1.2 + cr.abs(%s)) ^ cr.tanh(%s)", "cr.fmod(%s, 1.5 + cr.abs(%s))", "cr.fma(%s, %s, 0.5)"})

  -- Reductions of several axes, and statistics

  maker(4, function(g)
    local v = pick(g, real_of(2))
    local list, out = {}, {}
    for k, d in ipairs(v.dims) do
      if chance(60) then list[#list + 1] = tostring(chance(50) and k - 1 or k - 1 - #v.dims) else out[#out + 1] = d end
    end
    if #list == 0 then return end
    local over = "{" .. table.concat(list, ", ") .. "}"
    local how = one_of{"sum", "mean", "max", "min", "logsumexp", "prod", "any", "all", "count_nonzero"}
    if how == "any" or how == "all" then
      return ("cr.%s(cr.gt(%s, 0.3), %s)"):format(how, v.name, over), out, "bool"
    elseif how == "count_nonzero" then
      return ("cr.count_nonzero(cr.relu(%s), %s)"):format(v.name, over), out, "int"
    elseif how == "prod" then
      return ("cr.prod(1 + 0.1 * cr.tanh(%s), %s)"):format(v.name, over), out
    end
    return ("%scr.%s(%s, %s)"):format(how == "sum" and "0.1 * " or "", how, v.name, over), out
  end)

  maker(3, function(g) -- totals, added up as losses are
    local v, scale = pick(g, real_of(1, 3)), one_of{"0.03 * %s", "%s / 40", "0.02 * %s"}
    local t = {}
    for k = 1, int(2, 3) do t[k] = scale:format(("cr.sum(%s)"):format(fill(one_of{"cr.tanh($x)", "cr.cos(2 * $x)", "cr.square(cr.sin($x))"}, {x = v.name}))) end
    return table.concat(t, " + "), {}
  end)

  -- same: the shape of x; one: without the last axis
  local along = {"cr.softmin($x, -1)", "cr.cummin($x, -1)", "cr.prox.l2($x, 0.3)", "cr.prox.l1_ball($x, 1.2)",
    "cr.prox.linf($x, 0.3)", "(cr.prox.isotonic($x))", "cr.soft_rank($x)", "cr.soft_sort($x)",
    "cr.prox.simplex($x, -1, 1.3)", "cr.rms_norm($x, {$n}, nil, 0.1)", "cr.prox.nonneg($x)", "cr.prox.box($x, -0.2, 0.4)",
    "cr.take_along_axis($x, cr.argsort(cr.sin($x), -1), -1)", "cr.gather($x, $a, cr.argsort($x, $a))",
    "cr.scatter_add($x, $a, cr.argsort(cr.cos($x), $a), cr.sin($x))",
    "cr.put_along_axis($x, cr.argsort(cr.cos($x), $a), cr.sin($x), $a)", "cr.masked_fill($x, cr.gt($x, 0.4), 0.1)",
    "cr.index_add($x, $a, cr.argsort(cr.arange($n)), cr.cos($x))", "cr.cumsum(0.1 * $x, -1)"}
  maker(6, function(g)
    local v = pick(g, function(u) return real_of(1, 3)(u) and some(u.dims[#u.dims]) end)
    return fill(one_of(along), {x = v.name, n = show(v.dims[#v.dims]), a = tostring(#v.dims - 1)}), v.dims
  end)
  local one = {"cr.std(1 + $x, -1, {correction = 0})", "cr.norm(1 + cr.abs($x), -1)", "cr.quantile($x, 0.3, -1)",
    "cr.trapezoid($x)", "(cr.kthvalue($x, 1, -1))", "(cr.mode(cr.round(2 * $x), -1))", "cr.amax($x, -1)",
    "cr.nansum(0.1 * $x, -1)", "(cr.cummax($x, -1)):select(-1, 0)", "cr.nanmean($x, -1)",
    "cr.cosine_similarity(1 + cr.abs($x), 1.5 + cr.sin($x), -1)", "cr.logsumexp(-cr.square($x), -1)"}
  maker(4, function(g)
    local v = pick(g, function(u) return real_of(1, 3)(u) and some(u.dims[#u.dims]) end)
    return fill(one_of(one), {x = v.name}), without(v.dims, #v.dims)
  end)

  -- Integers and bools

  local function int_of(v) return v.type == "int" end
  maker(3, function(g)
    local n = pick(g, int_of)
    if not n then return end
    local x, how = n.name, int(9)
    if how == 1 then return ("cr.cast(%s, \"i64\") * 3 - 7"):format(x), n.dims, "int" end
    if how == 2 then return ("(%s - 2) // 3"):format(x), n.dims, "int" end
    if how == 3 then return ("(5 - 3 * %s) %% 4"):format(x), n.dims, "int", true, dim(4) end
    if how == 4 then return ("cr.minimum(cr.abs(%s), 2)"):format(x), n.dims, "int", true, dim(3) end
    if how == 5 then return ("cr.bit_and(%s, 1)"):format(x), n.dims, "int", true, dim(2) end
    if how == 6 and #n.dims > 0 then return ("cr.sum(%s, %d)"):format(x, int(#n.dims) - 1), nil end
    if how == 7 and #n.dims > 0 then return ("cr.cumsum(%s, %d)"):format(x, int(#n.dims) - 1), n.dims, "int" end
    if how == 8 and #n.dims < 3 then
      local out = copy(n.dims)
      out[#out + 1] = dim(3)
      return ("cr.cast(cr.one_hot(%s %% 3, 3), REAL)"):format(x), out
    end
    return ("cr.eq(%s %% 2, 0)"):format(x), n.dims, "bool"
  end)
  maker(2, function(g)
    local v = pick(g, real_of(1, 2))
    local w = pick(g, real_of(1, 2))
    if #v.dims == 1 and chance(60) then
      return ("cr.searchsorted((cr.sort(%s)), %s)"):format(v.name, w.name), w.dims, "int", true, add(v.dims[1], dim(1))
    end
    return ("cr.argsort(%s, %d)"):format(v.name, #v.dims - 1), v.dims, "int", true, v.dims[#v.dims]
  end)
  maker(1, function(g)
    local n = pick(g, function(v) return int_of(v) and #v.dims == 1 and v.below end)
    if n then return ("cr.bincount(%s, %s)"):format(n.name, show(n.below)), {n.below}, "int" end
  end)
  maker(2, function(g)
    local b = pick(g, function(v) return v.type == "bool" end)
    if not b then return end
    local how = int(4)
    if how == 1 then return ("cr.logical_not(%s)"):format(b.name), b.dims, "bool" end
    if how == 2 then return ("cr.cast(%s, REAL)"):format(b.name), b.dims end
    if how == 3 and #b.dims > 0 then return ("cr.%s(%s, -1)"):format(one_of{"any", "all"}, b.name), without(b.dims, #b.dims), "bool" end
    local c = pick(g, function(v) return v.type == "bool" and equal(v.dims, b.dims) end)
    return ("cr.%s(%s, %s)"):format(one_of{"logical_and", "logical_or"}, b.name, c.name), b.dims, "bool"
  end)
  maker(2, function(g)
    local ids = pick(g, function(v) return int_of(v) and v.below and #v.dims <= 2 end)
    local w = ids and pick(g, function(v) return real_of(2, 2)(v) and same(v.dims[1], ids.below) end)
    if not w then return end
    local out = copy(ids.dims)
    out[#out + 1] = w.dims[2]
    return ("cr.embedding(%s, %s)"):format(ids.name, w.name), out
  end)

  -- Linear algebra. A is symmetric positive definite; S has eigenvalues that are apart; T is a general one

  local function matrices(v)
    local n = show(v.dims[#v.dims])
    local A = ("(cr.matmul(cr.tanh(%s), cr.transpose(cr.tanh(%s), -1, -2)) + 2 * cr.eye(%s))"):format(v.name, v.name, n)
    local S = ("(3 * cr.diag(cr.arange(%s, {dtype = REAL})) + 0.2 * %s)"):format(n, A)
    return {x = v.name, n = n, A = A, S = S, T = ("(%s + 0.3 * cr.tril(cr.sin(%s)))"):format(A, v.name)}
  end
  local matrix = {"cr.linalg.sqrtm($A)", "cr.linalg.invsqrtm($A)", "cr.linalg.logm($A)", "cr.linalg.powm($A, 0.4)",
    "cr.linalg.pinv($T)", "cr.linalg.polar($T)", "0.1 * cr.linalg.matrix_power(0.4 * $T, 3)", "cr.prox.psd($x)",
    "cr.linalg.inv($T)", "(select(2, cr.linalg.qr($T)))", "(select(2, cr.linalg.eigh($S)))", "(cr.linalg.svd($S))",
    "(select(3, cr.linalg.svd($S)))", "(select(2, cr.linalg.lu($T)))", "(select(3, cr.linalg.lu($T)))",
    "cr.prox.nuclear(cr.tanh($S), 0.2)", "cr.linalg.spectral($A, cr.sin, {symmetric = true})",
    "cr.linalg.solve_positive($A, $x)", "cr.linalg.cholesky_solve($x, cr.linalg.cholesky($A))",
    "cr.linalg.solve_triangular(cr.linalg.cholesky($A), $x)", "cr.linalg.solve($T, $x)",
    "cr.tanh(cr.linalg.expm(0.2 * $T))"}
  local vector = {"(cr.linalg.eigh($S))", "cr.linalg.eigvalsh($S)", "cr.linalg.svdvals($S)", "(select(2, cr.linalg.svd($S)))"}
  local number = {"0.1 * cr.linalg.logdet($T)", "cr.tanh(0.1 * cr.linalg.det(0.5 * $T))", "cr.linalg.spectral_sum($A, cr.sin, {symmetric = true})",
    "0.1 * cr.linalg.nuclear_norm($S)", "(select(2, cr.linalg.slogdet($T)))", "cr.linalg.cond($S + 2 * cr.eye($n))"}
  local system = {"cr.linalg.solve($T, $b)", "(cr.linalg.cg($A, $b, {tol = 1e-14}))", "(cr.qp($A, $b, nil, nil, cr.eye($n), 0.3 + cr.abs($b)))",
    "cr.linalg.solve_positive($A, $b)", "cr.linalg.lstsq(cr.cat({$x, 2 * cr.eye($n)}, 0), cr.sum(cr.cos(cr.cat({$x, 2 * cr.eye($n)}, 0)), 1))",
    "cr.linalg.solve_banded({1, 1}, cr.stack({cr.tanh($b), 3 + cr.sin($b), cr.cos($b)}, 0), $b)",
    "cr.linalg.solve_triangular(cr.linalg.cholesky($A), $b)", "(cr.qp($A, $b, cr.ones({1, $n}), cr.ones{1}))"}
  maker(6, function(g)
    local v = pick(g, square)
    if not v then return end
    local r, by = #v.dims, matrices(v)
    local n = v.dims[r]
    local how = int(5)
    if r == 2 and how == 1 then return fill(one_of(vector), by), {n} end
    if how == 2 then
      local text = one_of(number)
      if r > 2 and text:find "%$S" then return end
      return fill(text, by), without(without(v.dims, r), r - 1)
    end
    local b = pick(g, function(u) return real(u) and #u.dims == 1 and same(u.dims[1], n) end)
    by.b = b and chance(50) and b.name or ("cr.cos(cr.sum(%s, 1))"):format(v.name)
    if how == 3 and r == 2 then return fill(one_of(system), by), {n} end
    local text = one_of(matrix)
    if r > 2 and text:find "%$S" then return end
    return fill(text, by), v.dims
  end)
  maker(1, function(g) -- tall ones
    local v = pick(g, function(u) return real_of(2, 2)(u) and some(u.dims[1]) and some(u.dims[2]) end)
    if not v then return end
    local tall = ("cr.cat({%s, 2 * cr.eye(%s)}, 0)"):format(v.name, show(v.dims[2]))
    if chance(50) then return ("cr.linalg.pinv(%s)"):format(tall), {v.dims[2], add(v.dims[1], v.dims[2])} end
    return ("(cr.linalg.qr(%s))"):format(tall), {add(v.dims[1], v.dims[2]), v.dims[2]}
  end)

  -- Chains and grids: u {T, L} with scores p {L, L}

  local P = "cr.tanh(cr.matmul(cr.transpose($x, 0, 1), $x))"
  local chains = {{"cr.crf.entropy($x, " .. P .. ")", ""}, {"(cr.crf.marginals($x, " .. P .. "))", "mn"},
    {"(cr.crf.viterbi($x, " .. P .. "))", "m", "int"}, {"(select(2, cr.crf.viterbi($x, " .. P .. ")))", ""},
    {"(select(2, cr.crf.marginals($x, " .. P .. ")))", nil}, {"cr.crf.nll($x, " .. P .. ", cr.argmin($x, 1))", ""},
    {"cr.crf.ssvm_loss($x, " .. P .. ", cr.argmin($x, 1))", ""}, {"(cr.crf.mean_field($x, " .. P .. ", {iterations = 2}))", "mn"},
    {"cr.needleman_wunsch($x, 0.4, 0.7)", ""}, {"(cr.prox.tv2d($x, 0.15, 0.1))", "mn"},
    {"(cr.sinkhorn(cr.square($x), cr.softmax(cr.mean($x, 1), 0), cr.softmax(cr.mean($x, 0), 0), {eps = 0.8}))", "mn"},
    {"cr.attention($x, cr.sin($x), cr.cos($x), {causal = true})", "mn"}, {"cr.soft_dtw(cr.square($x), 0.5)", ""},
    {"cr.attention($x, cr.sin($x), cr.cos($x))", "mn"}, {"cr.cdist($x, 2 + cr.cos($x))", "mm"}, {"cr.rot90($x)", "nm"},
    {"cr.kron(cr.sin($x), cr.ones{2, 1})", nil}, {"cr.cov(cr.cat({$x, cr.sin($x)}, 0))", nil}, {"cr.cross_entropy($x, cr.argmin($x, 1))", "m"},
    {"cr.nll(cr.log_softmax($x, 1), cr.argmin($x, 1))", "m"}, {"cr.multi_margin($x, cr.argmax($x, 1))", "m"},
    {"cr.weight_norm($x, cr.cos(cr.mean($x, 1)))", "mn"}, {"cr.instance_norm(cr.unsqueeze($x, 0), nil, nil, 0.1):select(0, 0)", nil},
    {"0.2 * cr.ctc_loss(cr.log_softmax(cr.cat({$x, cr.sin($x), cr.cos($x)}, 1), 1), cr.const({1, 2}, \"i32\"))", ""},
    {"cr.mmd($x, 1 + cr.sin($x))", ""}}
  maker(5, function(g)
    local v = pick(g, function(u) return real_of(2, 2)(u) and some(u.dims[1]) and some(u.dims[2]) end)
    if not v then return end
    local c = one_of(chains)
    local out = {}
    for letter in (c[2] or "?"):gmatch "." do
      if letter == "?" then return end
      out[#out + 1] = letter == "m" and v.dims[1] or v.dims[2]
    end
    return fill(c[1], {x = v.name}), out, c[3]
  end)

  -- Two of a shape, one value each or a number

  local pairs_of = {"cr.mse($x, $y)", "cr.l1($x, 0.1 + $y)", "cr.huber($x, 2 * $y)", "cr.smooth_l1($x, 2 * $y)",
    "cr.bce_with_logits($x, cr.sigmoid($y))", "cr.poisson_nll(cr.tanh($x), cr.square($y))",
    "cr.gaussian_nll($x, $y, 1 + cr.square($x))", "cr.focal($x, cr.sigmoid($y))", "cr.kl_div(cr.logsigmoid($x), cr.sigmoid($y))",
    "cr.bce(cr.sigmoid($x), cr.sigmoid($y))", "cr.soft_margin($x, cr.sign($y))"}
  maker(2, function(g)
    local x = pick(g, real_of(1, 3))
    local y = pick(g, function(u) return real(u) and equal(u.dims, x.dims) end)
    return ("cr.mean(%s)"):format(fill(one_of(pairs_of), {x = x.name, y = y.name})), {}
  end)

  -- Windows with strides: the length L of an axis becomes (L + 2 p - w) / s + 1

  local function windows(d, w, s, p)
    local n = dim(d.c + 2 * p - w, d.n, d.m)
    if n.n % s ~= 0 or n.m % s ~= 0 or d.c + d.n + d.m + 2 * p < w then return nil end
    return dim(n.c // s + 1, n.n // s, n.m // s)
  end
  local function literal(dims)
    local count = 1
    for _, n in ipairs(dims) do count = count * n end
    return ("cr.sin(cr.reshape(cr.arange(%d, {dtype = REAL}), {%s}))"):format(count, table.concat(dims, ", "))
  end
  maker(5, function(g)
    local v = pick(g, function(u) return real_of(2, 3)(u) and fixed(u.dims[1]) and u.dims[1].c <= 9 end)
    if not v then return end
    local C, rank, lengths, out = v.dims[1].c, #v.dims - 1, {}, {}
    local w, s, p, step = int(3), int(2), int(0, 2), int(2)
    local how = one_of{"conv", "conv", "transpose", "max", "avg"}
    if how ~= "conv" then step = 1 end
    if how == "max" or how == "avg" then p = math.min(p, w // 2) end
    local x = ("cr.unsqueeze(%s, 0)"):format(v.name)
    for k = 1, rank do
      local d = v.dims[k + 1]
      lengths[k] = how == "transpose" and dim((d.c - 1) * s - 2 * p + w, d.n * s, d.m * s) or windows(d, step * (w - 1) + 1, s, p)
      local least = lengths[k] and lengths[k].c + lengths[k].n + lengths[k].m
      if not least or least < 1 then return end
    end
    local text
    if how == "conv" then
      local groups = C % 2 == 0 and chance(40) and 2 or 1
      local O = 2 * int(2)
      local shape_of = {O, C // groups, w, rank == 2 and w or nil}
      local weight = literal(shape_of)
      if chance(50) then -- a weight that is differentiated by
        local u = pick(g, real_of(0, 0))
        if u then weight = ("(%s * %s)"):format(u.name, weight) end
      end
      text = ("cr.tanh(cr.conv%dd(%s, %s, {stride = %d, padding = %d, dilation = %d, groups = %d%s}))"):format(rank, x,
        weight, s, p, step, groups, chance(40) and (", boundary = %q"):format(one_of{"mirror", "clamp", "wrap"}) or "")
      if text:find "boundary" then
        for k = 1, rank do
          local d = v.dims[k + 1]
          if d.c + d.n + d.m <= p then return end
        end
      end
      out[1] = dim(O)
    elseif how == "transpose" then
      local O = int(3)
      text = ("cr.tanh(cr.conv_transpose%dd(%s, %s, {stride = %d, padding = %d}))"):format(rank, x,
        literal{C, O, w, rank == 2 and w or nil}, s, p)
      out[1] = dim(O)
    else
      text = ("cr.%s_pool%dd(%s, %d, %d, %d)"):format(how, rank, x, w, s, p)
      out[1] = dim(C)
    end
    table.move(lengths, 1, rank, 2, out)
    return ("cr.squeeze(%s, 0)"):format(text), out
  end)
  maker(2, function(g) -- pictures
    local v = pick(g, function(u) return real_of(2, 2)(u) and some(u.dims[1]) and some(u.dims[2]) end)
    if not v then return end
    local x, h, w = ("cr.reshape(%s, {1, 1, %s, %s})"):format(v.name, show(v.dims[1]), show(v.dims[2])), v.dims[1], v.dims[2]
    local how = int(3)
    if how == 1 then return ("cr.upsample(%s, 2, %q)"):format(x, one_of{"nearest", "bilinear"}), {dim(1), dim(1), times(h, 2), times(w, 2)} end
    if how == 2 then
      return ("cr.grid_sample(%s, cr.affine_grid(cr.reshape(cr.const({0.9, 0.2, 0.05, -0.1, 0.8, 0.1}, REAL), {1, 2, 3}), {1, 1, 3, 4}))"):format(x),
             {dim(1), dim(1), dim(3), dim(4)}
    end
    return ("cr.adaptive_avg_pool2d(%s, 2)"):format(x), {dim(1), dim(1), dim(2), dim(2)}, "real",
           h.c + h.n + h.m >= 2 and w.c + w.n + w.m >= 2
  end)
  maker(2, function(g) -- channels looked up at the same places
    local v, w = pick(g, real_of(2, 2)), pick(g, real_of(2, 2))
    if not v or not w or not some(v.dims[1]) or not some(v.dims[2]) then return end
    local n = int(2, 4)
    local x = ("cr.stack({%s, cr.sin(%s), -%s, cr.cos(%s)}, 0)"):format(v.name, v.name, v.name, v.name)
    return ("cr.grid_sample(cr.unsqueeze(cr.slice(%s, 0, 0, %d), 0), cr.unsqueeze(cr.stack({cr.tanh(%s), cr.sin(2 * %s)}, 2), 0), nil, %s)"):format(
      x, n, w.name, w.name, one_of{"\"zeros\"", "\"border\"", "\"reflection\""}), {dim(1), dim(n), w.dims[1], w.dims[2]}
  end)
  maker(2, function(g) -- recurrent layers over {T, 1, D}
    local v = pick(g, function(u) return real_of(2, 2)(u) and some(u.dims[1]) and fixed(u.dims[2]) and u.dims[2].c <= 9 end)
    if not v then return end
    local kind, H = one_of{"rnn", "gru", "lstm"}, int(3)
    local gates, D = ({rnn = 1, gru = 3, lstm = 4})[kind], v.dims[2].c
    local start = ("cr.zeros{1, %d}"):format(H)
    if kind == "lstm" then start = ("{%s, %s}"):format(start, start) end
    return ("(cr.%s(cr.unsqueeze(%s, 1), %s, %s, %s%s))"):format(kind, v.name, start, literal{gates * H, D}, literal{gates * H, H},
      chance(30) and ", nil, nil, {reverse = true}" or ""), {v.dims[1], dim(1), dim(H)}
  end)

  -- Loops over lists, maps over two, declared derivatives

  maker(3, function(g)
    if g.level > 1 then return end
    local x = pick(g, function(u) return real_of(1, 3)(u) and some(u.dims[1]) end)
    local y = pick(g, function(u) return real_of(1, 3)(u) and same(u.dims[1], x.dims[1]) end)
    local c, d = pick(g, real_of(0, 2)), pick(g, real_of(0, 1))
    if not (x and y and c and d) then return end
    local how, inner = int(4), without(y.dims, 1)
    if how == 1 then
      return ("(function() local last = cr.scan(function(c, x) return {cr.tanh(c[1] + cr.mean(x[1])), cr.sin(c[2] * cr.mean(x[2]))}, cr.mean(c[1]) end, {%s, %s}, {%s, %s}%s) return last[1] end)()"):format(
        c.name, d.name, x.name, y.name, chance(50) and ", {checkpoint = 2}" or ""), c.dims
    elseif how == 2 then
      local out = copy(y.dims)
      return ("(function() local _, ys = cr.scan(function(c, x) return {cr.tanh(c[1] + cr.mean(x[1]))}, {cr.sum(c[1]) * x[2], x[2]} end, {%s}, {%s, %s}%s) return cr.tanh(ys[1]) * ys[2] end)()"):format(
        c.name, x.name, y.name, one_of{"", ", {reverse = true}", ", {unroll = 2}"}), out
    elseif how == 3 then
      local out = copy(y.dims)
      return ("cr.map(function(a, b) return cr.tanh(b * cr.sum(a)) + cr.mean(%s) end, {%s, %s})"):format(c.name, x.name, y.name), out
    end
    return ("cr.map(function(a, b) return cr.cond(cr.gt(cr.mean(a), 0), function() return cr.sin(b) end, function() return b * cr.mean(%s) end) end, {%s, %s})"):format(
      c.name, x.name, y.name), y.dims
  end)
  maker(1, function(g)
    local v = pick(g, real_of(0, 2))
    return one_of{"cr.custom_vjp(function(x) return cr.exp(-x * x) end, function(b, x, y) return -2 * b * x * y end)(%s)",
      "cr.grad_reverse(%s, 0.5)", "cr.stop_gradient(%s)"}:format(v.name), v.dims
  end)
  maker(2, function(g) -- literal tables
    local v = pick(g, real_of(1, 3))
    local n = v.dims[#v.dims]
    if not fixed(n) or n.c > 20 then return end
    local t = {}
    for k = 1, n.c do t[k] = tostring((int(17) - 9) / 8) end
    return ("%s %s cr.const({%s}, REAL)"):format(v.name, one_of{"*", "+", "-"}, table.concat(t, ", ")), v.dims
  end)
  maker(4, function(g) -- chains of shapes
    local v = pick(g, real_of(2, 3))
    if not v then return end
    local x, d, order = v.name, copy(v.dims), {}
    for _ = 1, int(2, 4) do
      local how, k = int(4), int(#d)
      if how == 1 then
        x, d = ("cr.transpose(%s, %d, -1)"):format(x, k - 1), with(with(d, k, d[#d]), #d, d[k])
      elseif how == 2 and d[k].c + d[k].n + d[k].m > 1 then
        x, d = ("cr.slice(%s, %d, 1, %s)"):format(x, k - 1, show(d[k])), with(d, k, dim(d[k].c - 1, d[k].n, d[k].m))
      elseif how == 3 and #d > 1 and fixed(d[2]) then
        local merged = times(d[1], d[2].c)
        d = without(d, 1)
        d[1] = merged
        x = ("cr.reshape(%s, %s)"):format(x, shape(d))
      elseif how == 4 and fixed(d[k]) and d[k].c % 2 == 0 and d[k].c > 0 and #d < 4 then
        d = with(d, k, dim(d[k].c // 2))
        table.insert(d, k, dim(2))
        x = ("cr.reshape(%s, %s)"):format(x, shape(d))
      else
        x = ("cr.flip(%s, %d)"):format(x, k - 1)
      end
      order[#order + 1] = how
    end
    return x, d
  end)
end

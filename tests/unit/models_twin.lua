--[[
models_twin.lua: the same thing said in two ways, whose values and derivatives must agree

    cr.softmax(x, 1)   is   exp(x[i, j]) / sum k. exp(x[i, k])       twins: a library call, index notation
    v                  is   reshape(flatten(v)), -(-v), scan of a copy, ..    disguises, which keep all bits
]]
return function(kit)
  local int, chance, one_of, pick, dim, fixed, same, add, times, some =
    kit.int, kit.chance, kit.one_of, kit.pick, kit.dim, kit.fixed, kit.same, kit.add, kit.times, kit.some
  local show, shape, without, with, real, real_of, square = kit.show, kit.shape, kit.without, kit.with, kit.real, kit.real_of, kit.square
  local T = {}

  local function fill(text, by) return (text:gsub("%$(%w)", by)) end

  -- Of vectors x {n} with a number k, of matrices x {m, n}; the shape of the result in letters. D is {n, n}.
  local A = "(cr.matmul(cr.tanh($x), cr.transpose(cr.tanh($x), 0, 1)) + 2 * cr.eye($m))"
  local I1 = "local i, j, k = cr.index{i = $n}, cr.index \"j\", cr.index{k = $n} return "
  local I2 = "local i, j, k = cr.index{i = $m}, cr.index{j = $n}, cr.index{k = $n} return "
  local vectors = {
    {"cr.softmax($x, 0)", "cr.tensor({i}, cr.exp($x(i)) / cr.sum(k, cr.exp($x(k))))", "n"},
    {"cr.logsumexp($x, 0)", "cr.log(cr.sum(k, cr.exp($x(k))))", ""},
    {"cr.cumsum(0.1 * $x, 0)", "cr.tensor({i}, cr.sum(k, cr.where(cr.le(k, i), 0.1 * $x(k), 0)))", "n"},
    {"cr.flip($x, 0)", "cr.tensor({i}, $x($n - 1 - i))", "n"},
    {"cr.roll($x, 2, 0)", "cr.tensor({i}, cr.wrap($x)(i - 2))", "n"},
    {"cr.diag($x)", "cr.tensor({i, k}, cr.where(cr.eq(i, k), $x(i), 0))", "nn"},
    {"cr.tensor({i}, cr.clamp_to_edge($x)(2 * i - 3))",
      "cr.tensor({i}, $x(cr.maximum(cr.minimum(2 * i - 3, $n - 1), 0)))", "n"},
    {"cr.tensor({i}, cr.sum(k, cr.zero_outside($x)(i - 2 * k) * $x(k)))",
      "cr.tensor({i}, cr.sum(k, cr.where(cr.ge(i - 2 * k, 0), $x(cr.maximum(i - 2 * k, 0)) * $x(k), 0)))", "n"},
    {"cr.conv1d(cr.reshape($x, {1, 1, $n}), cr.const({{{0.5, -1.0, 0.25}}}, REAL), nil, 1, 1):select(0, 0):select(0, 0)",
      "cr.tensor({i}, 0.5 * cr.zero_outside($x)(i - 1) - $x(i) + 0.25 * cr.zero_outside($x)(i + 1))", "n"},
    {"cr.repeat_interleave($x, 3, 0)", "(function() local l = cr.index{l = 3 * ($n)} return cr.tensor({l}, $x(l // 3)) end)()", "r"},
    {"cr.var($x, 0, {correction = 0})", "cr.mean(k, ($x(k) - cr.mean($x)) ^ 2)", ""},
    {"cr.scatter({$n}, \"sum\", {i}, {$n - 1 - i}, $x(i))", "cr.flip($x, 0)", "n"},
    {"cr.scatter({$n}, \"sum\", {i, k}, {(i + 2 * k) % ($n)}, $x(i) * $x(k))",
      "cr.tensor({i}, cr.sum(k, cr.wrap($x)(i - 2 * k) * $x(k)))", "n"},
    {"cr.prod(1 + 0.1 * cr.sin($x))", "cr.exp(cr.sum(cr.log1p(0.1 * cr.sin($x))))", ""},
    {"(cr.sort($x, 0)):select(0, 0)", "cr.min($x)", ""},
    {"(cr.topk($x, 1)):select(0, 0)", "cr.max($x)", ""},
    {"(cr.scan(function(c, e) return 0.5 * c + e end, cr.zeros({}, REAL), $x))",
      "cr.sum(k, cr.exp(($n - 1 - k) * cr.log(cr.const(0.5, REAL))) * $x(k))", ""},
    {"select(2, cr.scan(function(c, e) return c + 0.1 * e, c end, cr.zeros({}, REAL), $x, {reverse = true}))",
      "cr.tensor({i}, cr.sum(k, cr.where(cr.gt(k, i), 0.1 * $x(k), 0)))", "n"},
    {"cr.prox.l1($x, 0.2)", "cr.sign($x) * cr.relu(cr.abs($x) - 0.2)", "n"},
    {"cr.map(function(e) return cr.sum(e * $x) end, $x)", "$x * cr.sum($x)", "n"},
    {"cr.pad($x, {2, 1}, \"symmetric\")", "(function() local l = cr.index{l = $n + 3} return cr.tensor({l}, cr.mirror($x)(l - 2)) end)()", "p"},
  }
  local matrices = {
    {"cr.matmul($x, cr.transpose($x, 0, 1))", "(function() local l = cr.index{l = $m} return cr.tensor({i, l}, cr.sum(j, $x(i, j) * $x(l, j))) end)()", "mm"},
    {"cr.softmax($x, 1)", "cr.tensor({i, j}, cr.exp($x(i, j)) / cr.sum(k, cr.exp($x(i, k))))", "mn"},
    {"cr.layer_norm($x, {$n}, nil, nil, 0.1)",
      "(function() local mu = cr.tensor({i}, cr.mean(k, $x(i, k))) local v = cr.tensor({i}, cr.mean(k, ($x(i, k) - mu(i)) ^ 2)) return cr.tensor({i, j}, ($x(i, j) - mu(i)) / cr.sqrt(v(i) + 0.1)) end)()", "mn"},
    {"cr.cat({$x, cr.sin($x)}, 1)",
      "(function() local l = cr.index{l = 2 * ($n)} return cr.tensor({i, l}, cr.where(cr.lt(l, $n), cr.zero_outside($x)(i, l), cr.sin(cr.clamp_to_edge($x)(i, l - ($n))))) end)()", "md"},
    {"cr.tril($x, 1)", "cr.tensor({i, j}, cr.where(cr.le(j, i + 1), $x(i, j), 0))", "mn"},
    {"cr.transpose($x, 0, 1)", "cr.tensor({j, i}, $x(i, j))", "nm"},
    {"cr.reshape($x, {($m) * ($n)})", "(function() local l = cr.index{l = ($m) * ($n)} return cr.tensor({l}, $x(l // ($n), l % ($n))) end)()", "?"},
    {"0.5 * cr.linalg.logdet(" .. A .. ")", "cr.sum(cr.log(cr.diag(cr.linalg.cholesky(" .. A .. "))))", ""},
    {"cr.linalg.solve(" .. A .. ", cr.mean($x, 1))", "cr.matmul(cr.linalg.inv(" .. A .. "), cr.mean($x, 1))", "m"},
    {"cr.sum(cr.linalg.eigvalsh(" .. A .. "))", "cr.trace(" .. A .. ")", ""},
    {"cr.sum(cr.linalg.svdvals(" .. A .. ") ^ 2)", "cr.sum(" .. A .. " ^ 2)", ""},
    {"cr.linalg.sqrtm(" .. A .. ")", "cr.linalg.spectral(" .. A .. ", cr.sqrt, {symmetric = true})", "mm"},
    {"cr.linalg.matrix_power(0.3 * " .. A .. ", 3)", "(0.3 * " .. A .. "):matmul(0.3 * " .. A .. "):matmul(0.3 * " .. A .. ")", "mm"},
    {"cr.crf.log_partition($x, cr.zeros{$n, $n})", "cr.sum(cr.logsumexp($x, 1))", ""},
    {"(cr.crf.marginals($x, cr.zeros{$n, $n}))", "cr.softmax($x, 1)", "mn"},
    {"cr.avg_pool2d(cr.reshape($x, {1, 1, $m, $n}), 3, 1, 1):select(0, 0):select(0, 0)",
      "(function() local a, b = cr.index{a = 3}, cr.index{b = 3} return cr.tensor({i, j}, cr.sum({a, b}, cr.zero_outside($x)(i + a - 1, j + b - 1)) / 9) end)()", "mn"},
    {"cr.attention($x, cr.sin($x), cr.cos($x))",
      "cr.matmul(cr.softmax(cr.matmul($x, cr.transpose(cr.sin($x), 0, 1)) / cr.sqrt(cr.cast(cr.cast($n, \"i64\"), REAL)), 1), cr.cos($x))", "mn"},
    {"cr.map(function(e) return cr.softmax(e, 0) end, $x)", "cr.softmax($x, 1)", "mn"},
    {"cr.map(function(e) return cr.matmul(cr.transpose($x, 0, 1), e) end, cr.transpose($x, 0, 1))", "cr.matmul(cr.transpose($x, 0, 1), $x)", "nn"},
    {"cr.mean($x, {0, 1})", "cr.sum(cr.sum($x, 0)) / (1.0 * ($m) * ($n))", ""},
    {"cr.einsum(\"ij,ik->jk\", $x, cr.sin($x))", "cr.matmul(cr.transpose($x, 0, 1), cr.sin($x))", "nn"},
    {"select(2, cr.scan(function(c, e) return c + 0.1 * e, c * e end, cr.zeros({$n}, REAL), $x))",
      "(cr.cumsum(0.1 * $x, 0) - 0.1 * $x) * $x", "mn"},
    {"cr.norm(1 + cr.square($x), 1)", "cr.sqrt(cr.sum((1 + cr.square($x)) ^ 2, 1))", "m"},
    {"cr.kron($x, cr.ones{1, 2})", "cr.repeat_interleave($x, 2, 1)", "md"},
    {"cr.cdist($x, 2 + cr.cos($x))",
      "(function() local l = cr.index{l = $m} local y = 2 + cr.cos($x) return cr.tensor({i, l}, cr.sqrt(cr.sum(k, ($x(i, k) - y(l, k)) ^ 2))) end)()", "mm"},
  }

  -- A statement said twice: two texts and a shape, or nil.
  function T.pair(g)
    local rank = int(2)
    local v = pick(g, function(u) return real_of(rank, rank)(u) and some(u.dims[1]) and some(u.dims[rank]) end)
    if not v then return end
    local c = one_of(rank == 1 and vectors or matrices)
    local n, m = v.dims[rank], v.dims[1]
    local dims = {}
    for letter in c[3]:gmatch "." do
      local d = ({n = n, m = m, d = times(n, 2), r = times(n, 3), p = add(n, dim(3))})[letter]
      if letter == "?" then d = fixed(m) and times(n, m.c) or fixed(n) and times(m, n.c) or nil end
      if not d then return end
      dims[#dims + 1] = d
    end
    local by = {x = v.name, n = show(n), m = show(m)}
    local function said(text) return ("(function() %s%s end)()"):format(fill(rank == 1 and I1 or I2, by), fill(text, by)) end
    return said(c[1]), dims, said(c[2])
  end

  -- Disguises of a float tensor v: $x, its shape $s, its first extent $n; of rank 1 at least, of any rank, of 2.
  local any = {"($x * 1)", "(0 + $x)", "(-(-$x))", "cr.where(cr.lt(0.5, 1), $x, 1e3)", "(0.5 * $x + 0.5 * $x)",
    "cr.where(cr.lt(cr.sin(cr.sum($x)), 2), $x, 7)", "cr.maximum($x, $x)", "cr.squeeze(cr.unsqueeze($x, 0), 0)",
    "cr.cond(cr.lt(cr.sin(cr.sum($x)), 2), function() return $x end, function() return 2 * $x end)",
    "cr.iterate(1, function(c) return c end, $x)", "cr.func(\"keep\", function(c) return c end)($x)",
    "cr.sum(cr.stack({0.5 * $x, 0.5 * $x}, 0), 0)", "cr.max(cr.stack({$x, $x}, 0), 0)", "($x / 1)", "($x ^ 1)",
    "cr.while_loop(function(c) return cr.gt(cr.sin(cr.sum(c)), 2) end, function(c) return 3 * c end, $x, {max = 2})",
    "cr.expand($x, $s)", "(2 * $x - $x)", "cr.cast($x, REAL)", "cr.reshape($x, $s)"}
  local leading = {"cr.reshape(cr.flatten($x), $s)", "cr.flip(cr.flip($x, 0), 0)", "cr.map(function(c) return c end, $x)",
    "cr.slice(cr.cat({$x, 2 * $x}, 0), 0, 0, $n)", "cr.slice(cr.cat({2 * $x, $x}, 0), 0, $n, 2 * ($n))",
    "cr.roll(cr.roll($x, 1, 0), -1, 0)", "cr.index_select($x, 0, cr.arange($n))",
    "select(2, cr.scan(function(c, e) return c, e end, cr.zeros({}, REAL), $x))",
    "cr.flip(select(2, cr.scan(function(c, e) return c, e end, cr.zeros({}, REAL), cr.flip($x, 0), {reverse = true})), 0)",
    "cr.sum(cr.unsqueeze($x, 1), 1)", "cr.repeat_interleave(cr.unsqueeze($x, 0), 2, 0):select(0, 1)"}
  local two = {"cr.transpose(cr.transpose($x, 0, 1), 0, 1)", "cr.tril($x) + cr.triu($x, 1)",
    "cr.einsum(\"ji->ij\", cr.transpose($x, 0, 1))"}

  function T.disguise(v)
    if v.type ~= "real" then return end
    local lists = {any, #v.dims > 0 and leading or nil}
    if #v.dims == 2 then lists[#lists + 1] = two end
    return one_of(one_of(lists))
  end
  function T.disguised(text, v, name)
    return fill(text, {x = name, s = shape(v.dims), n = v.dims[1] and show(v.dims[1]) or ""})
  end
  return T
end

-- matrix.lua: triangles, diagonals, and products that are more than a sum of products
---@source NumPy's and PyTorch's functions of that name
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local linear = require "crescent.linear"
local reduce = require "crescent.reduce"
local ops = core.ops
local unpack = table.unpack
local build = array.build
local M = {}

-- x where keep(row, column), else 0, on the last two axes
local function masked(what, x, k, keep)
  x = check.tensor(what, x)
  k = core.is_expr(k) and k or check.integer(what, k or 0, "the diagonal")
  if x.rank < 2 then core.fail(what .. ": a tensor with rows and columns is needed", x) end
  return build(x.shape, function(...)
    local index = {...}
    return ops.where(keep(index[#index - 1], index[#index], k), x(...), 0)
  end)
end

---tril(x, k = 0): x on and below diagonal k of the last two axes, else 0
---@example cr.tril(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.tril(x, k) return masked("tril", x, k, function(i, j, d) return ops.le(j - i, d) end) end

---triu(x, k = 0): x on and above diagonal k of the last two axes, else 0
---@example cr.triu(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.triu(x, k) return masked("triu", x, k, function(i, j, d) return ops.ge(j - i, d) end) end

---diagonal(x, offset = 0, axis1 = 0, axis2 = 1): the diagonal of two axes, as a new last axis
---@example cr.diagonal(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.diagonal(x, offset, axis1, axis2)
  x = check.tensor("diagonal", x)
  if x.rank < 2 then core.fail("diagonal: a tensor with two axes is needed", x) end
  offset = check.integer("diagonal", offset or 0, "the offset")
  local a, b = check.axis("diagonal", x, axis1 or 0) + 1, check.axis("diagonal", x, axis2 or 1) + 1
  if a == b then core.fail("diagonal: two different axes are needed", x) end
  local down, right = math.max(-offset, 0), math.max(offset, 0)
  local rows, columns = x.shape[a] - down, x.shape[b] - right
  local n
  if type(rows) == "number" and type(columns) == "number" then
    n = math.max(0, math.min(rows, columns))
  elseif check.same(rows, columns) then
    n = rows
  elseif offset ~= 0 and check.same(x.shape[a], x.shape[b]) then
    n = x.shape[a] - math.abs(offset)
  else
    core.fail("diagonal: the two axes must be known to be equal", x)
  end
  local index = {core.fresh(x.rank - 1)}
  local shape, at, out = {}, {}, {}
  for d = 1, x.rank do
    if d ~= a and d ~= b then
      shape[#shape + 1], at[d] = x.shape[d], index[#shape + 1]
      out[#out + 1] = at[d]
    end
  end
  local i = index[#index]
  at[a], at[b], out[#out + 1], shape[#shape + 1] = i + down, i + right, i, n
  return core.tensor(out, x(unpack(at, 1, x.rank)), shape, true)
end

---diag_embed(x, offset = 0): the last axis as diagonal `offset` of two new last axes, zeros elsewhere
---@example cr.diag_embed(cr.const{-1.5, 0.25, 2.0})
function M.diag_embed(x, offset)
  x = check.tensor("diag_embed", x)
  if x.rank == 0 then core.fail("diag_embed: a tensor with an axis is needed", x) end
  offset = check.integer("diag_embed", offset or 0, "the offset")
  local down, shape = math.max(-offset, 0), x.shape
  local n = shape[#shape] + math.abs(offset)
  shape[#shape], shape[#shape + 1] = n, n
  local read = core.wrap("zero_outside", x, x.rank - 1)
  return build(shape, function(...)
    local index = {...}
    local j = table.remove(index)
    local i = index[#index]
    index[#index] = i - down
    return ops.where(ops.eq(j - i, offset), read(unpack(index)), 0)
  end)
end

---diag(x, k = 0): diagonal k of a matrix, or the matrix with the vector x as its diagonal k
---@example cr.diag(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.diag(x, k)
  x = check.tensor("diag", x)
  if x.rank == 1 then return M.diag_embed(x, k) end
  return M.diagonal(check.ranked("diag", x, "the matrix", 2), k)
end

---trace(x): the sum of the diagonal of a matrix
---@example cr.trace(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.trace(x) return reduce.sum(M.diagonal(check.ranked("trace", x, "the matrix", 2))) end

---dot(a {n}, b {n}): the inner product of two vectors
---@example cr.dot(cr.const{-1.5, 0.25, 2.0}, cr.const{0.5, -1.0, 2.0})
function M.dot(a, b)
  return linear.matmul(check.ranked("dot", a, "a", 1), check.ranked("dot", b, "b", 1))
end

---mv(a {m, n}, x {n}): a matrix times a vector
---@example cr.mv(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{1.0, -1.0})
function M.mv(a, x)
  return linear.matmul(check.ranked("mv", a, "a", 2), check.ranked("mv", x, "x", 1))
end

---mm(a {m, k}, b {k, n}): the product of two matrices
---@example cr.mm(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.mm(a, b)
  return linear.matmul(check.ranked("mm", a, "a", 2), check.ranked("mm", b, "b", 2))
end

---bmm(a {B, m, k}, b {B, k, n}): the products of two stacks of matrices
---@example cr.bmm(cr.const{{{1.0, 2.0}}}, cr.const{{{0.5}, {4.0}}})
function M.bmm(a, b)
  a, b = check.ranked("bmm", a, "a", 3), check.ranked("bmm", b, "b", 3)
  if not check.same(a.shape[1], b.shape[1]) then
    core.fail("bmm: both need as many matrices", a, b)
  end
  return linear.matmul(a, b)
end

---outer(a {m}, b {n}): a[i] b[j]
---@example cr.outer(cr.const{-1.5, 0.25, 2.0}, cr.const{0.5, -1.0, 2.0})
function M.outer(a, b)
  a, b = check.ranked("outer", a, "a", 1), check.ranked("outer", b, "b", 1)
  local i, j = core.fresh(2)
  return core.tensor({i, j}, a(i) * b(j))
end

---tensordot(a, b, axes = 2): sum over the last `axes` axes of a and the first of b, or over the axes
---listed: {{of a}, {of b}}
---@example cr.tensordot(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}, 1)
function M.tensordot(a, b, axes)
  a, b = check.tensor("tensordot", a, "a"), check.tensor("tensordot", b, "b")
  local la, lb = {}, {}
  if axes == nil or type(axes) == "number" then
    local n = check.integer("tensordot", axes or 2, "the axes", 0)
    if n > a.rank or n > b.rank then core.fail("tensordot: there are not as many axes", a, b) end
    for k = 1, n do la[k], lb[k] = a.rank - n + k, k end
  elseif type(axes) ~= "table" or core.is_expr(axes) then
    core.fail(("tensordot: the axes are a number or {{of a}, {of b}}, not %s"):format(
      core.is_expr(axes) and "a tensor" or type(axes)))
  else
    local ta, tb = axes[1], axes[2]
    if type(ta) ~= "table" then ta, tb = {ta}, {tb} end
    if type(tb) ~= "table" or #ta ~= #tb then core.fail "tensordot: as many axes of a as of b" end
    for k = 1, #ta do
      la[k], lb[k] = check.axis("tensordot", a, ta[k]) + 1, check.axis("tensordot", b, tb[k]) + 1
    end
  end
  local ia, ib = {core.fresh(a.rank)}, {core.fresh(b.rank)}
  local ks, out, shape, gone_a, gone_b = {}, {}, {}, {}, {}
  for k, d in ipairs(la) do
    local e = lb[k]
    if not check.same(a.shape[d], b.shape[e]) then
      core.fail(("tensordot: axis %d of a has %s elements, axis %d of b %s"):format(d - 1,
        tostring(a.shape[d]), e - 1, tostring(b.shape[e])), a, b)
    end
    ib[e], gone_a[d], gone_b[e] = ia[d], true, true
    ks[k] = ia[d]
  end
  for d, size in ipairs(a.shape) do
    if not gone_a[d] then out[#out + 1], shape[#shape + 1] = ia[d], size end
  end
  for d, size in ipairs(b.shape) do
    if not gone_b[d] then out[#out + 1], shape[#shape + 1] = ib[d], size end
  end
  local product = a(unpack(ia)) * b(unpack(ib))
  return core.tensor(out, #ks > 0 and (core.reduce("sum", ks, product)) or product, shape)
end

---kron(a, b): every element of a times b, as blocks; axes as those of the tensor with more
---@example cr.kron(cr.const{1.0, -1.0}, cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.kron(a, b)
  a, b = check.tensor("kron", a, "a"), check.tensor("kron", b, "b")
  while a.rank < b.rank do a = array.unsqueeze(a, 0) end
  while b.rank < a.rank do b = array.unsqueeze(b, 0) end
  local shape = {}
  for d = 1, a.rank do shape[d] = a.shape[d] * b.shape[d] end
  return build(shape, function(...)
    local ia, ib = {}, {}
    for d, i in ipairs{...} do ia[d], ib[d] = i // b.shape[d], i % b.shape[d] end
    return a(unpack(ia)) * b(unpack(ib))
  end)
end

---cross(a, b, axis = -1): the vector product along an axis of 3
---@example cr.cross(cr.const{-1.5, 0.25, 2.0}, cr.const{0.5, -1.0, 2.0})
function M.cross(a, b, axis)
  a, b = check.tensor("cross", a, "a"), check.tensor("cross", b, "b")
  local d = check.axis("cross", a, axis or -1)
  for _, x in ipairs{a, b} do
    if x.rank ~= a.rank or x.shape[d + 1] ~= 3 then
      core.fail(("cross: both need 3 elements along axis %d"):format(d), a, b)
    end
  end
  local function part(x, k) return array.slice(x, d, k, k + 1) end
  local out = {}
  for k = 0, 2 do
    local i, j = (k + 1) % 3, (k + 2) % 3
    out[k + 1] = part(a, i) * part(b, j) - part(a, j) * part(b, i)
  end
  return array.cat(out, d)
end

---cov(x {variables, examples}, {correction = 1}): the covariance of the variables
---@example cr.cov(cr.const{{1.0, 2.0, 4.0}, {0.5, -1.0, 3.0}})
function M.cov(x, opts)
  x = check.floats("cov", x, "x")
  if x.rank == 1 then x = array.unsqueeze(x, 0) end
  x = check.ranked("cov", x, "x", 2, "{variables, examples}")
  opts = check.options("cov", opts, {correction = 1})
  local c = x - reduce.mean(x, 1, {keepdim = true})
  local y = linear.matmul(c, array.transpose(c)) / (x.shape[2] - opts.correction)
  return x.shape[1] == 1 and core.reshape(y, {}) or y
end

---corrcoef(x {variables, examples}): the correlation of the variables
---@example cr.corrcoef(cr.const{{1.0, 2.0, 4.0}, {0.5, -1.0, 3.0}})
function M.corrcoef(x)
  local c = M.cov(x)
  if c.rank == 0 then return c / c end
  local s = ops.sqrt(M.diagonal(c))
  return c / (array.unsqueeze(s, 1) * array.unsqueeze(s, 0))
end

return M

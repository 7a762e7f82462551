-- matrices.lua: what cr.linalg asks of its arguments: floats, matrices, square ones
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local reduce = require "crescent.reduce"
local ops = core.ops
---@class private
local M = {}

---A as a stack of float matrices {.., m, n}.
function M.check(what, A, name)
  name = name or "A"
  A = check.tensor(what, A, name)
  local label, shape = core.label(A)
  if A.rank < 2 then
    core.fail(("%s: %s must be a matrix or a stack of matrices, but %s has shape %s"):format(what,
      name, label, shape), A)
  end
  if A.dtype ~= "f32" and A.dtype ~= "f64" then
    core.fail(("%s: %s must be a float, not %s; use cr.cast"):format(what, label, A.dtype), A)
  end
  return A
end

---The same with as many rows as columns.
---@example cr.square(cr.const{-1.5, 0.25, 2.0})
function M.square(what, A, name)
  A = M.check(what, A, name)
  if not check.same(A.shape[A.rank - 1], A.shape[A.rank]) then
    local label, shape = core.label(A)
    core.fail(("%s: %s must be square, but %s has shape %s"):format(what, name or "A", label,
      shape), A)
  end
  return A
end

---A / c with the c {.., 1, 1} of each matrix, which no derivative enters: 1, or its largest number where that
---is so far from 1 that what high derivatives are made of would be no numbers.
function M.scaled(A)
  local far = A.dtype == "f64" and 1e40 or 1e8
  local shape = A.shape
  shape[#shape - 1], shape[#shape] = 1, 1
  local all = array.cat({array.flatten(ops.abs(A), -2, -1), array.zeros({table.unpack(shape, 1, #shape - 1)},
    A.dtype)}, -1)
  local size = ops.stop_gradient(reduce.amax(all, -1, {keepdim = true}))
  local near = ops.logical_and(ops.le(size, far), ops.ge(size * far, 1))
  local c = array.unsqueeze(ops.where(ops.logical_or(near, ops.eq(size, 0)), 1, size), -1)
  return A / c, c
end

---Whether A has more columns than rows: as its sizes say, or else as the caller does.
function M.is_wide(A, said)
  local m, n = A.shape[A.rank - 1], A.shape[A.rank]
  if math.type(m) == "integer" and math.type(n) == "integer" then return m < n end
  return said == true
end

---Which of three kernels factors a matrix: "lapack" if the caller says true, "own" if false; else "large",
---which is LAPACK's where the build has a fast one, for known sizes of at least `least`.
function M.by(lapack, least, ...)
  if lapack ~= nil then return lapack and "lapack" or "own" end
  for _, size in ipairs{...} do
    if math.type(size) ~= "integer" or size < least then return "own" end
  end
  return "large"
end

-- The axes of a batch, broadcast: {a =, b =} for each, the sizes that A and B have there (1 where one
-- lacks it); the last two of each are no batch.
local function batch_axes(A, B)
  local n, axes = math.max(A.rank, B.rank) - 2, {}
  for k = 1, n do
    local a, b = k - n + A.rank - 2, k - n + B.rank - 2
    axes[k] = {a = a > 0 and A.shape[a] or 1, b = b > 0 and B.shape[b] or 1, in_a = a > 0, in_b = b > 0}
  end
  return axes
end

-- A without the axes of the batch along which it repeats, where others are its own; B {.., n, k} with
-- these axes among its columns, so that each matrix is read once; and what takes X back. B is given the
-- whole of a batch that it has a part of, so that items can go side by side.
local function gathered(A, B)
  local axes, rank = batch_axes(A, B), B.rank
  local n, k, own, fits = B.shape[rank - 1], B.shape[rank], false, true
  for _, x in ipairs(axes) do
    own, fits = own or x.a ~= 1, fits and (x.a == 1 or x.b == 1 or check.same(x.a, x.b))
  end
  if not own or not fits then return A, B, function(X) return X end end
  local kept, moved, some, part = {}, {}, false, false
  for d, x in ipairs(axes) do
    x.d, x.size = d - 1 - (#axes - (rank - 2)), x.a ~= 1 and x.a or x.b -- its place in B
    local list = x.a == 1 and x.b ~= 1 and moved or kept
    x.list, x.place = list, #list
    list[#list + 1] = x
    if list == kept then some, part = some or x.b ~= 1, part or x.b ~= x.size and x.b == 1 end
  end
  -- shapes of A, B and X, in the order kept, n, moved, k; where the axes of B, and those of X, come from
  local of_A, of_B, of_X, turn, back, columns = {}, {}, {}, {}, {}, k
  for _, x in ipairs(kept) do
    if x.in_a then of_A[#of_A + 1] = x.a end
    if x.in_b then of_B[#of_B + 1], turn[#turn + 1] = x.b, x.d end
    of_X[#of_X + 1] = x.size
  end
  local whole = {table.unpack(of_X)}
  turn[#turn + 1], of_X[#of_X + 1] = rank - 2, n
  for _, x in ipairs(moved) do
    turn[#turn + 1], of_X[#of_X + 1], columns = x.d, x.b, columns * x.b
  end
  turn[#turn + 1], of_X[#of_X + 1] = rank - 1, k
  for d, x in ipairs(axes) do back[d] = x.list == kept and x.place or #kept + 1 + x.place end
  back[#back + 1], back[#back + 2] = #kept, #axes + 1
  for _, shape in ipairs{of_A, of_B, whole} do shape[#shape + 1] = n end
  of_A[#of_A + 1], of_B[#of_B + 1], whole[#whole + 1] = n, columns, columns
  if #moved > 0 then
    A, B = core.reshape(A, of_A), core.reshape(array.permute(B, turn), of_B)
  end
  if some and part then B = array.expand(B, whole) end
  return A, B, function(X)
    return #moved > 0 and array.permute(core.reshape(X, of_X), back) or X
  end
end

-- A, the right sides B of A X = B as matrices {.., n, k}, and what makes of their X that of B, which are
-- vectors where B has one axis, or one less than A and the shape of A's rows (as in torch.linalg.solve).
function M.right_sides(what, A, B)
  B = check.tensor(what, B, "B")
  local n, vector = A.shape[A.rank], B.rank == 1
  if B.rank == A.rank - 1 and not vector then
    vector = true
    for d, size in ipairs(B.shape) do vector = vector and check.same(size, A.shape[d]) end
  end
  if B.rank == 0 or not check.same(B.shape[vector and B.rank or B.rank - 1], n) then
    local label, shape = core.label(B)
    core.fail(("%s: %s has shape %s, and must have %s rows: {.., %s, k} or {.., %s}"):format(what,
      label, shape, tostring(n), tostring(n), tostring(n)), B, A)
  end
  if vector then
    local shape = B.shape
    shape[#shape + 1] = 1
    return A, core.reshape(B, shape), function(X) return array.squeeze(X, -1) end
  end
  return gathered(A, B)
end

return M

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

-- The right sides B of A X = B as matrices {.., n, k}, and whether they were vectors: B has one
-- axis, or one less than A and the shape of A's rows (as in torch.linalg.solve).
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
    B = core.reshape(B, shape)
  end
  return B, vector
end

return M

---@meta _
-- Written by `crescent ops --types` from the comments in dsl/op.lua: change those.

---@class cr
local cr = {}

---rows {name, shape, dtype}; a shape has whole numbers, size variables such as "n", and expressions over them; dtype "T" (the default) is f32 or f64. The C function is int kernel(int64_t size.., const T *arg.., T *result.., T *work) for one item, row-major; sizes in order of first appearance; it returns 0 or the number of a status. vjp(args, results, bars) gives the cotangents of the args of one item, nil for zero. empty = true: run-time sizes of an item may be 0.
---@param opts? {name?: string, args?: cr.Value, results?: cr.Value, kernel?: cr.Value, source?: cr.Value, vjp?: cr.Value, jvp?: cr.Value, work?: cr.Value, cost?: cr.Value, status?: cr.Value, empty?: cr.Value}
---@return cr.Tensor a
---@return cr.Tensor results
function cr.op(opts) end

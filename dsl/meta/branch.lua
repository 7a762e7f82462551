---@meta _
-- Written by `crescent ops --types` from the comments in dsl/branch.lua: change those.

---@class cr
local cr = {}

---f(...) if the bool p holds, else g(...); only that one is computed, in derivatives too. Both return the same number of tensors, of the same shapes and types.
---@param p cr.Value
---@param f function
---@param g function
---@param ... any
---@return cr.Tensor ...
function cr.cond(p, f, g, ...) end
---body(x, step) for x while go_on(x), a bool, holds. x is a tensor or a list, which keeps its shapes. Forward mode always works; reverse mode needs a bound on the number of steps, max, whose carries it keeps.
---@param go_on function
---@param body function
---@param x cr.Value
---@param opts? {max?: cr.Value}
---@return cr.Tensor
function cr.while_loop(go_on, body, x, opts) end
---x* = f(x*), from x on. x is a tensor or a list. Ends when no element changes by more than tol (1e-6, f64 1e-12) times 1 + the largest. After max steps (1000) the entry fails with NO_CONVERGENCE, or NOT_FINITE; with accept = true it goes on with the last x, `converged` says which, and derivatives stop after max steps too, unmarked. The derivative, in both modes and to any order, is that of the solution (implicit function theorem), found by iterating u = x_bar + (df/dx)' u to the same tolerance: f must contract near x*. It does not depend on the start. damping d in [0, 1) takes (1 - d) f(x) + d x for f(x).
---@param f function
---@param x cr.Value
---@param opts? {tol?: cr.Value, max?: cr.Value, damping?: cr.Value, accept?: boolean}
---@return cr.Tensor x
---@return cr.Tensor steps
---@return cr.Tensor converged
function cr.fixed_point(f, x, opts) end

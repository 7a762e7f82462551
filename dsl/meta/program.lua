---@meta _
-- Written by `crescent ops --types` from the comments in dsl/program.lua: change those.

---@class cr
local cr = {}

---a size known only at run time; `--dim name=` gives it, or the inputs do
---@param name string
---@param default cr.Value
---@return cr.Size
function cr.dim(name, default) end
---what -D name=value says, of the default's type
---@param name string
---@param default cr.Value
---@return number|string|boolean
function cr.option(name, default) end
---the type of what is not given one, "f32" or "f64", set if a name is given
---@param name string
---@return cr.Tensor
function cr.default_dtype(name) end
---input(name, shape, {dtype})
---@param name string
---@param shape cr.Size[]
---@param opts? {dtype?: cr.Dtype}
---@return cr.Tensor
function cr.input(name, shape, opts) end
---a trained parameter; zeros unless said otherwise
---@param name string
---@param shape cr.Size[]
---@param opts? {init?: cr.Value, dtype?: cr.Dtype}
---@return cr.Tensor
function cr.param(name, shape, opts) end
---kept between calls and saved, but not trained
---@param name string
---@param shape cr.Size[]
---@param opts? {init?: cr.Value, dtype?: cr.Dtype}
---@return cr.Tensor
function cr.state(name, shape, opts) end
---entry{inputs = {..}, outputs = {name = tensor}, updates = {{state, value}, ..}}
---@param opts? {inputs?: cr.Value, outputs?: cr.Value, updates?: cr.Value}
---@return cr.Entry
function cr.entry(opts) end
---one step of training. The loss is a scalar or a table of named terms. clip_norm bounds the joint 2-norm of all gradients, clip_value every element; metrics are reported by name.
---@param opts? {inputs?: cr.Value, loss?: cr.Value, optimizer?: cr.Value, params?: cr.Value, frozen?: cr.Value, clip_norm?: cr.Value, clip_value?: cr.Value, metrics?: cr.Value, updates?: cr.Value}
---@return cr.Entry
function cr.train(opts) end
---with a schedule, the command `train` runs train_d five times, then train_g once, and so on, each on the next rows of the data
---@param name string
---@param opts? {entry?: cr.Value, train?: cr.Value}
---@param opts2? {schedule?: number|function}
---@return cr.Program
function cr.program(name, opts, opts2) end

---@meta _
-- Written by `crescent ops --types` from the comments in dsl/cimport.lua: change those.

---@class cr
local cr = {}

---the functions of a C file beside the model, as a table: f.bend(x(i), 0.5)  They are inlined where they are called and differentiated like everything else, to any order. An argument is an expression, a number, or a tensor for all of its elements; an array of C is a tensor or a list of expressions. Taken are functions of double, float, int, long and bool with local variables and arrays, if, ?:, loops whose number of rounds is known, calls of each other and of math.h, and constant tables; C's conversions and integer division are kept. Anything else is an error with its line in the file, once a function that needs it is called.
---@param file string a name beside the model
---@return table functions by name
function cr.cimport(file) end

local cr = require "crescent"
local a = cr.param("a", {4}, {init = cr.init.normal(1, 2)})
local b = cr.param("b", {4}, {init = cr.init.uniform(-1, {low = -2})})
return cr.program("p", {f = cr.entry{inputs = {}, outputs = {y = a + b}}})

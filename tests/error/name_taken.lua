local cr = require "crescent"
local a = cr.param("W", {5})

local b = cr.param("W", {6})

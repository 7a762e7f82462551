local cr = require "crescent"
local w = cr.param("w", {5}, {init = "xavier"})

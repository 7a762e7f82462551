local cr = require "crescent"
local N = cr.dim("N", 4)
local M = cr.dim("N", 5)

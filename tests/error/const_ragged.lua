local cr = require "crescent"
local c = cr.const{{1, 2}, {3}}

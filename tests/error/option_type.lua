-- args: -D width=wide
local cr = require "crescent"
local n = cr.option("width", 5)

local cr = require "crescent"
return cr.program("p", { f = {} })

local cr = require "crescent"
return { f = 1 }

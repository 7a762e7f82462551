local cr = require "crescent"
local o = cr.optim.adam{ learning_rate = 1e-3 }

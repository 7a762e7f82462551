-- linalg.lua: cr.linalg: what the files of dsl/ops define, in one table
local core = require "crescent.core"
---@class cr.linalg
local M = {}

for _, file in ipairs(core.op_files()) do
  for name, f in pairs(require("crescent.ops." .. file)) do
    assert(M[name] == nil, name)
    M[name] = core.hinted(name, f)
  end
end

return M

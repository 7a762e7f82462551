-- Strided convolutions, transposed ones and their gradients, at any stride and padding: -D n=, the length, or of run time with -D dim=1
local cr = require "crescent"
local n = cr.option("n", 8)
local N = cr.option("dim", 0) == 1 and cr.dim("N", n) or n
local x, entries = cr.input("x", {2, 3, N}), {}
for width = 3, 4 do
  local w, v = cr.input("w" .. width, {4, 3, width}), cr.input("v" .. width, {3, 4, width})
  local outputs, loss = {}, cr.sum(w ^ 2) + cr.sum(v ^ 2)
  for stride = 2, 3 do
    for padding = 0, 2 do
      if n + 2 * padding >= width and (n - 1) * stride + width > 2 * padding then
        local how, name = {stride = stride, padding = padding}, ("s%dp%d"):format(stride, padding)
        local y, z = cr.tanh(cr.conv1d(x, w, how)), cr.tanh(cr.conv_transpose1d(x, v, how))
        outputs["y" .. name], outputs["z" .. name] = y, z
        loss = loss + cr.sum(y) + cr.sum(z ^ 2)
        outputs["g" .. name] = cr.grad(cr.sum(y) + cr.sum(z ^ 2), x)
      end
    end
  end
  outputs.gw, outputs.gv = table.unpack(cr.grad(loss, {w, v}))
  entries["w" .. width] = cr.entry{inputs = {x, w, v}, outputs = outputs}
end
return cr.program("residues", entries)

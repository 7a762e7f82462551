-- one kernel of every parallel kind: maps, reductions, products, convolutions, scatters, loops, batches
local cr = require "crescent"
local i, j, k = cr.index "i j k"
local N = cr.dim("N", 150)
local x, w = cr.input("x", {N, 400}), cr.param("w", {400, 300}, {init = cr.init.normal{std = 0.1}})
local ids = cr.input("ids", {N}, {dtype = "i32"})
local image = cr.input("image", {8, 4, 40, 40})
local f = cr.param("f", {8, 4, 3, 3}, {init = cr.init.normal{std = 0.1}})
local y = cr.tanh(cr.matmul(x, w))
local total = cr.sum(cr.sin(x))
local rows = cr.logsumexp(y, 1)
local columns = cr.max(y, 0)
local conv = cr.relu(cr.conv2d(image, f, {padding = "same", boundary = "mirror"}))
local table = cr.scatter({64, 300}, "sum", {i, j}, {ids(i) % 64, j}, y(i, j))
local scan = cr.cumsum(y, 0)
local sorted = cr.sort(x, 1)
local batch = cr.reshape(image, {32, 40, 40})
local solved = cr.linalg.solve(cr.matmul(batch, cr.transpose(batch, -1, -2)) + 4 * cr.eye(40), batch)
local last = cr.scan(function(c, r) return cr.tanh(cr.matmul(c, cr.matmul(w, cr.transpose(w, 0, 1)) * 0.01) + r), c end,
  cr.zeros{400}, x)
local loss = cr.mean(y * y) + cr.mean(conv) + cr.mean(cr.square(solved)) + cr.mean(rows) + cr.mean(cr.square(last))
return cr.program("races", {
  run = cr.entry{ inputs = {x, ids, image}, outputs = { total = total, rows = rows, columns = columns, conv = conv,
    table = table, scan = scan, sorted = sorted, solved = solved, last = last } },
  train = cr.train{ inputs = {x, image}, loss = loss, optimizer = cr.optim.adam{ lr = 0.01 } },
})

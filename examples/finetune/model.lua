-- finetune: what a network learned about five classes, used for five others with few labels
--
--   -sum over n of log softmax(g(f(x_n, a), b))[y_n] is minimised over b, and over a if `tuned` (Yosinski et al. 2014)
--
-- -D task=source trains trunk f and head g on classes 0 to 4. -D task=target has a new head for classes 5 to 9, and
-- takes the trunk from the source's safetensors file (train --weights): -D how=frozen leaves it as it is, -D how=tuned goes
-- on learning it (-D slower=10: ten times slower than the head). Without --weights these are a random trunk and learning from scratch.
local cr = require "crescent"

local task, how = cr.option("task", "source"), cr.option("how", "tuned")
local rate = cr.option("rate", 2e-3)
local N, width = cr.dim("N", 50), cr.option("width", 12)
local image = cr.input("image", { N, 28, 28 })
local label = cr.input("label", { N }, { dtype = "i32" })

local trunk, head = {}, {}
local function layer(list, name, nout, ...)
  local w = cr.param(name .. ".w", { nout, ... }, { init = cr.init.kaiming() })
  local b = cr.param(name .. ".b", { nout })
  table.move({ w, b }, 1, 2, #list + 1, list)
  return w, b
end
local function conv(x, name, cin, cout)
  local w, b = layer(trunk, name, cout, cin, 5, 5)
  return cr.max_pool2d(cr.relu(cr.conv2d(x, w, b, 1, 2)), 2)
end
local maps = conv(conv(cr.reshape(image / 255, { N, 1, 28, 28 }), "trunk.1", 1, width), "trunk.2", width, 2 * width)
local function dense(list, name, x, nin, nout)
  local w, b = layer(list, name, nout, nin)
  return cr.linear(x, w, b)
end
local features = cr.relu(dense(trunk, "trunk.3", cr.reshape(maps, { N, 2 * width * 49 }), 2 * width * 49, 64))
if how == "frozen" then features = cr.stop_gradient(features) end

-- Only the rows of this task count; the files hold both.
local first = task == "source" and 0 or 5
local logits = dense(head, "head." .. task, features, 64, 5)
local mine = cr.cast(cr.logical_and(cr.ge(label, first), cr.lt(label, first + 5)), "f32")
local class = cr.clamp(label - first, 0, 4)
local function mean(x) return cr.sum(x * mine) / cr.maximum(cr.sum(mine), 1) end
local loss = mean(cr.cross_entropy(logits, class))
local right = mean(cr.cast(cr.eq(cr.argmax(logits, 1), class), "f32"))

local adam = cr.optim.adam
local optimizer = task == "source" and adam { lr = rate }
  or how == "frozen" and adam { lr = rate }
  or cr.optim.groups { { params = trunk, optimizer = adam { lr = rate / cr.option("slower", 1) } }, { params = head, optimizer = adam { lr = rate } } }
return cr.program("finetune", {
  train = cr.train { inputs = { image, label }, loss = loss, params = how == "frozen" and head or nil, metrics = { right = right }, optimizer = optimizer },
  score = cr.entry { inputs = { image, label }, outputs = { right = right, loss = loss } },
})

-- graph: who of a karate club went with whom, from the friendships and one member of each side
--
--   gcn    h_i = relu(sum over neighbours j and i itself of W x_j / sqrt(d_i d_j))           (Kipf and Welling 2017)
--   sage   h_i = relu(U x_i + W max over neighbours j of relu(V x_j))   pooling over neighbours  (Hamilton et al. 2017)
--   walks  -log s(<v_i, u_j>) - sum over k of log s(-<v_i, u_k>), j near i on random walks: node2vec (Grover, Leskovec 2016)
--
-- Members have no features but who they are. An edge is read by a gather and summed by a scatter; the adjoint of each is the other.
local cr = require "crescent"

local net, hidden, V = cr.option("net", "gcn"), cr.option("hidden", 8), cr.option("members", 34)
local E = cr.dim("E", 78)
local from, to = cr.input("from", { E }, { dtype = "i32" }), cr.input("to", { E }, { dtype = "i32" }) -- each friendship once
local side = cr.input("side", { V }, { dtype = "i32" }) -- 0 and 1
local known = cr.input("known", { V }) -- 1: this member's side may be used
local e, i, c, j, k, t = cr.index "e i c j k t"

local function weight(name, ...) return cr.param(name, { ... }, { init = cr.init.xavier() }) end

-- Both directions of every edge: messages of x to the neighbours, put together by "sum" or "max".
local function gather(x, how, scale)
  local D = x.shape[2]
  scale = scale or function() return 1 end
  local there = cr.scatter({ V, D }, how, { e, c }, { to(e), c }, x(from(e), c) * scale(e), { E, D })
  local back = cr.scatter({ V, D }, how, { e, c }, { from(e), c }, x(to(e), c) * scale(e), { E, D })
  return how == "sum" and there + back or cr.maximum(there, back)
end
local degree = cr.squeeze(gather(cr.ones { V, 1 }, "sum"), 1)

local layers = {}
function layers.gcn(x, name, nout)
  local z = cr.matmul(x, weight(name .. ".w", x.shape[2], nout))
  local d = degree + 1
  local own = cr.tensor({ i, c }, z(i, c) / d(i))
  return own + gather(z, "sum", function(edge) return cr.rsqrt(d(from(edge)) * d(to(edge))) end) + cr.param(name .. ".b", { nout })
end
function layers.sage(x, name, nout)
  local seen = cr.relu(cr.matmul(x, weight(name .. ".v", x.shape[2], nout)))
  return cr.matmul(x, weight(name .. ".u", x.shape[2], nout)) + cr.matmul(gather(seen, "max"), weight(name .. ".w", nout, nout)) + cr.param(name .. ".b", { nout })
end

-- Walks of 10 steps from every member: a neighbour by chance each time, from all of which one is the largest of random numbers.
local joined = cr.scatter({ V, V }, "max", { e }, { from(e), to(e) }, 1.0, { E })
joined = cr.maximum(joined, cr.transpose(joined))
local function walk(T)
  local _, visited = cr.scan(function(at, dice)
    local next = cr.cast(cr.argmax(cr.tensor({ i, j }, joined(at(i), j) * (1 + dice(i, j))), 1), "i32")
    return next, next
  end, cr.cast(cr.arange(V), "i32"), cr.random.uniform { T, V, V })
  return visited
end

local logits, embedding, loss
if net == "walks" then
  local T, K = 10, 5
  local v, u = weight("v", V, hidden), weight("u", V, hidden)
  local path, noise = walk(T), cr.random.integers({ T, V, K }, 0, V)
  local function score(member, other) return cr.sum(c, v(member, c) * u(other, c)) end
  loss = cr.mean(cr.tensor({ t, i }, cr.softplus(-score(i, path(t, i))) + cr.sum(k, cr.softplus(score(i, noise(t, i, k))))))
  embedding = cr.normalize(v, { dim = 1 })
  local near = cr.matmul(embedding, cr.transpose(embedding)) -- the side of those known who are nearer
  logits = cr.matmul(near, cr.cast(cr.one_hot(side, 2), "f32") * cr.reshape(known, { V, 1 }))
else
  local layer = layers[net] or error("net is gcn, sage or walks, not " .. net)
  embedding = cr.relu(layer(cr.eye(V), "layer1", hidden))
  logits = layer(embedding, "layer2", 2)
  loss = cr.sum(cr.cross_entropy(logits, side) * known) / cr.sum(known)
end
local hidden_from = 1 - known
local right = cr.cast(cr.eq(cr.argmax(logits, 1), side), "f32")

return cr.program("graph", {
  train = cr.train { inputs = net == "walks" and { from, to } or { from, to, side, known }, loss = loss,
    optimizer = cr.optim.adam { lr = cr.option("rate", 0.02) } },
  score = cr.entry { inputs = { from, to, side, known }, outputs = { right = cr.sum(right * hidden_from) / cr.sum(hidden_from),
    says = cr.cast(cr.argmax(logits, 1), "i32") } },
  embed = cr.entry { inputs = net == "walks" and {} or { from, to }, outputs = { embedding = embedding } },
})

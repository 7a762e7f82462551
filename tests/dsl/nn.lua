-- nn.lua: layers and losses against loops written out, and their gradients against differences
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

-- conv2d by its definition
local function reference(x, w, N, C, H, W, O, K, s, p, d, G)
  local OH, OW = (H + 2 * p - d * (K - 1) - 1) // s + 1, (W + 2 * p - d * (K - 1) - 1) // s + 1
  local out, per = {}, C // G
  for n = 0, N - 1 do for o = 0, O - 1 do for i = 0, OH - 1 do for j = 0, OW - 1 do
    local sum, g = 0, o // (O // G)
    for c = 0, per - 1 do for a = 0, K - 1 do for b = 0, K - 1 do
      local y, z = i * s + a * d - p, j * s + b * d - p
      if y >= 0 and y < H and z >= 0 and z < W then
        sum = sum + x[((n * C + g * per + c) * H + y) * W + z + 1] * w[((o * per + c)
          * K + a) * K + b + 1]
      end
    end end end
    out[#out + 1] = sum
  end end end end
  return out
end
local function conv(C, O, G, s, p, d)
  local name = ("%d_%d_%d_%d_%d_%d"):format(C, O, G, s, p, d)
  local x, w = cr.input("x" .. name, {2, C, 5, 6}), cr.input("w" .. name, {O, C // G, 3, 3})
  local bind = {{x, t.numbers(2 * C * 30, 5)}, {w, t.numbers(O * (C // G) * 9, 6)}}
  local y = cr.conv2d(x, w, {stride = s, padding = p, dilation = d, groups = G})
  t.same(value(y, bind), reference(bind[1][2], bind[2][2], 2, C, 5, 6, O, 3, s, p, d, G))
  local loss = cr.sum(cr.sin(y))
  t.gradient(loss, x, bind)
  t.gradient(loss, w, bind)
end
conv(2, 3, 1, 1, 0, 1)
conv(2, 3, 1, 1, 1, 1)
conv(2, 4, 2, 2, 1, 1)
conv(1, 2, 1, 1, 2, 2)

local x = cr.input("x", {1, 2, 4, 4})
local w = cr.input("w", {3, 2, 3, 3})
local bind = {{x, t.numbers(32, 5)}, {w, t.numbers(54, 6)}}
for _, boundary in ipairs{"zero", "mirror", "reflect", "clamp", "wrap"} do
  local y = cr.conv2d(x, w, {padding = "same", boundary = boundary})
  t.shape(y, "1 3 4 4")
  t.gradient(cr.sum(cr.sin(y)), x, bind)
  t.gradient(cr.sum(cr.sin(y)), w, bind)
end
-- the transpose is the adjoint: <conv(u), v> = <u, conv'(v)>
for _, o in ipairs{{stride = 1, padding = 0}, {stride = 2, padding = 1, output_padding = 1}} do
  local u = cr.input("u" .. o.stride, {1, 2, 4, 4})
  local y = cr.conv2d(u, w, {stride = o.stride, padding = o.padding})
  local v = cr.input("v" .. o.stride, y.shape)
  local n = 1
  for _, s in ipairs(y.shape) do n = n * s end
  local b = {{u, t.numbers(32, 3)}, {v, t.numbers(n, 4)}, bind[2]}
  local back = cr.conv_transpose2d(v, w, o)
  t.shape(back, "1 2 4 4")
  t.same(value(cr.sum(y * v), b), value(cr.sum(u * back), b))
  t.gradient(cr.sum(cr.sin(back)), v, b)
end
local pooled = cr.max_pool2d(x, 2)
t.shape(pooled, "1 2 2 2")
t.gradient(cr.sum(pooled * pooled), x, bind)
t.same(value(cr.max_pool2d(cr.const({{{{1.0, 3, 2, 0}, {4, 4, 1, 5}}}}, "f64"), 2)), {4, 5})
t.same(value(cr.max_pool2d(cr.const({{{{-1.0, -3}, {-4, -4}}}}, "f64"), 2, 1, 1)),
  {-1, -1, -3, -1, -1, -3, -4, -4, -4})
local tie = cr.input("tie", {1, 1, 2, 2})
t.same(value(cr.grad(cr.sum(cr.max_pool2d(tie, 2)), tie), {{tie, {3, 3, 3, 3}}}), {1, 0, 0, 0})
t.same(value(cr.avg_pool2d(cr.const({{{{1.0, 3}, {4, 4}}}}, "f64"), 2)), {3})
t.gradient(cr.sum(cr.sin(cr.avg_pool2d(x, 3, 2, 1))), x, bind)

-- losses
local z, y = cr.input("z", {3, 4}), cr.input("y", {3}, {dtype = "i32"})
local b2 = {{z, t.numbers(12, 9)}, {y, {2, 0, 3}}}
local ce = cr.cross_entropy(z, y)
local zs, want = b2[1][2], {}
for n = 0, 2 do
  local sum = 0
  for c = 1, 4 do sum = sum + math.exp(zs[n * 4 + c]) end
  want[n + 1] = math.log(sum) - zs[n * 4 + b2[2][2][n + 1] + 1]
end
t.same(value(ce, b2), want)
t.same(value(cr.nll(cr.log_softmax(z), y), b2), want)
t.gradient(cr.mean(ce), z, b2)
t.same(value(cr.softmax(cr.const{2, .1, .2, 1})), {.59427, .08888, .09823, .21862}, 1e-5)
t.gradient(cr.sum(cr.softmax(z) ^ 3), z, b2)
local p = cr.sigmoid(z)
t.same(value(cr.bce(p, 0.25 + 0 * z), b2), value(cr.bce_with_logits(z, 0.25 + 0 * z), b2))
for _, f in ipairs{cr.mse, cr.l1, cr.huber, cr.hinge, cr.bce_with_logits} do
  t.gradient(cr.sum(f(z, cr.sin(z * 3))), z, b2)
end
for _, f in ipairs{cr.relu, cr.leaky_relu, cr.elu, cr.gelu, cr.silu, cr.softplus} do
  t.gradient(cr.sum(f(z) * z), z, b2)
end
t.gradient(cr.sum(cr.clamp(z * 3, -1, 2) ^ 2), z, b2)
local g, h = cr.input("g", {4}), cr.input("h", {4})
local b4 = {b2[1], {g, t.numbers(4, 2)}, {h, t.numbers(4, 3)}}
t.gradient(cr.sum(cr.layer_norm(z, {4}, g, h) ^ 3), z, b4)
local bn, updates = cr.batch_norm(z, cr.state("mean", {4}), cr.state("var", {4}), {training = true,
  weight = g, bias = h})
assert(#updates == 2)
t.gradient(cr.sum(bn ^ 3), z, b4)
t.gradient(cr.sum(cr.embedding(y, z:reshape{4, 3}) ^ 2), z, b2)

-- heads with both masks: each by itself, of the parts of the projections
local q, kv = cr.input("q", {2, 3, 4}), cr.input("kv", {2, 5, 4})
local names, weights = {"w_q", "w_k", "w_v", "w_o"}, {}
local bq = {{q, t.numbers(24, 4)}, {kv, t.numbers(40, 6)}}
for k, name in ipairs(names) do
  weights[name] = cr.input(name, {4, 4})
  bq[k + 2] = {weights[name], t.numbers(16, 2 + k)}
end
local i, j = cr.index "i j"
local allowed = cr.tensor({i, j}, cr.ne((i + 2 * j) % 3, 1), {3, 5})
local keys = cr.tensor({i, j}, cr.ne(j, i + 1), {2, 5})
local got, seen = cr.multi_head_attention(q, kv, kv, weights, 2, {mask = allowed, key_mask = keys})
local heads = {}
for h = 0, 1 do
  local part = {}
  for k, x in ipairs{q, kv, kv} do
    part[k] = cr.slice(cr.matmul(x, cr.transpose(weights[names[k]])), -1, 2 * h, 2 * h + 2)
  end
  local score = cr.matmul(part[1], cr.transpose(part[2])) / math.sqrt(2)
  local open = cr.logical_and(allowed, cr.unsqueeze(keys, 1))
  local e = cr.where(open, cr.exp(score), 0)
  local w = e / cr.sum(e, -1, {keepdim = true})
  t.same(value(cr.squeeze(cr.slice(seen, 1, h, h + 1), 1), bq), value(w, bq))
  heads[h + 1] = cr.matmul(w, part[3])
end
t.same(value(got, bq), value(cr.matmul(cr.cat(heads, -1), cr.transpose(weights.w_o)), bq))

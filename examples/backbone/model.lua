-- AlexNet, VGG-16 and ResNet-18 on 224 x 224 colour pictures, parameters named as torchvision's
--
--   -D net=alexnet|vgg16|resnet18     a safetensors file of torchvision's weights loads as it is
--   -D divide=8                       every layer with so many times fewer channels, -D side=64
--
-- (Krizhevsky, Sutskever and Hinton 2012; Simonyan and Zisserman 2015; He, Zhang, Ren and Sun 2016)
local cr = require "crescent"

local N, side = cr.dim("N", 1), cr.option("side", 224)
local classes, divide = cr.option("classes", 1000), cr.option("divide", 1)
local net = cr.option("net", "resnet18")
local image = cr.input("image", { N, side, side, 3 }) -- 0..255
local label = cr.input("label", { N }, { dtype = "i32" })

-- As torchvision's transforms: 0..1, less the mean, by the deviation of ImageNet's channels.
local mean, std = cr.const { 0.485, 0.456, 0.406 }, cr.const { 0.229, 0.224, 0.225 }
local picture = cr.permute((image / 255 - mean) / std, { 0, 3, 1, 2 })

local function wide(n) return math.max(n // divide, 1) end
local function relu(x) return cr.relu(x) end

local function conv(name, cin, cout, size, opts)
  local w = cr.param(name .. ".weight", { cout, cin, size, size }, { init = cr.init.kaiming() })
  local b = opts.bias ~= false and cr.param(name .. ".bias", { cout }) or nil
  return function(x) return cr.conv2d(x, w, b, opts.stride or 1, opts.padding or 0) end
end

local function dense(name, nin, nout)
  local w = cr.param(name .. ".weight", { nout, nin }, { init = cr.init.normal { std = 0.01 } })
  local b = cr.param(name .. ".bias", { nout })
  return function(x) return cr.linear(x, w, b) end
end

local function flat(x)
  return cr.reshape(x, { N, x.shape[2] * x.shape[3] * x.shape[4] })
end

local updates = {}
local function norm(name, channels)
  local w, b = cr.param(name .. ".weight", { channels }, { init = 1 }), cr.param(name .. ".bias", { channels })
  local m = cr.state(name .. ".running_mean", { channels })
  local v = cr.state(name .. ".running_var", { channels }, { init = 1 })
  return function(x, training)
    local y, moved = cr.batch_norm(x, m, v, w, b, training)
    if training then table.move(moved, 1, #moved, #updates + 1, updates) end
    return y
  end
end

-- Each net is a function of x and of whether it is learning, made with its parameters.

local nets = {}

-- The dense part of AlexNet and VGG: dropout, 4096, 4096, classes.
local function head(x, training, layers)
  local function drop(h) return training and cr.dropout(h, 0.5) or h end
  if nets[net] == nets.alexnet then
    return layers[3](relu(layers[2](drop(relu(layers[1](drop(x)))))))
  end
  return layers[3](drop(relu(layers[2](drop(relu(layers[1](x)))))))
end

function nets.alexnet()
  local spec = { { "0", 64, 11, 4, 2, true }, { "3", 192, 5, 1, 2, true }, { "6", 384, 3, 1, 1 },
    { "8", 256, 3, 1, 1 }, { "10", 256, 3, 1, 1, true } }
  local layers, cin = {}, 3
  for k, s in ipairs(spec) do
    layers[k] = conv("features." .. s[1], cin, wide(s[2]), s[3], { stride = s[4], padding = s[5] })
    cin = wide(s[2])
  end
  local dim = wide(4096)
  local last = { dense("classifier.1", cin * 36, dim), dense("classifier.4", dim, dim),
    dense("classifier.6", dim, classes) }
  return function(x, training)
    for k, s in ipairs(spec) do
      x = relu(layers[k](x))
      if s[6] then x = cr.max_pool2d(x, 3, 2) end
    end
    return head(flat(cr.adaptive_avg_pool2d(x, 6)), training, last)
  end
end

function nets.vgg16()
  local plan, at, cin, layers = { 64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0 },
    0, 3, {}
  for k, channels in ipairs(plan) do
    if channels == 0 then
      layers[k] = function(x) return cr.max_pool2d(x, 2) end
      at = at + 1
    else
      local f = conv("features." .. at, cin, wide(channels), 3, { padding = 1 })
      layers[k] = function(x) return relu(f(x)) end
      cin, at = wide(channels), at + 2
    end
  end
  local dim = wide(4096)
  local last = { dense("classifier.0", cin * 49, dim), dense("classifier.3", dim, dim),
    dense("classifier.6", dim, classes) }
  return function(x, training)
    for _, f in ipairs(layers) do x = f(x) end
    return head(flat(cr.adaptive_avg_pool2d(x, 7)), training, last)
  end
end

-- x + norm(conv(relu(norm(conv(x))))), the x of another size by a convolution of one pixel.
local function block(name, cin, cout, stride)
  local c1 = conv(name .. ".conv1", cin, cout, 3, { stride = stride, padding = 1, bias = false })
  local n1 = norm(name .. ".bn1", cout)
  local c2 = conv(name .. ".conv2", cout, cout, 3, { padding = 1, bias = false })
  local n2, c0, n0 = norm(name .. ".bn2", cout), nil, nil
  if stride ~= 1 or cin ~= cout then
    c0 = conv(name .. ".downsample.0", cin, cout, 1, { stride = stride, bias = false })
    n0 = norm(name .. ".downsample.1", cout)
  end
  return function(x, training)
    local h = n2(c2(relu(n1(c1(x), training))), training)
    return relu(h + (c0 and n0(c0(x), training) or x))
  end
end

function nets.resnet18()
  local first = conv("conv1", 3, wide(64), 7, { stride = 2, padding = 3, bias = false })
  local normed, blocks, cin = norm("bn1", wide(64)), {}, wide(64)
  for stage, channels in ipairs { 64, 128, 256, 512 } do
    for k = 0, 1 do
      blocks[#blocks + 1] = block(("layer%d.%d"):format(stage, k), cin, wide(channels),
        k == 0 and stage > 1 and 2 or 1)
      cin = wide(channels)
    end
  end
  local last = dense("fc", cin, classes)
  return function(x, training)
    x = cr.max_pool2d(relu(normed(first(x), training)), 3, 2, 1)
    for _, f in ipairs(blocks) do x = f(x, training) end
    return last(cr.mean(x, { 2, 3 }))
  end
end

local make = nets[net] or error("net is alexnet, vgg16 or resnet18, not " .. net)
local logits = make()
local learned, guessed = logits(picture, true), logits(picture, false)
local loss = cr.mean(cr.cross_entropy(learned, label))
local _, top = cr.topk(guessed, math.min(5, classes))

-- A photograph of any size as the nets want it: of the largest square in its middle the inner 224/256, made
-- side x side; each pixel is the mean of 4 x 4 places.
local H, W = cr.dim("H", 256), cr.dim("W", 256)
local photo = cr.input("photo", { H, W, 3 })
local i, j, c = cr.index "i j c"
local u, v = cr.index { u = 4 }, cr.index { v = 4 }
local square = cr.minimum(H, W) * 7 // 8
local function place(at, part, n) return (n - square) // 2 + (8 * at + 2 * part + 1) * square // (8 * side) end
local cut = cr.tensor({ i, j, c }, cr.sum({ u, v }, cr.clamp_to_edge(photo)(place(i, u, H), place(j, v, W), c)) / 16,
  { side, side, 3 })

return cr.program(net, {
  cut = cr.entry { inputs = { photo }, outputs = { image = cut } },
  predict = cr.entry { inputs = { image }, outputs = { top = top, prob = cr.softmax(guessed, 1) } },
  train = cr.train { inputs = { image, label }, loss = loss, updates = updates,
    optimizer = cr.optim.sgd { lr = cr.option("rate", 0.01), momentum = 0.9 } },
})

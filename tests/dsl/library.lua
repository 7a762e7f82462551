-- library.lua: functions of the library against finite differences, and against numbers where one can
-- say them; bench/agree_torch.py compares all of them with PyTorch
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

local x = cr.input("x", {2, 4, 4, 5})
local v = cr.input("v", {12})
local m = cr.input("m", {3, 4})
local bind = {{x, t.numbers(160, 3)}, {v, t.numbers(12, 4)}, {m, t.numbers(12, 5)}}
for k, e in ipairs(bind[2][2]) do bind[2][2][k] = 3 * e end

-- what is differentiable, in one loss a tensor: every function has a weight of its own
local function check(of, list)
  local loss = 0
  for k, y in ipairs(list) do loss = loss + cr.sum(cr.sin(y * (1 + k / 10))) end
  t.gradient(loss, of, bind)
end
check(v, {cr.relu6(v), cr.celu(v, 0.5), cr.selu(v), cr.gelu(v, {approximate = "tanh"}), cr.mish(v),
  cr.softplus(v, 2), cr.logsigmoid(v), cr.hardtanh(v), cr.hardsigmoid(v), cr.hardswish(v),
  cr.tanhshrink(v), cr.softshrink(v), cr.hardshrink(v), cr.threshold(v, 0.1, 2), cr.asinh(v),
  cr.acosh(2 + cr.abs(v)), cr.atanh(v / 4), cr.logit(cr.sigmoid(v)), cr.frac(v), cr.fmod(v, 0.7),
  cr.hypot(v, 2 * v + 1), cr.logaddexp(v, 1 - v), cr.xlogy(v, 4 + v), cr.sinc(v), cr.lerp(v, 1, 0.3)})
check(m, {cr.norm(m, 1), cr.norm(m, {p = 3}), cr.std(m, 0), cr.softmin(m, 0), cr.glu(m),
  cr.normalize(m), cr.cosine_similarity(m, m * m), cr.cdist(m, m * m), cr.logsumexp(m, {0, 1}),
  cr.cumsum(m, 1), cr.cumprod(m, 1), cr.logcumsumexp(m, 1), cr.diff(m), cr.trapezoid(m), cr.cov(m),
  cr.kron(m, m), cr.diag_embed(m, 1), cr.diagonal(m, 1), (cr.sort(m, 1)), cr.quantile(m, {0.2, 0.5}),
  cr.soft_histogram(m, 4, -1, 1), cr.layer_norm(m, 4), cr.rms_norm(m, 4)})
local w = cr.const(t.numbers(96, 9))
check(x, {cr.max_pool2d(x, 3, 2, 1, 1, true), cr.avg_pool2d(x, 3, 2, 1, true, false),
  cr.adaptive_avg_pool2d(x, {3, 2}), cr.adaptive_max_pool2d(x, 3), cr.lp_pool2d(x, 2, 2),
  cr.upsample(x, 2, "bilinear"), cr.interpolate(x, {3, 7}, {mode = "bicubic"}),
  cr.interpolate(x, {3, 7}), cr.grid_sample(x, cr.reshape(w:slice(0, 0, 48), {2, 3, 4, 2})),
  cr.pixel_shuffle(x, 2), cr.unfold(x, 2), cr.group_norm(x, 2), (cr.instance_norm(x)),
  cr.local_response_norm(x, 3), cr.total_variation(x, {beta = 1.5, eps = 0.01}),
  cr.conv_transpose2d(x, cr.reshape(w, {4, 2, 3, 4}), nil, 2, 1, 1)})

-- places and values
local function is(y, want) t.same(value(y, bind), want) end
local a = cr.const{{1, 2, 3}, {4, 5, 6}}
local f = cr.const{{3.0, -4.0}, {0.0, 2.0}}
is(cr.norm(f, 1, 1), {7, 2})
is(cr.norm(f, 2, {1}), {5, 2})
is(cr.norm(f, 1, 0, true), {3, 6})
is(cr.norm(f, math.huge), {4})
is(cr.norm(f, "fro"), {29 ^ 0.5})
is(cr.norm(f, 0), {3, 20 ^ 0.5})
is(cr.slice(a, 1, nil, nil, -2), {3, 1, 6, 4})
is(cr.slice(a, 1, -2, nil, -1), {2, 1, 5, 4})
is(cr.slice(a, 1, 5, 0, -1), {3, 2, 6, 5})
is(cr.select(a, 0, -1), {4, 5, 6})
is(cr.chunk(a, 2, 1)[2], {3, 6})
is(cr.unbind(a)[2], {4, 5, 6})
is(cr.roll(a, 1), {6, 1, 2, 3, 4, 5})
is(cr.roll(a, {1, 1}, {0, 1}), {6, 4, 5, 3, 1, 2})
is(cr.rot90(a), {3, 6, 2, 5, 1, 4})
is(cr.tile(a, {2, 1}), {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6})
is(cr.repeat_interleave(a, 2, 0), {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6})
is(cr.movedim(a, 0, -1), {1, 4, 2, 5, 3, 6})
is(cr.pad(a, {1, -1}, "constant", 9), {9, 1, 2, 9, 4, 5})
is(cr.pad(a, {2, 0}, {mode = "reflect"}), {3, 2, 1, 2, 3, 6, 5, 4, 5, 6})
is(cr.diag(cr.const{1, 2}, -1), {0, 0, 0, 1, 0, 0, 0, 2, 0})
is(cr.diag(a, 1), {2, 6})
local ids = cr.const{{0, 0, 1}}
is(cr.scatter_add(a, 0, ids, a), {6 - 4, 2 + 2, 3, 4, 5, 6 + 3})
is(cr.scatter(a, 0, ids, 7), {7, 7, 3, 4, 5, 7})
is(cr.scatter_reduce(a, 0, ids, a, "amax", {include_self = false}), {1, 2, 3, 4, 5, 3})
is(cr.scatter_reduce(cr.cast(a), 1, cr.const{{0, 0}}, cr.const{{3.0, 5.0}}, "mean"), {3, 2, 3, 4,
  5, 6})
is(cr.index_add(a, 1, cr.const{0, 0}, cr.slice(a, 1, 1)), {6, 2, 3, 15, 5, 6})
is(cr.take_along_axis(a, cr.const{{2}, {0}}, 1), {3, 4})
is(cr.masked_fill(a, cr.gt(a, 4), 0), {1, 2, 3, 4, 0, 0})
is(cr.cross(cr.const{1, 2, 3}, cr.const{4, 5, 6}), {-3, 6, -3})
is(cr.tensordot(a, a, {{0}, {0}}), {17, 22, 27, 22, 29, 36, 27, 36, 45})
is(cr.meshgrid({cr.arange(2), cr.arange(3)}, {indexing = "xy"})[1], {0, 1, 0, 1, 0, 1})
is(cr.linspace(0, 1, 5), {0, 0.25, 0.5, 0.75, 1})
is(cr.arange(5, 0, -2), {5, 3, 1})
is(cr.searchsorted(cr.const{1, 3, 3, 7}, cr.const{3, 8, 0}), {1, 4, 0})
is(cr.searchsorted(cr.const{1, 3, 3, 7}, cr.const{3, 8, 0}, {right = true}), {3, 4, 0})
is(cr.bincount(cr.const{1, 3, 1}, 4), {0, 2, 0, 1})
is(cr.histc(cr.const{0.0, 0.5, 1.0, 1.5, 2.5}, 2, 0, 2), {2, 2})
local top, at = cr.topk(cr.const{3, 1, 4, 1, 5}, 2, {largest = false})
is(top, {1, 1})
is(at, {1, 3})
local runs, places = cr.cummax(cr.const{2, 1, 2, 5, 3})
is(runs, {2, 2, 2, 5, 5})
is(places, {0, 0, 2, 3, 3})
is(cr.quantile(cr.const{4.0, 1.0, 3.0, 2.0}, 0.5, {interpolation = "lower"}), {2})
is(cr.median(cr.const{4.0, 1.0, 3.0, 2.0}), {2.5})
is(cr.sum(cr.const({true, true, false})), {2})
is(cr.count_nonzero(a, 1), {3, 3})
is(cr.any(cr.const{0.0, 0.5}), {1})
is(cr.norm(cr.grad(cr.norm(v * 0), v)), {0})

-- losses
local z = cr.const{{1.0, 2.0, 0.5}, {0.3, -1.0, 2.0}}
local y = cr.const{2, -100}
is(cr.cross_entropy(z, y), {math.log(math.exp(0.5) + math.exp(1.5) + 1), 0})
is(cr.cross_entropy(z, cr.const{2, 0}, {reduction = "mean"}) * 2,
  value(cr.sum(cr.cross_entropy(z, cr.const{2, 0}))))
is(cr.smooth_l1(z, z + 3, {beta = 2, reduction = "sum"}), {12})
is(cr.kl_div(cr.log(cr.const{0.5, 0.5}), cr.const{1.0, 0.0}, {reduction = "sum"}), {math.log(2)})

-- sorting: stable, NaN the largest, n log n
local odd = cr.const{3.0, 0 / 0, 1.0, 3.0, -1 / 0}
is(cr.argsort(odd), {4, 2, 0, 3, 1})
is(cr.argsort(odd, {descending = true}), {1, 0, 3, 2, 4})
is(cr.argsort(cr.const{2, -1, 2, 7}, -1, true), {3, 0, 2, 1})
local many = cr.sort(cr.arange(200000) * 7919 % 200003)
is(cr.sum(cr.cast(cr.lt(cr.slice(many, 0, 1), cr.slice(many, 0, 0, -1)), "i64")), {0})
local N = cr.dim "N"
local line = cr.input("line", {1, 1, N})
t.shape(cr.max_pool1d(cr.input("six", {1, 1, 6}), 3, 2, 1, 1, true), "1 1 4")
t.same(value(cr.max_pool1d(line, 3, 2, 1, 1, true), {{line, {1, 2, 3, 4, 5, 6}}}, {N = 6}), {2, 4, 6, 6})

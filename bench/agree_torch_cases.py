"""The cases of agree_torch.py: a name, Lua, PyTorch."""
import numpy as np
import torch
import torch.nn.functional as F
from agree_torch import group

N = lambda *s: (lambda r: r.standard_normal(s))
P = lambda *s: (lambda r: r.uniform(0.3, 2.0, s))
U = lambda lo, hi, *s: (lambda r: r.uniform(lo, hi, s))
I = lambda n, *s: (lambda r: r.integers(0, n, s))
B = lambda *s: (lambda r: r.random(s) < 0.6)
SGN = lambda *s: (lambda r: r.choice([-1.0, 1.0], s))

ACT = "relu relu6 elu celu selu gelu silu mish softsign softplus logsigmoid hardtanh hardswish tanhshrink softshrink hardshrink leaky_relu"
group("activations", dict(x=lambda r: 3 * r.standard_normal((40,))),
      [(n, f"cr.{n}(x)", (lambda n: lambda x: getattr(F, n)(x))(n)) for n in ACT.split()] + [
          ("leaky", "cr.leaky_relu(x, 0.3)", lambda x: F.leaky_relu(x, 0.3)), ("elu2", "cr.elu(x, 0.3)", lambda x: F.elu(x, 0.3)),
          ("celu2", "cr.celu(x, 0.25)", lambda x: F.celu(x, 0.25)), ("hardsigmoid", "cr.hardsigmoid(x)", lambda x: F.relu6(x + 3) / 6), ("geluth", 'cr.gelu(x, {approximate = "tanh"})', lambda x: F.gelu(x, approximate="tanh")),
          ("softplus2", "cr.softplus(x, 2, 1)", lambda x: F.softplus(x, 2, 1)), ("hardtanh2", "cr.hardtanh(x, -2, 0.5)", lambda x: F.hardtanh(x, -2, .5)),
          ("threshold", "cr.threshold(x, 0.5, 7)", lambda x: F.threshold(x, .5, 7)), ("clamp", "cr.clamp(x, -1, 1)", lambda x: x.clamp(-1, 1)),
          ("clampl", "cr.clamp(x, nil, 1)", lambda x: x.clamp(max=1)), ("square", "cr.square(x)", lambda x: x.square()),
          ("asinh", "cr.asinh(x)", lambda x: x.asinh()), ("sinc", "cr.sinc(x)", lambda x: torch.sinc(x)), ("exp2", "cr.exp2(x)", lambda x: x.exp2()),
          ("frac", "cr.frac(x)", lambda x: x.frac()), ("nan", "cr.nan_to_num(x / cr.relu(x))", lambda x: torch.nan_to_num(x / F.relu(x)))],
      )
group("pairs", dict(x=N(30), y=N(30), p=P(30)), [
    ("hypot", "cr.hypot(x, y)", lambda x, y, p: torch.hypot(x, y)), ("logaddexp", "cr.logaddexp(x, y)", lambda x, y, p: torch.logaddexp(x, y)),
    ("xlogy", "cr.xlogy(x, p)", lambda x, y, p: torch.xlogy(x, p)), ("fmod", "cr.fmod(x, p)", lambda x, y, p: torch.fmod(x, p)),
    ("mod", "x % p", lambda x, y, p: torch.remainder(x, p)), ("lerp", "cr.lerp(x, y, p)", lambda x, y, p: torch.lerp(x, y, p)),
    ("log2", "cr.log2(p)", lambda x, y, p: p.log2()), ("log10", "cr.log10(p)", lambda x, y, p: p.log10()),
    ("acosh", "cr.acosh(p + 1)", lambda x, y, p: (p + 1).acosh()), ("atanh", "cr.atanh(p / 3)", lambda x, y, p: (p / 3).atanh()),
    ("logit", "cr.logit(p / 3)", lambda x, y, p: (p / 3).logit()), ("heaviside", "cr.heaviside(x, y)", lambda x, y, p: torch.heaviside(x.detach(), y.detach())),
    ("max2", "cr.max(x, y)", lambda x, y, p: torch.max(x, y)), ("isclose", "cr.isclose(x, y, 0.5, 0.1)", lambda x, y, p: torch.isclose(x, y, 0.5, 0.1)),
    ("floordiv", "x // p", lambda x, y, p: torch.floor(x / p)), ("prelu", "cr.prelu(cr.reshape(x, {1, 5, 6}), cr.slice(p, 0, 0, 5))", lambda x, y, p: F.prelu(x.reshape(1, 5, 6), p[:5]))])
group("softmax", dict(x=N(3, 4, 6)), [
    ("softmax", "cr.softmax(x, 1)", lambda x: x.softmax(1)), ("logsoftmax", "cr.log_softmax(x)", lambda x: x.log_softmax(-1)),
    ("softmin", "cr.softmin(x, 0)", lambda x: F.softmin(x, 0)), ("glu", "cr.glu(x)", lambda x: F.glu(x)), ("glu1", "cr.glu(x, 1)", lambda x: F.glu(x, 1)),
    ("normalize", "cr.normalize(x)", lambda x: F.normalize(x)), ("normalize3", "cr.normalize(x, {p = 3, axis = 2})", lambda x: F.normalize(x, p=3, dim=2)),
    ("ln", "cr.layer_norm(x, {4, 6})", lambda x: F.layer_norm(x, (4, 6))), ("rms", "cr.rms_norm(x, 6)", lambda x: F.rms_norm(x, (6,)))])
group("norms", dict(x=N(3, 4, 5), w=P(4), b=N(4), m=N(4), v=P(4), l=N(5)), [
    ("bn", "(cr.batch_norm(x, m, v, w, b))", lambda x, w, b, m, v, l: (x - m[:, None]) / (v + 1e-5).sqrt()[:, None] * w[:, None] + b[:, None]),
    ("bnt", "(cr.batch_norm(x, nil, nil, w, b, true, 0.1, 1e-3))", lambda x, w, b, m, v, l: F.batch_norm(x, None, None, w, b, True, .1, 1e-3)),
    ("in", "(cr.instance_norm(x, {weight = w, bias = b}))", lambda x, w, b, m, v, l: F.instance_norm(x, None, None, w, b)),
    ("gn", "cr.group_norm(x, 2, w, b)", lambda x, w, b, m, v, l: F.group_norm(x, 2, w, b)),
    ("ln", "cr.layer_norm(x, 5, l, l, 1e-2)", lambda x, w, b, m, v, l: F.layer_norm(x, (5,), l, l, 1e-2)),
    ("lrn", "cr.local_response_norm(x, 3, 0.1)", lambda x, w, b, m, v, l: F.local_response_norm(x, 3, .1)),
    ("lrn2", "cr.local_response_norm(x, 2, 0.1, 0.5, 2)", lambda x, w, b, m, v, l: F.local_response_norm(x, 2, .1, .5, 2)),
    ("wn", "cr.weight_norm(x, cr.slice(w, 0, 0, 3))", lambda x, w, b, m, v, l: x * (w[:3] / (x ** 2).sum((1, 2)).sqrt()).reshape(3, 1, 1))], second=True)

CONV = [("", ""), (", stride = 2, padding = 1", dict(stride=2, padding=1)), (", dilation = 2, padding = {2, 1}", dict(dilation=2, padding=(2, 1)))]
group("conv2d", dict(x=N(2, 4, 7, 6), w=N(6, 4, 3, 3), v=N(6, 2, 3, 2), b=N(6)), [
    ("plain", "cr.conv2d(x, w, b)", lambda x, w, v, b: F.conv2d(x, w, b)),
    ("pos", "cr.conv2d(x, w, b, 2, 1)", lambda x, w, v, b: F.conv2d(x, w, b, 2, 1)),
    ("dil", "cr.conv2d(x, w, b, {dilation = 2, padding = {2, 1}})", lambda x, w, v, b: F.conv2d(x, w, b, dilation=2, padding=(2, 1))),
    ("groups", "cr.conv2d(x, v, nil, 1, 1, 1, 2)", lambda x, w, v, b: F.conv2d(x, v, None, 1, 1, 1, 2)),
    ("same", 'cr.conv2d(x, v, {padding = "same", groups = 2})', lambda x, w, v, b: F.conv2d(x, v, None, 1, "same", 1, 2))], second=True)
group("conv13", dict(x=N(2, 4, 9), w=N(6, 4, 3), z=N(1, 2, 4, 4, 5), u=N(3, 2, 2, 3, 2), b=N(3)), [
    ("c1", "cr.conv1d(x, w, nil, 2, 1)", lambda x, w, z, u, b: F.conv1d(x, w, None, 2, 1)),
    ("c1u", "cr.conv1d(cr.select(x, 0, 0), w)", lambda x, w, z, u, b: F.conv1d(x[0], w)),
    ("c3", "cr.conv3d(z, u, b, {1, 2, 1}, 1)", lambda x, w, z, u, b: F.conv3d(z, u, b, (1, 2, 1), 1))])
group("conv_transpose", dict(x=N(2, 4, 4, 5), w=N(4, 3, 3, 2), v=N(4, 2, 3, 3), b=N(3), y=N(2, 4, 6), u=N(4, 3, 4), z=N(1, 2, 3, 3, 2), q=N(2, 2, 2, 3, 2)), [
    ("plain", "cr.conv_transpose2d(x, w, b)", lambda x, w, v, b, y, u, z, q: F.conv_transpose2d(x, w, b)),
    ("stride", "cr.conv_transpose2d(x, w, b, 2, 1, 1)", lambda x, w, v, b, y, u, z, q: F.conv_transpose2d(x, w, b, 2, 1, 1)),
    ("groups", "cr.conv_transpose2d(x, v, nil, {2, 3}, 0, {1, 2}, 2, 1)", lambda x, w, v, b, y, u, z, q: F.conv_transpose2d(x, v, None, (2, 3), 0, (1, 2), 2, 1)),
    ("dil", "cr.conv_transpose2d(x, w, nil, {stride = 2, dilation = {2, 3}, padding = 1})", lambda x, w, v, b, y, u, z, q: F.conv_transpose2d(x, w, None, 2, 1, 0, 1, (2, 3))),
    ("t1", "cr.conv_transpose1d(y, u, b, 3, 1, 2)", lambda x, w, v, b, y, u, z, q: F.conv_transpose1d(y, u, b, 3, 1, 2)),
    ("t3", "cr.conv_transpose3d(z, q, nil, {2, 1, 2}, 1)", lambda x, w, v, b, y, u, z, q: F.conv_transpose3d(z, q, None, (2, 1, 2), 1))])
group("pool", dict(x=N(2, 3, 7, 8), y=N(2, 3, 11), z=N(1, 2, 5, 4, 6)), [
    ("max", "cr.max_pool2d(x, 2)", lambda x, y, z: F.max_pool2d(x, 2)),
    ("maxp", "cr.max_pool2d(x, 3, 2, 1)", lambda x, y, z: F.max_pool2d(x, 3, 2, 1)),
    ("maxd", "cr.max_pool2d(x, {2, 3}, 2, {1, 0}, 2, true)", lambda x, y, z: F.max_pool2d(x, (2, 3), 2, (1, 0), 2, True)),
    ("maxc", "cr.max_pool2d(x, 3, {stride = 2, padding = 1, ceil_mode = true})", lambda x, y, z: F.max_pool2d(x, 3, 2, 1, 1, True)),
    ("maxi", "(select(2, cr.max_pool2d(x, 3, 2, 1, 1, true, true)))", lambda x, y, z: F.max_pool2d(x, 3, 2, 1, 1, True, True)[1]),
    ("max1", "cr.max_pool1d(y, 3, 2, 1)", lambda x, y, z: F.max_pool1d(y, 3, 2, 1)),
    ("max3", "cr.max_pool3d(z, 2, 1)", lambda x, y, z: F.max_pool3d(z, 2, 1)),
    ("avg", "cr.avg_pool2d(x, 3, 2, 1)", lambda x, y, z: F.avg_pool2d(x, 3, 2, 1)),
    ("avgc", "cr.avg_pool2d(x, {3, 2}, 2, 1, true)", lambda x, y, z: F.avg_pool2d(x, (3, 2), 2, 1, True)),
    ("avgx", "cr.avg_pool2d(x, 3, 2, 1, true, false)", lambda x, y, z: F.avg_pool2d(x, 3, 2, 1, True, False)),
    ("avgd", "cr.avg_pool2d(x, 3, {divisor_override = 5})", lambda x, y, z: F.avg_pool2d(x, 3, divisor_override=5)),
    ("avg1", "cr.avg_pool1d(y, 4, 3, 2, true)", lambda x, y, z: F.avg_pool1d(y, 4, 3, 2, True)),
    ("avg3", "cr.avg_pool3d(z, 2, 2, 1, false, false)", lambda x, y, z: F.avg_pool3d(z, 2, 2, 1, False, False)),
    ("aavg", "cr.adaptive_avg_pool2d(x, {3, 5})", lambda x, y, z: F.adaptive_avg_pool2d(x, (3, 5))),
    ("aavg1", "cr.adaptive_avg_pool2d(x, 1)", lambda x, y, z: F.adaptive_avg_pool2d(x, 1)),
    ("aavgu", "cr.adaptive_avg_pool1d(y, 16)", lambda x, y, z: F.adaptive_avg_pool1d(y, 16)),
    ("amax", "cr.adaptive_max_pool2d(x, {4, 4})", lambda x, y, z: F.adaptive_max_pool2d(x, 4)),
    ("amax3", "cr.adaptive_max_pool3d(z, {2, 3, 4})", lambda x, y, z: F.adaptive_max_pool3d(z, (2, 3, 4))),
    ("lp", "cr.lp_pool2d(x, 3, 2)", lambda x, y, z: (F.avg_pool2d(x.abs() ** 3, 2) * 4) ** (1 / 3))])
RES = dict(x=N(2, 2, 4, 5), y=N(1, 2, 7), z=N(1, 1, 2, 3, 3))
group("resize", RES, [
    ("near", "cr.upsample(x, 2)", lambda x, y, z: F.interpolate(x, scale_factor=2)),
    ("nears", "cr.interpolate(x, {7, 3})", lambda x, y, z: F.interpolate(x, (7, 3))),
    ("neare", 'cr.interpolate(x, {7, 3}, {mode = "nearest-exact"})', lambda x, y, z: F.interpolate(x, (7, 3), mode="nearest-exact")),
    ("bil", 'cr.upsample(x, 2, "bilinear")', lambda x, y, z: F.interpolate(x, scale_factor=2, mode="bilinear")),
    ("bilc", 'cr.upsample(x, {size = {9, 7}, mode = "bilinear", align_corners = true})', lambda x, y, z: F.interpolate(x, (9, 7), mode="bilinear", align_corners=True)),
    ("bild", 'cr.interpolate(x, {3, 2}, nil, "bilinear")', lambda x, y, z: F.interpolate(x, (3, 2), mode="bilinear")),
    ("bilf", 'cr.interpolate(x, nil, 1.6, "bilinear")', lambda x, y, z: F.interpolate(x, scale_factor=1.6, mode="bilinear")),
    ("bic", 'cr.upsample(x, 3, "bicubic")', lambda x, y, z: F.interpolate(x, scale_factor=3, mode="bicubic")),
    ("bicc", 'cr.interpolate(x, {6, 9}, {mode = "bicubic", align_corners = true})', lambda x, y, z: F.interpolate(x, (6, 9), mode="bicubic", align_corners=True)),
    ("lin", 'cr.interpolate(y, 10, {mode = "linear"})', lambda x, y, z: F.interpolate(y, 10, mode="linear")),
    ("tri", 'cr.upsample(z, 2, "trilinear")', lambda x, y, z: F.interpolate(z, scale_factor=2, mode="trilinear")),
    ("area", 'cr.interpolate(x, {2, 3}, {mode = "area"})', lambda x, y, z: F.interpolate(x, (2, 3), mode="area")),
    ("one", 'cr.interpolate(x, {1, 1}, {mode = "bilinear", align_corners = true})', lambda x, y, z: F.interpolate(x, (1, 1), mode="bilinear", align_corners=True))])
GS = []
for m in ["bilinear", "nearest", "bicubic"]:
    for p in ["zeros", "border", "reflection"]:
        for a in ["false", "true"]:
            GS.append((f"{m[:4]}_{p[:3]}_{a[0]}", f'cr.grid_sample(x, g, "{m}", "{p}", {a})',
                       (lambda m, p, a: lambda x, g: F.grid_sample(x, g, m, p, a == "true"))(m, p, a)))
group("grid_sample", dict(x=N(2, 2, 4, 5), g=U(-1.4, 1.4, 2, 3, 4, 2)), GS, second=False)
group("grid3", dict(x=N(1, 2, 3, 4, 5), g=U(-1.2, 1.2, 1, 2, 3, 4, 3), t=N(2, 2, 3), t3=N(1, 3, 4)), [
    ("tri", "cr.grid_sample(x, g)", lambda x, g, t, t3: F.grid_sample(x, g, align_corners=False)),
    ("near", 'cr.grid_sample(x, g, "nearest", "border", true)', lambda x, g, t, t3: F.grid_sample(x, g, "nearest", "border", True)),
    ("affine", "cr.affine_grid(t, {2, 3, 4, 5})", lambda x, g, t, t3: F.affine_grid(t, (2, 3, 4, 5), False)),
    ("affinec", "cr.affine_grid(t, {2, 3, 4, 1}, true)", lambda x, g, t, t3: F.affine_grid(t, (2, 3, 4, 1), True)),
    ("affine3", "cr.affine_grid(t3, {1, 3, 2, 3, 4}, true)", lambda x, g, t, t3: F.affine_grid(t3, (1, 3, 2, 3, 4), True))], second=False)
group("rearrange", dict(x=N(2, 8, 3, 4), u=N(2, 12, 6)), [
    ("ps", "cr.pixel_shuffle(x, 2)", lambda x, u: F.pixel_shuffle(x, 2)), ("pu", "cr.pixel_unshuffle(cr.slice(x, 2, 0, 2), 2)", lambda x, u: F.pixel_unshuffle(x[:, :, :2], 2)),
    ("cs", "cr.channel_shuffle(x, 4)", lambda x, u: F.channel_shuffle(x.detach(), 4)),
    ("unfold", "cr.unfold(x, {2, 3}, 1, 1, 2)", lambda x, u: F.unfold(x, (2, 3), 1, 1, 2)), ("unfoldd", "cr.unfold(x, 2, {dilation = 2})", lambda x, u: F.unfold(x, 2, 2)),
    ("fold", "cr.fold(u, {3, 4}, {2, 2})", lambda x, u: F.fold(u, (3, 4), 2)), ("foldp", "cr.fold(u, {3, 5}, 2, 1, 1, {2, 2})", lambda x, u: F.fold(u, (3, 5), 2, 1, 1, (2, 2)))])

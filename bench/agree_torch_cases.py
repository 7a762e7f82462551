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
    ("inm", "select(2, cr.instance_norm(x, m, v, {momentum = 0.3}))[1][2]", lambda x, w, b, m, v, l: m * .7 + x.detach().mean(2).mean(0) * .3),
    ("inv", "select(2, cr.instance_norm(x, m, v, {momentum = 0.3}))[2][2]", lambda x, w, b, m, v, l: v * .7 + x.detach().var(2).mean(0) * .3),
    ("inf", "(cr.instance_norm(x, m, v, {use_input_stats = false}))", lambda x, w, b, m, v, l: (x - m[:, None]) / (v + 1e-5).sqrt()[:, None]),
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

# Losses
LOSS = dict(x=N(5, 4), y=N(5, 4), p=U(.05, .95, 5, 4), q=U(.05, .95, 5, 4), s=SGN(5, 4), w=P(4))
LR = [("mse", F.mse_loss), ("l1", F.l1_loss), ("smooth_l1", F.smooth_l1_loss), ("huber", F.huber_loss)]
group("losses", LOSS, [r for n, f in LR for r in [(n, f"cr.{n}(x, y)", (lambda f: lambda x, y, p, q, s, w: f(x, y, reduction="none"))(f)),
                                                  (n + "m", f'cr.{n}(x, y, {{reduction = "mean"}})', (lambda f: lambda x, y, p, q, s, w: f(x, y))(f))]] + [
    ("huber2", "cr.huber(x, y, {delta = 0.5})", lambda x, y, p, q, s, w: F.huber_loss(x, y, "none", .5)),
    ("smooth2", "cr.smooth_l1(x, y, 0.3)", lambda x, y, p, q, s, w: F.smooth_l1_loss(x, y, reduction="none", beta=.3)),
    ("bce", "cr.bce(p, q)", lambda x, y, p, q, s, w: F.binary_cross_entropy(p, q, reduction="none")),
    ("bcew", "cr.bce(p, cr.stop_gradient(q), w)", lambda x, y, p, q, s, w: (-(q.detach() * p.log() + (1 - q.detach()) * (1 - p).log()) * w)),
    ("bcel", "cr.bce_with_logits(x, q, w, {pos_weight = w})", lambda x, y, p, q, s, w: ((1 - q) * x + (1 + (w - 1) * q) * F.softplus(-x)) * w),
    ("bcel1", 'cr.bce_with_logits(x, q, {reduction = "mean"})', lambda x, y, p, q, s, w: F.binary_cross_entropy_with_logits(x, q)),
    ("kl", "cr.kl_div(x, p)", lambda x, y, p, q, s, w: F.kl_div(x, p, reduction="none")),
    ("kllog", 'cr.kl_div(x, y, "batchmean", true)', lambda x, y, p, q, s, w: F.kl_div(x, y, reduction="batchmean", log_target=True)),
    ("poisson", "cr.poisson_nll(x, q)", lambda x, y, p, q, s, w: F.poisson_nll_loss(x, q, reduction="none")),
    ("poissonf", "cr.poisson_nll(p, cr.stop_gradient(q) * 4, {log_input = false, full = true})", lambda x, y, p, q, s, w: F.poisson_nll_loss(p, q.detach() * 4, False, True, reduction="none")),
    ("gauss", "cr.gaussian_nll(x, y, p, true)", lambda x, y, p, q, s, w: F.gaussian_nll_loss(x, y, p, full=True, reduction="none")),
    ("hingee", "cr.hinge_embedding(x, cr.stop_gradient(s), 0.7)", lambda x, y, p, q, s, w: F.hinge_embedding_loss(x, s.detach(), .7, reduction="none")),
    ("softm", "cr.soft_margin(x, s)", lambda x, y, p, q, s, w: F.softplus(-x * s)),
    ("margin", "cr.margin_ranking(x, y, cr.stop_gradient(s), 0.3)", lambda x, y, p, q, s, w: F.margin_ranking_loss(x, y, s.detach(), .3, reduction="none")),
    ("triplet", "cr.triplet_margin(x, y, p, 2)", lambda x, y, p, q, s, w: F.triplet_margin_loss(x, y, p, 2, reduction="none")),
    ("triplets", "cr.triplet_margin(x, y, p, {swap = true, p = 3})", lambda x, y, p, q, s, w: F.triplet_margin_loss(x, y, p, swap=True, p=3, reduction="none")),
    ("cosemb", "cr.cosine_embedding(x, y, cr.select(cr.stop_gradient(s), 1, 0), 0.1)", lambda x, y, p, q, s, w: F.cosine_embedding_loss(x, y, s.detach()[:, 0], .1, reduction="none")),
    ("cosine", "cr.cosine_similarity(x, y)", lambda x, y, p, q, s, w: F.cosine_similarity(x, y)),
    ("pair", "cr.pairwise_distance(x, y, 1.5)", lambda x, y, p, q, s, w: F.pairwise_distance(x, y, 1.5)),
    ("cdist", "cr.cdist(x, cr.slice(y, 0, 0, 3))", lambda x, y, p, q, s, w: ((x[:, None] - y[None, :3]) ** 2).sum(-1).sqrt()),
    ("cdist1", "cr.cdist(x, y, 1)", lambda x, y, p, q, s, w: torch.cdist(x, y, 1))])
group("classes", dict(x=N(5, 4), c=I(4, 5), z=N(2, 3, 4, 2), d=I(3, 2, 4, 2), w=P(4), v=P(3), q=U(.05, .95, 5, 4)), [
    ("ce", "cr.cross_entropy(x, c)", lambda x, c, z, d, w, v, q: F.cross_entropy(x, c, reduction="none")),
    ("cem", 'cr.cross_entropy(x, c, {reduction = "mean"})', lambda x, c, z, d, w, v, q: F.cross_entropy(x, c)),
    ("cew", 'cr.cross_entropy(x, c, w.detach and w or w, {reduction = "mean", label_smoothing = 0.2})'.replace("w.detach and w or w", "cr.stop_gradient(w)"), lambda x, c, z, d, w, v, q: F.cross_entropy(x, c, w.detach(), label_smoothing=.2)),
    ("cei", 'cr.cross_entropy(x, c, cr.stop_gradient(w), {ignore_index = 1, reduction = "mean"})', lambda x, c, z, d, w, v, q: F.cross_entropy(x, c, w.detach(), ignore_index=1)),
    ("ceis", "cr.cross_entropy(x, c, {ignore_index = 1, label_smoothing = 0.1})", lambda x, c, z, d, w, v, q: F.cross_entropy(x, c, ignore_index=1, label_smoothing=.1, reduction="none")),
    ("ce4", "cr.cross_entropy(z, d, cr.stop_gradient(v))", lambda x, c, z, d, w, v, q: F.cross_entropy(z, d, v.detach(), reduction="none")),
    ("ce4m", 'cr.cross_entropy(z, d, {label_smoothing = 0.3, ignore_index = 2, reduction = "mean"})', lambda x, c, z, d, w, v, q: F.cross_entropy(z, d, label_smoothing=.3, ignore_index=2)),
    ("cep", 'cr.cross_entropy(x, q, cr.stop_gradient(w), {reduction = "mean", label_smoothing = 0.1})', lambda x, c, z, d, w, v, q: F.cross_entropy(x, q, w.detach(), label_smoothing=.1)),
    ("nll", 'cr.nll(x, c, cr.stop_gradient(w), {reduction = "mean"})', lambda x, c, z, d, w, v, q: F.nll_loss(x, c, w.detach())),
    ("nll4", "cr.nll(z, d)", lambda x, c, z, d, w, v, q: F.nll_loss(z, d, reduction="none")),
    ("mm", "cr.multi_margin(x, c)", lambda x, c, z, d, w, v, q: F.multi_margin_loss(x, c, reduction="none")),
    ("mm2", "cr.multi_margin(x, c, {p = 2, margin = 0.5, weight = cr.stop_gradient(w)})", lambda x, c, z, d, w, v, q: F.multi_margin_loss(x, c, 2, .5, w.detach(), reduction="none")),
    ("emb", "cr.embedding(c, x)", lambda x, c, z, d, w, v, q: F.embedding(c, x)),
    ("embp", "cr.embedding(d, x, 1)", lambda x, c, z, d, w, v, q: F.embedding(d, x, 1)),
    ("bag", "cr.embedding_bag(cr.select(d, 2, 0), x)", lambda x, c, z, d, w, v, q: F.embedding_bag(d[:, :, 0], x, mode="mean")),
    ("bagp", 'cr.embedding_bag(cr.select(d, 2, 0), x, {padding_idx = 1, mode = "sum"})', lambda x, c, z, d, w, v, q: (F.embedding(d[:, :, 0], x, 1) * (d[:, :, :1] != 1)).sum(1)),
    ("onehot", "cr.one_hot(c, 5)", lambda x, c, z, d, w, v, q: F.one_hot(c, 5).double())])


# Recurrent layers, attention
def rnn(kind, layers=1, bi=False, lengths=None, batch_first=False):
    def f(x, n, h, c, **w):
        m = getattr(torch.nn, kind)(3, 2, layers, bidirectional=bi, batch_first=batch_first).double()
        names = [a for a, _ in m.named_parameters()]
        def call(x, h, c, *ps):
            s = (h, c) if kind == "LSTM" else h
            inp = torch.nn.utils.rnn.pack_padded_sequence(x, n, batch_first, False) if lengths else x
            y, last = torch.func.functional_call(m, dict(zip(names, ps)), (inp, s))
            if lengths:
                y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first, total_length=x.shape[1 if batch_first else 0])
            return y, last
        D = layers * (2 if bi else 1)
        G = dict(LSTM=4, GRU=3, RNN=1)[kind]
        ps = []
        for k in range(D):
            first = k < (2 if bi else 1)
            ps += [w[f"i{k}"][:G * 2] if first else w[f"j{k}"][:G * 2], w[f"u{k}"][:G * 2], w[f"b{k}"][:G * 2], w[f"b{k}"][:G * 2] * 2]
        y, last = call(x, h[:D], c[:D], *ps)
        return torch.cat([y.flatten(), *[t.flatten() for t in (last if kind == "LSTM" else (last,))]])
    return f


def rnn_lua(kind, layers=1, bi=False, lengths=None, batch_first=False):
    D = layers * (2 if bi else 1)
    G = dict(LSTM=4, GRU=3, RNN=1)[kind] * 2
    cut = lambda n, a=1: f"cr.slice({n}, 0, 0, {G}){'' if a == 1 else ' * 2'}"
    first = 2 if bi else 1
    lists = [", ".join(cut(f"i{k}" if k < first else f"j{k}") for k in range(D)), ", ".join(cut(f"u{k}") for k in range(D)),
             ", ".join(cut(f"b{k}") for k in range(D)), ", ".join(cut(f"b{k}", 2) for k in range(D))]
    s = f"cr.slice(h, 0, 0, {D})"
    s = f"{{{s}, cr.slice(c, 0, 0, {D})}}" if kind == "LSTM" else s
    opts = ", ".join((["bidirectional = true"] if bi else []) + (["lengths = n"] if lengths else []) + (["batch_first = true"] if batch_first else []))
    return f"flat(cr.{kind.lower()}(x, {s}, " + ", ".join(f"{{{l}}}" for l in lists) + f", {{{opts}}}))"


FLAT = '''local function flat(y, last)
  if type(last) ~= "table" then last = {last} end
  local all = {cr.flatten(y)}
  for _, t in ipairs(last) do all[#all + 1] = cr.flatten(t) end
  return cr.cat(all)
end
'''
RNN = dict(x=N(5, 3, 3), n=lambda r: np.array([5, 2, 3]), h=N(4, 3, 2), c=N(4, 3, 2))
for k in range(4):
    RNN |= {f"i{k}": N(8, 3), f"u{k}": N(8, 2), f"b{k}": N(8)} | ({f"j{k}": N(8, 4)} if k > 1 else {})
KINDS = [("LSTM",), ("GRU",), ("RNN",), ("LSTM", 2, True), ("GRU", 2, True), ("LSTM", 1, True, True), ("GRU", 2, True, True), ("RNN", 1, False, True)]
group("rnn", RNN, [("_".join(map(str, a)).lower(), rnn_lua(*a), rnn(*a)) for a in KINDS], second=False, declare=FLAT)
group("rnn_second", dict(x=N(3, 2, 2), h=N(2, 2), w=N(6, 2), u=N(6, 2)), [
    ("gru", "(cr.gru(x, h, w, u))", lambda x, h, w, u: torch._VF.gru(x, h[None], [w, u], False, 1, 0., True, False, False)[0])], second=False)
group("attention", dict(q=N(2, 3, 4, 6), k=N(2, 3, 5, 6), v=N(2, 3, 5, 2), m=lambda r: np.concatenate([r.random((4, 4)) < .5, np.ones((4, 1), bool)], 1), a=N(4, 5)), [
    ("plain", "cr.attention(q, k, v)", lambda q, k, v, m, a: F.scaled_dot_product_attention(q, k, v)),
    ("bool", "cr.attention(q, k, v, {mask = m})", lambda q, k, v, m, a: F.scaled_dot_product_attention(q, k, v, m)),
    ("add", "cr.attention(q, k, v, {mask = a, scale = 0.3})", lambda q, k, v, m, a: F.scaled_dot_product_attention(q, k, v, a, scale=.3)),
    ("gqa", "cr.scaled_dot_product_attention(cr.tile(q, {1, 2, 1, 1}), k, v, {enable_gqa = true})", lambda q, k, v, m, a: F.scaled_dot_product_attention(q.tile(1, 2, 1, 1), k, v, enable_gqa=True)),
    ("dots", "cr.einsum(\"...td,...sd->...ts\", q, k)", lambda q, k, v, m, a: torch.einsum("...td,...sd->...ts", q, k)),
    ("causal", "cr.scaled_dot_product_attention(q, k, v, nil, 0, true)", lambda q, k, v, m, a: F.scaled_dot_product_attention(q, k, v, None, 0, True))], second=True)


def mha(q, k, w, b, o, c, m, keys=None):
    y, _ = F.multi_head_attention_forward(q.transpose(0, 1), k.transpose(0, 1), k.transpose(0, 1), 4, 2, w, b, None, None, False, 0., o, c,
                                          training=False, attn_mask=~m, key_padding_mask=keys)
    return y.transpose(0, 1)


group("heads", dict(q=N(2, 3, 4), k=N(2, 5, 4), w=N(12, 4), b=N(12), o=N(4, 4), c=N(4),
                    m=lambda r: np.concatenate([r.random((3, 4)) < .5, np.ones((3, 1), bool)], 1)), [
    ("cross", "(cr.multi_head_attention(q, k, k, {in_proj_weight = w, in_proj_bias = b, w_o = o, b_o = c}, 2, {mask = m}))", mha)])

# Arrays, reductions, order
A = dict(x=N(3, 4, 5), y=N(4, 4), i=I(3, 3, 4, 2), p=P(3, 4))
T = lambda f: (lambda x, y, i, p: f(x, y, i, p))
group("arrays", A, [(n, l, T(f)) for n, l, f in [
    ("slice", "cr.slice(x, 1, -3, nil, 2)", lambda x, y, i, p: x[:, -3::2]), ("chunk", "cr.chunk(x, 3, 2)[2]", lambda x, y, i, p: x.chunk(3, 2)[1]),
    ("gather", "cr.gather(x, 0, cr.cast(cr.slice(i, 2, 0, 1), \"i64\"))", lambda x, y, i, p: x.gather(0, i[:, :, :1])),
    ("sadd", "cr.scatter_add(x, 2, i, cr.slice(x, 2, 1, 3))", lambda x, y, i, p: x.scatter_add(2, i, x[:, :, 1:3])),
    ("sred", 'cr.scatter_reduce(x, 2, i, cr.slice(x, 2, 1, 3), "mean", {include_self = false})', lambda x, y, i, p: x.scatter_reduce(2, i, x[:, :, 1:3], "mean", include_self=False)),
    ("smax", 'cr.scatter_reduce(x, 2, i, cr.slice(x, 2, 1, 3), "amax")', lambda x, y, i, p: x.scatter_reduce(2, i, x[:, :, 1:3], "amax")),
    ("put", "cr.scatter(x, 2, cr.slice(i, 2, 0, 1), cr.slice(x, 2, 4))", lambda x, y, i, p: x.scatter(2, i[:, :, :1], x[:, :, 4:])),
    ("along", "cr.take_along_axis(x, cr.slice(i, 1, 0, 1), 2)", lambda x, y, i, p: torch.take_along_dim(x, i[:, :1], 2)),
    ("iadd", "cr.index_add(y, 1, cr.const{1, 3, 1}, cr.slice(y, 1, 0, 3), 2)", lambda x, y, i, p: y.index_add(1, torch.tensor([1, 3, 1]), y[:, :3], alpha=2)),
    ("roll", "cr.roll(x, {1, -2}, {0, 2})", lambda x, y, i, p: x.roll((1, -2), (0, 2))), ("rollf", "cr.roll(x, 7)", lambda x, y, i, p: x.roll(7)),
    ("rot", "cr.rot90(x, 3, {2, 0})", lambda x, y, i, p: x.rot90(3, (2, 0))), ("tile", "cr.tile(y, {2, 1, 3})", lambda x, y, i, p: y.tile(2, 1, 3)),
    ("rep", "cr.repeat_interleave(x, 3, 1)", lambda x, y, i, p: x.repeat_interleave(3, 1)), ("mask", "cr.masked_fill(x, cr.gt(x, 0), 2)", lambda x, y, i, p: x.masked_fill(x > 0, 2)),
    ("padc", 'cr.pad(x, {1, 2, -1, 1}, "constant", 3)', lambda x, y, i, p: F.pad(x, (1, 2, -1, 1), value=3)), ("padr", 'cr.pad(x, {2, 3}, "reflect")', lambda x, y, i, p: F.pad(x, (2, 3), "reflect")),
    ("pade", 'cr.pad(x, {2, 3}, "replicate")', lambda x, y, i, p: F.pad(x, (2, 3), "replicate")), ("padw", 'cr.pad(x, {2, 3}, "circular")', lambda x, y, i, p: F.pad(x, (2, 3), "circular")),
    ("tril", "cr.tril(x, -1)", lambda x, y, i, p: x.tril(-1)), ("triu", "cr.triu(x, 1)", lambda x, y, i, p: x.triu(1)), ("diag", "cr.diag(y, -2)", lambda x, y, i, p: y.diag(-2)),
    ("diagonal", "cr.diagonal(x, 1, 0, 2)", lambda x, y, i, p: x.diagonal(1, 0, 2)), ("embed", "cr.diag_embed(p, -1)", lambda x, y, i, p: p.diag_embed(-1)),
    ("trace", "cr.trace(y)", lambda x, y, i, p: y.trace()), ("kron", "cr.kron(p, y)", lambda x, y, i, p: torch.kron(p, y)),
    ("cross", "cr.cross(x, x * x, 0)", lambda x, y, i, p: torch.cross(x, x * x, 0)), ("cov", "cr.cov(y)", lambda x, y, i, p: y.cov()), ("corr", "cr.corrcoef(y)", lambda x, y, i, p: y.corrcoef()),
    ("tdot", "cr.tensordot(x, p, {{0, 1}, {0, 1}})", lambda x, y, i, p: torch.tensordot(x, p, ([0, 1], [0, 1]))), ("bmm", "cr.bmm(x, cr.transpose(x))", lambda x, y, i, p: x.bmm(x.mT)),
    ("flat", "cr.unflatten(cr.flatten(x, 1), 1, {5, -1})", lambda x, y, i, p: x.flatten(1).unflatten(1, (5, -1))), ("move", "cr.movedim(x, {0, 1}, {2, 0})", lambda x, y, i, p: x.movedim((0, 1), (2, 0)))]])
group("reduce", A, [(n, l, T(f)) for n, l, f in [
    ("sum", "cr.sum(x, {0, 2}, {keepdim = true})", lambda x, y, i, p: x.sum((0, 2), True)), ("prod", "cr.prod(x, 1)", lambda x, y, i, p: x.prod(1)),
    ("prod0", "cr.prod(cr.relu(y), 0)", lambda x, y, i, p: F.relu(y).prod(0)), ("amax", "cr.amax(x, {0, 1})", lambda x, y, i, p: x.amax((0, 1))),
    ("lse", "cr.logsumexp(x, {0, 1})", lambda x, y, i, p: x.logsumexp((0, 1))), ("var", "cr.var(x, {1, 2}, {correction = 0})", lambda x, y, i, p: x.var((1, 2), correction=0)),
    ("std", "cr.std(x, 1)", lambda x, y, i, p: x.std(1)), ("norm", "cr.norm(x, 1)", lambda x, y, i, p: x.norm(dim=1)), ("norm3", "cr.norm(x, {0, 2}, {p = 3.5})", lambda x, y, i, p: torch.linalg.vector_norm(x, 3.5, (0, 2))),
    ("norm1", "cr.norm(x, 1, {p = 1, keepdim = true})", lambda x, y, i, p: torch.linalg.vector_norm(x, 1, 1, True)), ("norminf", "cr.norm(x, 1, {p = math.huge})", lambda x, y, i, p: torch.linalg.vector_norm(x, float("inf"), 1)),
    ("norm0", "cr.norm(cr.relu(x), 1, {p = 0})", lambda x, y, i, p: torch.linalg.vector_norm(F.relu(x), 0, 1).detach()), ("argmax", "cr.argmax(x, 1, {keepdim = true})", lambda x, y, i, p: x.argmax(1, True)),
    ("argmin", "cr.argmin(x)", lambda x, y, i, p: x.argmin()), ("count", "cr.count_nonzero(cr.relu(x), 2)", lambda x, y, i, p: F.relu(x).count_nonzero(2)),
    ("any", "cr.any(cr.gt(x, 1), 0)", lambda x, y, i, p: (x > 1).any(0)), ("all", "cr.all(cr.gt(x, -1), 0)", lambda x, y, i, p: (x > -1).all(0)), ("isum", "cr.sum(i, 0)", lambda x, y, i, p: i.sum(0)),
    ("bsum", "cr.sum(cr.gt(x, 0), 1)", lambda x, y, i, p: (x > 0).sum(1)), ("nansum", "cr.nansum(cr.where(cr.gt(x, 0), x, 0/0), 1)", lambda x, y, i, p: torch.nansum(torch.where(x > 0, x, float("nan")), 1)),
    ("cumsum", "cr.cumsum(x, 1)", lambda x, y, i, p: x.cumsum(1)), ("cumprod", "cr.cumprod(x, 2)", lambda x, y, i, p: x.cumprod(2)), ("lcse", "cr.logcumsumexp(x, 0)", lambda x, y, i, p: x.logcumsumexp(0)),
    ("cummax", "(cr.cummax(x, 2))", lambda x, y, i, p: x.cummax(2)[0]), ("cummaxi", "(select(2, cr.cummax(x, 2)))", lambda x, y, i, p: x.cummax(2)[1]), ("cummin", "(cr.cummin(x, 1))", lambda x, y, i, p: x.cummin(1)[0]),
    ("diff", "cr.diff(x, 2, 1)", lambda x, y, i, p: x.diff(2, 1)), ("sort", "(cr.sort(x, 1, true))", lambda x, y, i, p: x.sort(1, True)[0]), ("argsort", "cr.argsort(x, 2)", lambda x, y, i, p: x.argsort(2)),
    ("topk", "(cr.topk(x, 2, 1, false))", lambda x, y, i, p: x.topk(2, 1, False)[0]), ("topki", "(select(2, cr.topk(x, 3)))", lambda x, y, i, p: x.topk(3)[1]), ("kth", "(cr.kthvalue(x, 2, 1))", lambda x, y, i, p: x.kthvalue(2, 1)[0]),
    *[("q" + m[:4], f'cr.quantile(x, {{0.1, 0.37, 1}}, 2, {{interpolation = "{m}"}})', (lambda m: lambda x, y, i, p: x.quantile(torch.tensor([.1, .37, 1.], dtype=torch.float64), 2, interpolation=m))(m)) for m in ["linear", "lower", "higher", "nearest", "midpoint"]],
    ("median", "cr.median(y)", lambda x, y, i, p: y.quantile(.5)), ("medk", "cr.median(x, 1, {keepdim = true})", lambda x, y, i, p: x.quantile(.5, 1, True)),
    ("search", "cr.searchsorted(cr.const{-1.0, 0.0, 0.5}, x)", lambda x, y, i, p: torch.searchsorted(torch.tensor([-1., 0, .5]).double(), x.detach())),
    ("kthk", "(cr.kthvalue(x, 3, 0, {keepdim = true}))", lambda x, y, i, p: x.kthvalue(3, 0, True)[0]),
    ("histd", "cr.histc(x, 4)", lambda x, y, i, p: x.detach().histc(4)),
    ("histc", "cr.histc(x, 5, -1, 2)", lambda x, y, i, p: x.detach().histc(5, -1, 2)), ("bincount", "cr.bincount(i, 4)", lambda x, y, i, p: i.flatten().bincount(minlength=4))]])

# Batches of no example and of one, a size the program learns when it runs
BATCH = [
    ("conv", "cr.conv2d(x, w, nil, 1, 1)", lambda x, y, w, v, k, b, i: F.conv2d(x, w, None, 1, 1)), ("conv1", "cr.conv1d(y, k)", lambda x, y, w, v, k, b, i: F.conv1d(y, k)),
    ("turned", "cr.conv_transpose2d(x, v, nil, 2, 1)", lambda x, y, w, v, k, b, i: F.conv_transpose2d(x, v, None, 2, 1)),
    ("max", "cr.max_pool2d(x, 3, 2, 1)", lambda x, y, w, v, k, b, i: F.max_pool2d(x, 3, 2, 1)), ("avg", "cr.avg_pool2d(x, 2)", lambda x, y, w, v, k, b, i: F.avg_pool2d(x, 2)),
    ("reshape", "cr.reshape(y, {M * 4, 6})", lambda x, y, w, v, k, b, i: y.reshape(-1, 6)), ("pad", "cr.pad(y, {1, 2, 0, 0, 1, 2})", lambda x, y, w, v, k, b, i: F.pad(y, (1, 2, 0, 0, 1, 2))),
    ("mirror", 'cr.pad(y, {1, 2}, "reflect")', lambda x, y, w, v, k, b, i: F.pad(y, (1, 2), "reflect")), ("unfold", "cr.unfold(x, 2)", lambda x, y, w, v, k, b, i: F.unfold(x, 2)),
    ("fold", "cr.fold(y, {3, 4}, 2)", lambda x, y, w, v, k, b, i: F.fold(y, (3, 4), 2)), ("bn", "(cr.batch_norm(y, nil, nil, b, b, true))", lambda x, y, w, v, k, b, i: F.batch_norm(y, None, None, b, b, True)),
    ("gn", "cr.group_norm(y, 2, b, b)", lambda x, y, w, v, k, b, i: F.group_norm(y, 2, b, b)), ("softmax", "cr.softmax(y)", lambda x, y, w, v, k, b, i: y.softmax(-1)),
    ("cumsum", "cr.cumsum(y, 0)", lambda x, y, w, v, k, b, i: y.cumsum(0)), ("sort", "(cr.sort(y, 0))", lambda x, y, w, v, k, b, i: y.sort(0)[0]),
    ("emb", "cr.embedding(i, cr.flatten(v, 1))", lambda x, y, w, v, k, b, i: F.embedding(i, v.flatten(1))),
    ("resize", 'cr.interpolate(x, {7, 5}, {mode = "bilinear"})', lambda x, y, w, v, k, b, i: F.interpolate(x, (7, 5), mode="bilinear"))]
for n in (0, 1):
    group(f"batch{n}", dict(x=(N(n, 4, 6, 5), "{M, 4, 6, 5}"), y=(N(n, 4, 6), "{M, 4, 6}"), w=N(6, 4, 3, 3), v=N(4, 3, 3, 3), k=N(6, 4, 3), b=N(4),
                            i=(I(4, n, 3), "{M, 3}")), BATCH, dims={"M": n})

# Sizes that the program learns when it runs
RT = dict(x=(N(2, 3, 7, 8), "{2, 3, M, K}"), y=(N(2, 3, 7), "{2, 3, M}"), w=N(4, 3, 2, 4), g=(U(-1.4, 1.4, 2, 7, 3, 2), "{2, M, 3, 2}"), l=(N(8), "{K}"),
          c=(I(7, 2, 8), "{2, K}"))
R = lambda f: (lambda x, y, w, g, l, c: f(x, y, w, g, l, c))
group("run_time", RT, [
    ("maxc", "cr.max_pool2d(x, 3, 2, 1, 1, true)", R(lambda x, *_: F.max_pool2d(x, 3, 2, 1, 1, True))),
    ("avgc", "cr.avg_pool2d(x, {3, 2}, 2, 1, true)", R(lambda x, *_: F.avg_pool2d(x, (3, 2), 2, 1, True))),
    ("avgx", "cr.avg_pool2d(x, 3, 2, 1, true, false)", R(lambda x, *_: F.avg_pool2d(x, 3, 2, 1, True, False))),
    ("aavg", "cr.adaptive_avg_pool2d(x, {3, 5})", R(lambda x, *_: F.adaptive_avg_pool2d(x, (3, 5)))),
    ("amax", "cr.adaptive_max_pool2d(x, {4, 9})", R(lambda x, *_: F.adaptive_max_pool2d(x, (4, 9)))),
    ("same", 'cr.conv2d(x, w, {padding = "same", dilation = {3, 1}})', R(lambda x, y, w, *_: F.conv2d(x, w, None, 1, "same", (3, 1)))),
    ("turned", "cr.conv_transpose2d(x, cr.transpose(w, 0, 1), {stride = {2, 1}, padding = {0, 1}, output_padding = {1, 0}})",
     R(lambda x, y, w, *_: F.conv_transpose2d(x, w.transpose(0, 1), None, (2, 1), (0, 1), (1, 0)))),
    ("bil", 'cr.interpolate(x, {5, 11}, {mode = "bilinear"})', R(lambda x, *_: F.interpolate(x, (5, 11), mode="bilinear"))),
    ("bilc", 'cr.interpolate(x, {5, 11}, {mode = "bilinear", align_corners = true})', R(lambda x, *_: F.interpolate(x, (5, 11), mode="bilinear", align_corners=True))),
    ("bicc", 'cr.interpolate(x, {9, 3}, {mode = "bicubic", align_corners = true})', R(lambda x, *_: F.interpolate(x, (9, 3), mode="bicubic", align_corners=True))),
    ("exact", 'cr.interpolate(x, {5, 11}, {mode = "nearest-exact"})', R(lambda x, *_: F.interpolate(x, (5, 11), mode="nearest-exact"))),
    ("grid", 'cr.grid_sample(x, g, "bilinear", "reflection")', R(lambda x, y, w, g, *_: F.grid_sample(x, g, "bilinear", "reflection", False))),
    ("gridc", 'cr.grid_sample(x, g, "bicubic", "border", true)', R(lambda x, y, w, g, *_: F.grid_sample(x, g, "bicubic", "border", True))),
    ("unfold", "cr.unfold(x, {2, 3}, 2, 1, 1)", R(lambda x, *_: F.unfold(x, (2, 3), 2, 1, 1))),
    ("pad", 'cr.pad(y, {2, 3}, "reflect")', R(lambda x, y, *_: F.pad(y, (2, 3), "reflect"))), ("padw", 'cr.pad(y, {3, 1}, "circular")', R(lambda x, y, *_: F.pad(y, (3, 1), "circular"))),
    *[("q" + m[:4], f'cr.quantile(y, 0.37, 2, {{interpolation = "{m}"}})', (lambda m: R(lambda x, y, *_: y.quantile(.37, 2, interpolation=m)))(m)) for m in ["linear", "lower", "higher", "nearest", "midpoint"]],
    ("std", "cr.std(x, {1, 3})", R(lambda x, *_: x.std((1, 3)))), ("roll", "cr.roll(x, {-3, 2}, {2, 3})", R(lambda x, *_: x.roll((-3, 2), (2, 3)))), ("rollf", "cr.roll(y, -5)", R(lambda x, y, *_: y.roll(-5))),
    ("ln", "cr.layer_norm(x, {x.shape[3], x.shape[4]}, l, l)", R(lambda x, y, w, g, l, c: F.layer_norm(x, (7, 8)) * l + l)),
    ("bnr", "select(2, cr.batch_norm(x, cr.select(w, 0, 0):select(1, 0):select(1, 0), cr.select(w, 0, 1):select(1, 0):select(1, 0), {training = true, momentum = 0.3}))[2][2]",
     R(lambda x, y, w, *_: w[1, :, 0, 0] * .7 + x.detach().var((0, 2, 3)) * .3)),
    ("ce", 'cr.cross_entropy(x, c, {axis = 2, label_smoothing = 0.2, reduction = "mean"})'.replace("x, c", "cr.select(x, 1, 0), c").replace("axis = 2", "axis = 1"),
     R(lambda x, y, w, g, l, c: F.cross_entropy(x[:, 0], c, label_smoothing=.2))),
    ("causal", "cr.attention(cr.transpose(y), cr.transpose(y), cr.transpose(y), {causal = true})", R(lambda x, y, *_: F.scaled_dot_product_attention(y.mT, y.mT, y.mT, is_causal=True))),
    ("cum", "cr.cumprod(y, 2)", R(lambda x, y, *_: y.cumprod(2))), ("lcse", "cr.logcumsumexp(y, 2)", R(lambda x, y, *_: y.logcumsumexp(2))), ("prod", "cr.prod(y, 2)", R(lambda x, y, *_: y.prod(2))),
    ("topk", "(cr.topk(y, 3, 2))", R(lambda x, y, *_: y.topk(3, 2)[0])), ("cov", "cr.cov(cr.select(y, 0, 1))", R(lambda x, y, *_: y[1].cov())), ("flip", "cr.flip(x, {2, 3})", R(lambda x, *_: x.flip(2, 3)))],
      dims={"M": 7, "K": 8}, second=False)

def spectral(x, p, i, v, b, t):
    u, w = p[:, 0].detach(), x.detach()
    for _ in range(2):
        r = F.normalize(w.T @ u, dim=0)
        u = F.normalize(w @ r, dim=0)
    return x / (u @ x @ r)


group("more", dict(x=N(4, 5), p=P(4, 5), i=I(4, 3, 3), v=P(3, 3), b=N(6), t=N(2, 3, 6, 4)), [
    ("poly", "cr.polygamma(2, p)", lambda x, p, i, v, b, t: torch.polygamma(2, p)), ("amin", "cr.amin(x, 0)", lambda x, p, i, v, b, t: x.amin(0)),
    ("buck", "cr.bucketize(x, cr.const{-0.5, 0.0, 0.5}, {right = true})", lambda x, p, i, v, b, t: torch.bucketize(x.detach(), torch.tensor([-.5, 0, .5]).double(), right=True)),
    ("vm", "(cr.var_mean(x, 1, {correction = 0}))", lambda x, p, i, v, b, t: x.var(1, correction=0)), ("vmm", "select(2, cr.var_mean(x, 0))", lambda x, p, i, v, b, t: x.mean(0)),
    ("take", "cr.take(x, i)", lambda x, p, i, v, b, t: x.take(i)), ("swap", "cr.swapaxes(t, 1, 3)", lambda x, p, i, v, b, t: t.swapaxes(1, 3)), ("atan2", "cr.atan2(x, p)", lambda x, p, i, v, b, t: torch.atan2(x, p)),
    ("round", "cr.round(3 * x) + cr.trunc(2 * x) * cr.ceil(x) + cr.sign(x)", lambda x, p, i, v, b, t: torch.round(3 * x) + torch.trunc(2 * x) * torch.ceil(x) + torch.sign(x)),
    ("bagm", 'cr.embedding_bag(i, x, {mode = "max"})', lambda x, p, i, v, b, t: F.embedding_bag(i, x, mode="max")),
    ("bagp", 'cr.embedding_bag(i, x, {mode = "max", padding_idx = 1})', lambda x, p, i, v, b, t: torch.where((i == 1)[..., None], -1e9, F.embedding(i, x)).amax(1).clamp(min=-1e8) * (i != 1).any(1)[:, None]),
    ("spec", "(cr.spectral_norm(x, cr.select(p, 1, 0), {steps = 2}))", spectral),
    ("bagw", 'cr.embedding_bag(i, x, {mode = "sum", per_sample_weights = v})', lambda x, p, i, v, b, t: F.embedding_bag(i, x, mode="sum", per_sample_weights=v)),
    ("lpc", "cr.lp_pool2d(t, 2, 2, 3, true)", lambda x, p, i, v, b, t: (F.avg_pool2d(t ** 2, 2, 3, 0, True, True, 1)) ** .5),
    ("rms", "cr.rms_norm(x, 5, cr.select(p, 0, 0), 0.1)", lambda x, p, i, v, b, t: F.rms_norm(x, (5,), p[0], .1)), ("conv_even", 'cr.conv1d(cr.select(t, 1, 0), cr.reshape(cr.slice(b, 0, 0, 6), {1, 6, 1}), {padding = "valid"})', lambda x, p, i, v, b, t: F.conv1d(t[:, 0], b.reshape(1, 6, 1))),
    ("conv_same", 'cr.conv1d(cr.select(t, 1, 0), cr.tile(cr.reshape(b, {1, 6, 1}), {2, 1, 4}), {padding = "same"})', lambda x, p, i, v, b, t: F.conv1d(t[:, 0], b.reshape(1, 6, 1).tile(2, 1, 4), None, 1, "same")),
    ("ups", 'cr.upsample(t, {2, 1.5}, "bilinear")', lambda x, p, i, v, b, t: F.interpolate(t, scale_factor=(2, 1.5), mode="bilinear")),
    ("nearf", 'cr.upsample(t, 1.7)', lambda x, p, i, v, b, t: F.interpolate(t, scale_factor=1.7)), ("bicf", 'cr.upsample(t, 0.6, "bicubic")', lambda x, p, i, v, b, t: F.interpolate(t, scale_factor=.6, mode="bicubic")),
    ("huberm", 'cr.huber(x, p, 0.3, {reduction = "sum"})'.replace("0.3, {", "{delta = 0.3, "), lambda x, p, i, v, b, t: F.huber_loss(x, p, "sum", .3))], second=False)

STEPS = '''local function steps(opt, x, y)
  local w, state = {x, y}, opt.init{x, y}
  for _ = 1, 4 do
    local loss = cr.sum(cr.sin(w[1]) * w[2] ^ 2)
    w, state = opt.step(w, cr.grad(loss, w), state, loss)
  end
  return cr.stop_gradient(cr.cat(w))
end
'''


def torch_steps(make):
    def f(x, y):
        w = [x.detach().clone().requires_grad_(), y.detach().clone().requires_grad_()]
        opt = make(w)
        for _ in range(4):
            opt.zero_grad()
            (torch.sin(w[0]) * w[1] ** 2).sum().backward()
            opt.step()
        return torch.cat(w).detach()
    return f


O = torch.optim
group("optimizers", dict(x=N(5), y=P(5)), [(n, f"steps(cr.optim.{l}, x, y)", torch_steps(f)) for n, l, f in [
    ("sgd", "sgd{lr = 0.1, weight_decay = 0.2}", lambda w: O.SGD(w, .1, weight_decay=.2)),
    ("sgdm", "sgd{lr = 0.1, momentum = 0.8, weight_decay = 0.2}", lambda w: O.SGD(w, .1, .8, weight_decay=.2)),
    ("sgdn", "sgd{lr = 0.1, momentum = 0.8, nesterov = true, weight_decay = 0.2}", lambda w: O.SGD(w, .1, .8, weight_decay=.2, nesterov=True)),
    ("momentum", "momentum{lr = 0.05}", lambda w: O.SGD(w, .05, .9)),
    ("adam", "adam{lr = 0.05, beta1 = 0.8, beta2 = 0.9, weight_decay = 0.2}", lambda w: O.Adam(w, .05, (.8, .9), weight_decay=.2)),
    ("adame", "adam{lr = 0.05, eps = 0.1}", lambda w: O.Adam(w, .05, eps=.1)),
    ("adamw", "adamw{lr = 0.05, beta1 = 0.8, weight_decay = 0.2}", lambda w: O.AdamW(w, .05, (.8, .999), weight_decay=.2)),
    ("rmsprop", "rmsprop{lr = 0.05, alpha = 0.9, weight_decay = 0.2, eps = 0.01, eps_inside = false}", lambda w: O.RMSprop(w, .05, .9, eps=.01, weight_decay=.2)),
    ("adagrad", "adagrad{lr = 0.05, weight_decay = 0.2, eps = 0.01, eps_inside = false}", lambda w: O.Adagrad(w, .05, weight_decay=.2, eps=.01)),
    ("adadelta", "adadelta{lr = 0.5, rho = 0.8, weight_decay = 0.2}", lambda w: O.Adadelta(w, .5, .8, weight_decay=.2))]], second=False, declare=STEPS)


def ranks(method, descending=False):
    def f(x, y, z, i, k, b, s, h):
        v = torch.round(x.detach() * 2)
        v = -v if descending else v
        less, same = (v[:, None, :] < v[:, :, None]).sum(-1), (v[:, None, :] == v[:, :, None]).sum(-1)
        if method == "dense":
            return torch.stack([torch.unique(r, return_inverse=True)[1] + 1 for r in v])
        if method == "ordinal":
            return torch.argsort(v, dim=-1, stable=True).argsort(-1) + 1
        return less + 1 if method == "min" else less + same if method == "max" else (2 * less + 1 + same).double() / 2
    return f


def reduced(how):
    return lambda x, y, z, i, k, b, s, h: x.scatter_reduce(1, i, y[:, :3], how, include_self=False)


def tv(beta, eps):
    def f(x, y, z, i, k, b, s, h):
        down, right = F.pad(z.diff(dim=-2), (0, 0, 0, 1)), F.pad(z.diff(dim=-1), (0, 1))
        return ((down ** 2 + right ** 2 + eps) ** (beta / 2)).sum((-2, -1))
    return f


M2 = lambda f: (lambda x, y, z, i, k, b, s, h: f(x, y, z, i, k, b))
group("rest", dict(x=N(4, 5), y=N(4, 5), z=N(2, 3, 4, 5), i=I(5, 4, 3), k=I(2, 4), b=B(4, 5), s=N(4, 6), h=N(6)), [
    *[("sr_" + h, f'cr.scatter_reduce(x, 1, i, cr.slice(y, 1, 0, 3), "{h}", {{include_self = false}})', reduced(h)) for h in ["prod", "amin", "amax", "sum"]],
    *[("rank_" + m, f'cr.rank(cr.round(x * 2), -1, {{method = "{m}"}})', ranks(m)) for m in ["average", "min", "max", "dense", "ordinal"]],
    ("rank_down", 'cr.rank(cr.round(x * 2), -1, {method = "min", descending = true})', ranks("min", True)),
    ("trapd", "cr.trapezoid(x, {dx = 0.5, axis = 0})", M2(lambda x, y, z, i, k, b: torch.trapezoid(x, dx=.5, dim=0))),
    ("trapx", "cr.trapezoid(x, {x = cr.select(y, 0, 0)})", M2(lambda x, y, z, i, k, b: torch.trapezoid(x, y[0]))),
    ("cov0", "cr.cov(x, {correction = 0})", M2(lambda x, y, z, i, k, b: torch.cov(x, correction=0))),
    ("normm", "cr.norm(x, 1, {p = -math.huge})", M2(lambda x, y, z, i, k, b: torch.linalg.vector_norm(x, -float("inf"), 1))),
    ("normn", "cr.norm(x, 0, {p = -1.5})", M2(lambda x, y, z, i, k, b: torch.linalg.vector_norm(x, -1.5, 0))),
    ("contr", "cr.contrastive(x, y, k, {margin = 3})", M2(lambda x, y, z, i, k, b: k * ((x - y) ** 2).sum(1) / 2 + (1 - k) * F.relu(3 - ((x - y) ** 2).sum(1).sqrt()) ** 2 / 2)),
    ("padv", 'cr.pad(x, {2, -1, -1, 3}, {mode = "constant", value = 1.5})', M2(lambda x, y, z, i, k, b: F.pad(x, (2, -1, -1, 3), value=1.5))),
    ("padr", 'cr.pad(z, {1, 2, 3, 0}, "replicate")', M2(lambda x, y, z, i, k, b: F.pad(z, (1, 2, 3, 0), "replicate"))),
    ("searchb", "cr.searchsorted((cr.sort(x, 1)), y, {right = true})", M2(lambda x, y, z, i, k, b: torch.searchsorted(x.detach().sort(1)[0], y.detach(), right=True))),
    ("binw", "cr.bincount(k, 3, {weights = cr.select(x, 1, 0)})", M2(lambda x, y, z, i, k, b: torch.zeros(3).double().index_add(0, k, x[:, 0]))),
    ("mode", "(cr.mode(cr.round(x), 1))", M2(lambda x, y, z, i, k, b: torch.round(x).detach().mode(1)[0])),
    ("tv", "cr.total_variation(z)", M2(lambda x, y, z, i, k, b: z.diff(dim=-2).abs().sum((-2, -1)) + z.diff(dim=-1).abs().sum((-2, -1)))), ("tvb", "cr.total_variation(z, {beta = 1.5, eps = 0.1})", tv(1.5, .1)),
    ("gram", "cr.gram(z)", M2(lambda x, y, z, i, k, b: torch.einsum("nchw,ndhw->ncd", z, z) / 60)),
    ("nan", "cr.nanmean(cr.where(b, x, 0 / 0), 1)", M2(lambda x, y, z, i, k, b: torch.where(b, x, float("nan")).nanmean(1))),
    ("nans", "cr.nan_to_num(cr.where(b, x, 1 / 0), 0, 7)", M2(lambda x, y, z, i, k, b: torch.nan_to_num(torch.where(b, x, float("inf")), posinf=7))),
    ("where", "cr.where(b, x * y, cr.exp(x))", M2(lambda x, y, z, i, k, b: torch.where(b, x * y, x.exp()))),
    ("mask", "cr.attention(x, y, x, {mask = cr.tensor({cr.index{a = 4}, cr.index{c = 4}}, true, {4, 4}), scale = 2})".replace("cr.tensor({cr.index{a = 4}, cr.index{c = 4}}, true, {4, 4})", "cr.gt(cr.matmul(x, cr.transpose(y)), -0.5)"),
     M2(lambda x, y, z, i, k, b: torch.nan_to_num(torch.where(x @ y.T > -.5, 2 * x @ y.T, -float("inf")).softmax(-1)) @ x)),
    ("lsp", "cr.linalg.lstsq(cr.transpose(s), h)", lambda x, y, z, i, k, b, s, h: torch.linalg.lstsq(s.T, h[:, None])[0][:, 0]),
    ("lsw", "cr.linalg.lstsq(s, cr.slice(h, 0, 0, 4))", lambda x, y, z, i, k, b, s, h: torch.linalg.pinv(s) @ h[:4]),
    ("pinv", "cr.linalg.pinv(s)", lambda x, y, z, i, k, b, s, h: torch.linalg.pinv(s)), ("powr", "cr.linalg.matrix_power(cr.matmul(x, cr.transpose(y)), -2) * 0.01", lambda x, y, z, i, k, b, s, h: torch.linalg.matrix_power(x @ y.T, -2) * .01),
    ("tri", "cr.linalg.solve_triangular(cr.matmul(x, cr.transpose(x)), y, {upper = true, transposed = true})", lambda x, y, z, i, k, b, s, h: torch.linalg.solve_triangular((x @ x.T).T, y, upper=False)),
    ("triu", "cr.linalg.solve_triangular(cr.matmul(x, cr.transpose(x)), y, {unit = true})", lambda x, y, z, i, k, b, s, h: torch.linalg.solve_triangular(x @ x.T, y, upper=False, unitriangular=True)),
    ("slog", "select(2, cr.linalg.slogdet(cr.matmul(x, cr.transpose(y))))", lambda x, y, z, i, k, b, s, h: torch.linalg.slogdet(x @ y.T)[1]), ("expm", "cr.linalg.expm(cr.matmul(x, cr.transpose(y)) * 0.3)", lambda x, y, z, i, k, b, s, h: torch.linalg.matrix_exp(x @ y.T * .3)),
    ("chol", "cr.linalg.cholesky(cr.matmul(x, cr.transpose(x)), {upper = true})", lambda x, y, z, i, k, b, s, h: torch.linalg.cholesky((x @ x.T), upper=True)),
    ("lu", "(select(3, cr.linalg.lu(s)))", lambda x, y, z, i, k, b, s, h: torch.linalg.lu(s)[2]), ("lul", "(select(2, cr.linalg.lu(cr.transpose(s))))", lambda x, y, z, i, k, b, s, h: torch.linalg.lu(s.T)[1]),
    ("qr", "cr.abs(select(2, cr.linalg.qr(s)))", lambda x, y, z, i, k, b, s, h: torch.linalg.qr(s)[1].abs()), ("det", "cr.linalg.det(cr.matmul(x, cr.transpose(y)))", lambda x, y, z, i, k, b, s, h: torch.linalg.det(x @ y.T)),
    ("nuc", "cr.linalg.nuclear_norm(s)", lambda x, y, z, i, k, b, s, h: torch.linalg.matrix_norm(s, "nuc")), ("eig", "cr.linalg.eigvalsh(cr.matmul(x, cr.transpose(x)))", lambda x, y, z, i, k, b, s, h: torch.linalg.eigvalsh(x @ x.T))], second=False)


# Recurrent layers by their formulas
def loop(step, reverse=False, n=None):
    def f(x, h, c, w, u, a, d, p, q):
        s, ys = [h, c], [None] * len(x)
        for t in reversed(range(len(x))) if reverse else range(len(x)):
            new = step(x[t], s, w, u, a, d, p)
            on = torch.ones(len(h), 1, dtype=torch.bool) if n is None else (t < torch.tensor(n))[:, None]
            s = [torch.where(on, v, o) for v, o in zip(new, s)]
            ys[t] = torch.where(on, new[0], torch.zeros_like(h))
        return torch.cat([torch.stack(ys).flatten(), s[0].flatten()])
    return f


def lstm_step(x, s, w, u, a, d, p):
    i, f, g, o = (x @ w.T + s[0] @ u.T + a + d).chunk(4, 1)
    c = torch.sigmoid(f + p[1] * s[1]) * s[1] + torch.sigmoid(i + p[0] * s[1]) * torch.tanh(g)
    return [torch.sigmoid(o + p[2] * c) * torch.tanh(c), c]


relu_step = lambda x, s, w, u, a, d, p: [F.relu(x @ w[:3].T + s[0] @ u[:3].T + a[:3] + d[:3]), s[1]]


def gru_step(x, s, w, u, a, d, p):
    (r, z, n), (rr, zz, nn) = (x @ w[:9].T + a[:9]).chunk(3, 1), (s[0] @ u[:9].T + d[:9]).chunk(3, 1)
    r, z = torch.sigmoid(r + rr), torch.sigmoid(z + zz)
    return [(1 - z) * torch.tanh(n + r * nn) + z * s[0], s[1]]


cut = lambda n: f"cr.slice(w, 0, 0, {n}), cr.slice(u, 0, 0, {n}), cr.slice(a, 0, 0, {n}), cr.slice(d, 0, 0, {n})"
pp = "peephole = {cr.select(p, 0, 0), cr.select(p, 0, 1), cr.select(p, 0, 2)}"
group("recurrent", dict(x=N(4, 2, 2), h=N(2, 3), c=N(2, 3), w=N(12, 2), u=N(12, 3), a=N(12), d=N(12), p=N(3, 3), q=lambda r: np.array([4, 2])), [
    ("peep", f"first(cr.lstm(x, {{h, c}}, w, u, a, d, {{{pp}}}))", loop(lstm_step)),
    ("peepn", f"first(cr.lstm(x, {{h, c}}, w, u, a, d, {{{pp}, lengths = q}}))", loop(lstm_step, n=[4, 2])),
    ("peepr", f"first(cr.lstm(x, {{h, c}}, w, u, a, d, {{{pp}, lengths = q, reverse = true}}))", loop(lstm_step, True, [4, 2])),
    ("relu", f'first(cr.rnn(x, h, {cut(3)}, {{nonlinearity = "relu", reverse = true}}))', loop(relu_step, True)),
    ("grur", f"first(cr.gru(x, h, {cut(9)}, {{reverse = true}}))", loop(gru_step, True)), ("grun", f"first(cr.gru(x, h, {cut(9)}, {{lengths = q}}))", loop(gru_step, n=[4, 2])),
    ("cell", f"cr.gru_cell(cr.select(x, 0, 1), h, {cut(9)})", lambda x, h, c, w, u, a, d, p, q: gru_step(x[1], [h, c], w, u, a, d, p)[0]),
    ("lcell", f"select(2, cr.lstm_cell(cr.select(x, 0, 1), {{h, c}}, w, u, a, d, {{{pp}}}))", lambda x, h, c, w, u, a, d, p, q: lstm_step(x[1], [h, c], w, u, a, d, p)[1]),
    ("rcell", f"cr.rnn_cell(cr.select(x, 0, 1), h, {cut(3)})", lambda x, h, c, w, u, a, d, p, q: torch.tanh(x[1] @ w[:3].T + h @ u[:3].T + a[:3] + d[:3]))],
      second=False, declare='''local function first(y, last)
  return cr.cat{cr.flatten(y), cr.flatten(type(last) == "table" and last[1] or last)}
end
''')

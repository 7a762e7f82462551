"""The rows of speed.py: for each piece of work, a model and the same work in the peers (f32 throughout).

A peer's function prepares the data and returns a step to be timed. Imports are inside, so that only the peer's process loads
the peer. `goal` is the ratio to reach (the fastest peer's time over ours).
"""
import os
import numpy as np

ROWS = {}
HEAD = 'local cr = require "crescent"\n'


class Row:
    def __init__(self, name, work, goal, model, entry, peers, dims=None, data=None, flops=0):
        self.name, self.work, self.goal, self.model, self.entry, self.peers = name, work, goal, HEAD + model, entry, peers
        self.dims, self.data, self.flops = dims or {}, data or {}, flops
        ROWS[name] = self

    def files(self, out):
        """Writes the inputs that must not be arbitrary numbers; their paths by name."""
        paths = {}
        for k, v in self.data.items():
            paths[k] = os.path.join(out, f"{self.name}.{k}.npy")
            np.save(paths[k], v)
        return paths


def torch_step(build):
    """build(torch) -> step; as it is, and the same under torch.compile."""
    def prepare():
        import torch
        torch.manual_seed(0)
        return build(torch)
    return {"torch": prepare, "torch_compiled": prepare}


def both(f, xs):
    """Forward and backward of the sum of f."""
    def step():
        for x in xs:
            x.grad = None
        f().sum().backward()
    return step


def trainer(torch, net, loss, lr=0.01):
    opt = torch.optim.SGD(net.parameters(), lr=lr)
    def step():
        opt.zero_grad()
        loss().backward()
        opt.step()
    return step


# Products
def product(m, n, k, ta="", tb="", goal=1.05):
    a = "{%d, %d}" % ((k, m) if ta else (m, k))
    b = "{%d, %d}" % ((n, k) if tb else (k, n))
    def build(torch):
        A, B = torch.randn((k, m) if ta else (m, k)), torch.randn((n, k) if tb else (k, n))
        A, B = A.T if ta else A, B.T if tb else B
        C = torch.empty(m, n)
        return lambda: torch.mm(A, B, out=C)
    def blas():
        A, B = np.random.randn(*((k, m) if ta else (m, k))).astype("f"), np.random.randn(*((n, k) if tb else (k, n))).astype("f")
        A, B, C = A.T if ta else A, B.T if tb else B, np.empty((m, n), "f")
        return lambda: np.matmul(A, B, out=C)
    Row(f"product_{m}x{n}x{k}{'_' + ta + tb if ta + tb else ''}", "product m x n x k", goal, f'''
local A, B = cr.input("A", {a}), cr.input("B", {b})
return cr.program("p", {{f = cr.entry{{inputs = {{A, B}}, outputs = {{C = cr.matmul({"cr.transpose(A)" if ta else "A"}, {"cr.transpose(B)" if tb else "B"})}}}}}})
''', "f", {"torch": torch_step(build)["torch"], "openblas": blas}, flops=2 * m * n * k)


for n in (32, 64, 128, 256, 512, 1024, 2048):
    product(n, n, n)
for n in (64, 256, 512, 1024):
    product(n, n, n, ta="At")
    product(n, n, n, tb="Bt")
product(64, 128, 784), product(784, 128, 64, ta="At"), product(64, 784, 128, tb="Bt")
product(128, 2048, 512), product(512, 2048, 128, ta="At"), product(128, 512, 2048, tb="Bt")
product(1, 2048, 2048, goal=1.0), product(2048, 1, 2048, goal=1.0)


# Perceptrons, linear regression, LeNet
def mlp(batch, goal):
    def build(torch):
        net = torch.nn.Sequential(torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
        x, y = torch.randn(batch, 784), torch.randint(10, (batch,))
        return trainer(torch, net, lambda: torch.nn.functional.cross_entropy(net(x), y))
    Row(f"mlp_step_b{batch}", f"MLP 784-256-10, batch {batch}, SGD step", goal, f'''
local x, y = cr.input("x", {{{batch}, 784}}), cr.input("y", {{{batch}}}, {{dtype = "i32"}})
local w1, b1 = cr.param("w1", {{784, 256}}, {{init = cr.init.kaiming()}}), cr.param("b1", {{256}})
local w2, b2 = cr.param("w2", {{256, 10}}, {{init = cr.init.kaiming()}}), cr.param("b2", {{10}})
local logits = cr.matmul(cr.relu(cr.matmul(x, w1) + b1), w2) + b2
return cr.program("mlp", {{train = cr.train{{inputs = {{x, y}}, loss = cr.mean(cr.cross_entropy(logits, y)), optimizer = cr.optim.sgd{{lr = 0.01}}}}}})
''', "train", torch_step(build))


mlp(64, 1.5), mlp(1, 5)


def regression(n, d, goal):
    def build(torch):
        net, x, y = torch.nn.Linear(d, 1), torch.randn(n, d), torch.randn(n, 1)
        return trainer(torch, net, lambda: ((net(x) - y) ** 2).mean())
    Row(f"linear_{n}x{d}", f"linear regression, {n}x{d}, full-batch step", goal, f'''
local x, y = cr.input("x", {{{n}, {d}}}), cr.input("y", {{{n}}})
local w, b = cr.param("w", {{{d}}}), cr.param("b", {{}})
return cr.program("l", {{train = cr.train{{inputs = {{x, y}}, loss = cr.mean((cr.matmul(x, w) + b - y) ^ 2), optimizer = cr.optim.sgd{{lr = 0.01}}}}}})
''', "train", torch_step(build))


regression(500, 13, 20), regression(10000, 128, 2.5)

LENET = '''
local N = cr.dim "N"
local image, label = cr.input("image", {N, 1, 28, 28}), cr.input("label", {N}, {dtype = "i32"})
local function conv(name, x, cin, cout, padding)
  local w, b = cr.param(name .. ".w", {cout, cin, 5, 5}, {init = cr.init.kaiming()}), cr.param(name .. ".b", {cout})
  return cr.max_pool2d(cr.relu(cr.conv2d(x, w, {padding = padding}) + cr.reshape(b, {cout, 1, 1})), 2)
end
local function dense(name, x, m, n)
  return cr.matmul(x, cr.param(name .. ".w", {m, n}, {init = cr.init.kaiming()})) + cr.param(name .. ".b", {n})
end
local x = cr.reshape(conv("c2", conv("c1", image, 1, 6, 2), 6, 16, 0), {N, 400})
local logits = dense("d3", cr.relu(dense("d2", cr.relu(dense("d1", x, 400, 120)), 120, 84)), 84, 10)
return cr.program("lenet", {
  predict = cr.entry{inputs = {image}, outputs = {prob = cr.softmax(logits, 1)}},
  train = cr.train{inputs = {image, label}, loss = cr.mean(cr.cross_entropy(logits, label)), optimizer = cr.optim.sgd{lr = 0.01}},
})'''


def lenet(torch):
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def lenet_train(torch):
    net, x, y = lenet(torch), torch.randn(64, 1, 28, 28), torch.randint(10, (64,))
    return trainer(torch, net, lambda: torch.nn.functional.cross_entropy(net(x), y))


def lenet_one(torch):
    net, x = lenet(torch).eval(), torch.randn(1, 1, 28, 28)
    def step():
        with torch.inference_mode():
            return torch.softmax(net(x), 1)
    return step


Row("lenet_step", "LeNet-5, batch 64, SGD step", 2.4, LENET, "train", torch_step(lenet_train), {"N": 64})
Row("lenet_one", "LeNet-5, one image forward", 8, LENET, "predict", torch_step(lenet_one), {"N": 1})


# Recurrent networks: input and hidden size h, mean squared output as the loss
def recurrent(kind, T, h, batch, goal, name):
    gates = {"lstm": 4, "gru": 3}[kind]
    def build(torch):
        net = getattr(torch.nn, kind.upper())(h, h)
        x = torch.randn(T, batch, h)
        return trainer(torch, net, lambda: (net(x)[0] ** 2).mean())
    start = "{h0, h0}" if kind == "lstm" else "h0"
    Row(name, f"{kind.upper()}, T {T}, hidden {h}, batch {batch}, training step", goal, f'''
local x = cr.input("x", {{{T}, {batch}, {h}}})
local h0 = cr.zeros{{{batch}, {h}}}
local init = {{init = cr.init.uniform{{-0.06, 0.06}}}}
local wi, wh = cr.param("wi", {{{gates * h}, {h}}}, {{init = cr.init.kaiming()}}), cr.param("wh", {{{gates * h}, {h}}}, {{init = cr.init.kaiming()}})
local bi, bh = cr.param("bi", {{{gates * h}}}), cr.param("bh", {{{gates * h}}})
local y = cr.{kind}(x, {start}, wi, wh, bi, bh)
return cr.program("r", {{train = cr.train{{inputs = {{x}}, loss = cr.mean(y ^ 2), optimizer = cr.optim.sgd{{lr = 0.01}}}}}})
'''.replace('local init = {init = cr.init.uniform{-0.06, 0.06}}\n', ''), "train", torch_step(build))


recurrent("lstm", 128, 256, 32, 1.35, "lstm_step"), recurrent("gru", 128, 256, 32, 1.4, "gru_step")
recurrent("lstm", 32, 32, 8, 8, "lstm_small")


# A small transformer layer stack: 2 layers, width 128, 4 heads, T 64, batch 16
def transformer(torch):
    layer = torch.nn.TransformerEncoderLayer(128, 4, 512, 0.0, batch_first=True)
    net, x = torch.nn.TransformerEncoder(layer, 2), torch.randn(16, 64, 128)
    return trainer(torch, net, lambda: (net(x) ** 2).mean())


Row("transformer_step", "transformer, 2 layers of 128, 4 heads, T 64, batch 16, step", 1.5, '''
local x = cr.input("x", {16, 64, 128})
local function w(name, shape) return cr.param(name, shape, {init = cr.init.xavier()}) end
local function layer(k, x)
  local function p(name, ...) return w(name .. k, {...}) end
  local function heads(y) return cr.permute(cr.reshape(y, {16, 64, 4, 32}), {0, 2, 1, 3}) end
  local q, kk, v = heads(cr.matmul(x, p("q", 128, 128))), heads(cr.matmul(x, p("k", 128, 128))), heads(cr.matmul(x, p("v", 128, 128)))
  local a = cr.reshape(cr.permute(cr.attention(q, kk, v), {0, 2, 1, 3}), {16, 64, 128})
  x = cr.layer_norm(x + cr.matmul(a, p("o", 128, 128)), {128})
  local f = cr.matmul(cr.relu(cr.matmul(x, p("f", 128, 512))), p("g", 512, 128))
  return cr.layer_norm(x + f, {128})
end
local y = layer(2, layer(1, x))
return cr.program("t", {train = cr.train{inputs = {x}, loss = cr.mean(y ^ 2), optimizer = cr.optim.sgd{lr = 0.01}}})
''', "train", torch_step(transformer))


# Chain CRF: log Z and its gradient; the best labelling
def crf(T, goal, goal_viterbi, B=64, L=26):
    def forward(torch):
        u, p = torch.randn(B, T, L, requires_grad=True), torch.randn(L, L, requires_grad=True)
        def products():
            E, m = p.exp(), u[:, 0].max(1, keepdim=True)[0]
            a, z = (u[:, 0] - m).exp(), m.sum(1)
            for t in range(1, T):
                m = u[:, t].max(1, keepdim=True)[0]
                a = (a @ E) * (u[:, t] - m).exp()
                s = a.sum(1, keepdim=True)
                a, z = a / s, z + m.squeeze(1) + s.squeeze(1).log()
            return z + a.sum(1).log()
        return both(products, [u, p])
    def viterbi(torch):
        u, p = torch.randn(B, T, L), torch.randn(L, L)
        def step():
            a, back = u[:, 0], []
            for t in range(1, T):
                best, arg = (a.unsqueeze(2) + p).max(1)
                a = best + u[:, t]
                back.append(arg)
            y = [a.argmax(1)]
            for arg in reversed(back):
                y.append(arg.gather(1, y[-1].unsqueeze(1)).squeeze(1))
            return torch.stack(y[::-1], 1)
        return step
    model = f'''
local u, p = cr.input("u", {{{B}, {T}, {L}}}), cr.input("p", {{{L}, {L}}})
local z = cr.crf.log_partition(u, p)
local g = cr.grad(cr.sum(z), {{u, p}})
local y, best = cr.crf.viterbi(u, p)
return cr.program("crf", {{both = cr.entry{{inputs = {{u, p}}, outputs = {{z = z, gu = g[1], gp = g[2]}}}},
  viterbi = cr.entry{{inputs = {{u, p}}, outputs = {{y = y, best = best}}}}}})
'''
    Row(f"crf_T{T}", f"chain CRF log Z, forward and backward, batch {B}, {L} labels, T={T}", goal, model, "both", torch_step(forward))
    Row(f"viterbi_T{T}", f"Viterbi, batch {B}, {L} labels, T={T}", goal_viterbi, model, "viterbi", torch_step(viterbi))


crf(10, 6, 15), crf(100, 12, 25)


# Dense mean field with windowed kernels, the weights computed once, shifts added one by one
def mean_field(torch, backward):
    H, L, R = 128, 21, 5
    u = torch.randn(1, L, H, H, requires_grad=backward)
    image, w = torch.rand(1, 3, H, H), torch.tensor([1., 1.], requires_grad=backward)
    pad = lambda x: torch.nn.functional.pad(x, (R, R, R, R))
    shifts = [(a, b) for a in range(2 * R + 1) for b in range(2 * R + 1) if (a, b) != (R, R)]
    P, inside, near, colour = pad(image), pad(torch.ones(1, 1, H, H)), [], []
    for a, b in shifts:
        d = ((a - R) ** 2 + (b - R) ** 2) / 2
        mask = inside[:, :, a:a + H, b:b + H]
        near.append(mask * float(np.exp(-d / 9)))
        colour.append(mask * np.exp(-d / 100) * torch.exp(-((P[:, :, a:a + H, b:b + H] - image) ** 2).sum(1, keepdim=True) / .02))
    near, colour = torch.stack(near), torch.stack(colour)
    def f():
        k, q = w[0] * near + w[1] * colour, torch.softmax(u, 1)
        for _ in range(10):
            Q, m = pad(q), 0
            for n, (a, b) in enumerate(shifts):
                m = m + k[n] * Q[:, :, a:a + H, b:b + H]
            q = torch.softmax(u + m, 1)
        return q
    def forward():
        with torch.inference_mode():
            return f()
    return both(lambda: f()[:, 0], [u, w]) if backward else forward


MEAN_FIELD = '''
local u, image = cr.input("u", {128, 128, 21}), cr.input("image", {128, 128, 3})
local wide = cr.input("w", {2})
local w = {cr.tensor({}, wide(0)), cr.tensor({}, wide(1))}
local q = cr.crf.dense_mean_field(u, image, {method = "windowed", window = 11, iterations = 10, normalise = "none", self = false,
  kernels = {{weight = w[1], position = 3}, {weight = w[2], position = 10, colour = 0.1}}})
local i, j = cr.index "i j"
local g = cr.grad(cr.sum({i, j}, q(i, j, 0)), {u, wide})
return cr.program("m", {forward = cr.entry{inputs = {u, image, wide}, outputs = {q = q}},
  both = cr.entry{inputs = {u, image, wide}, outputs = {gu = g[1], gw = g[2]}}})
'''
PICTURE = {"image": np.random.default_rng(0).random((128, 128, 3)).astype("f"), "w": np.ones(2, "f")}
Row("mean_field_forward", "dense mean field, 21 labels, 128x128, 2 windowed kernels 11x11, 10 iterations", 2.5, MEAN_FIELD, "forward",
    torch_step(lambda t: mean_field(t, False)), data=PICTURE)
Row("mean_field_both", "the same, forward and backward", 4, MEAN_FIELD, "both", torch_step(lambda t: mean_field(t, True)), data=PICTURE)


# The proximal denoiser: 5 stages, 48 filters 7x7, 63 RBFs, 180x180
def denoiser(torch, backward):
    F = torch.nn.functional
    filters = [(torch.randn(48, 1, 7, 7) * .05).requires_grad_(backward) for _ in range(5)]
    weights = [(torch.randn(48, 63) * .1).requires_grad_(backward) for _ in range(5)]
    y, centres = torch.rand(1, 1, 180, 180) * 255, torch.linspace(-310, 310, 63)
    class RBF(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z, w):
            ctx.save_for_backward(z, w)
            out = torch.zeros_like(z)
            for k in range(63):
                out += w[:, k].view(1, -1, 1, 1) * torch.exp(-((z - centres[k]) / 10) ** 2 / 2)
            return out
        @staticmethod
        def backward(ctx, g):
            z, w = ctx.saved_tensors
            dz, dw = torch.zeros_like(z), torch.empty_like(w)
            for k in range(63):
                e = torch.exp(-((z - centres[k]) / 10) ** 2 / 2)
                dw[:, k] = (g * e).sum((0, 2, 3))
                dz -= w[:, k].view(1, -1, 1, 1) * e * (z - centres[k]) / 100
            return dz * g, dw
    def f():
        x = y
        for h, w in zip(filters, weights):
            r = F.conv2d(F.pad(x, (3, 3, 3, 3), mode="replicate"), h)
            back = F.conv_transpose2d(RBF.apply(r, w), h, padding=3)
            x = (x * .9 + .1 * y - .02 * back).clamp(0, 255)
        return x
    def forward():
        with torch.inference_mode():
            return f()
    return both(f, filters + weights) if backward else forward


DENOISER = '''
local y = cr.input("y", {1, 1, 180, 180})
local n, r, i, j, k = cr.index "n r i j k"
local x, params = y * 1, {}
for s = 1, 5 do
  local h, w = cr.param("h" .. s, {48, 1, 7, 7}, {init = cr.init.normal{std = 0.05}}), cr.param("w" .. s, {48, 63}, {init = cr.init.normal{std = 0.1}})
  params[#params + 1], params[#params + 2] = h, w
  local z = cr.conv2d(x, h, {padding = "same", boundary = "mirror"})
  local psi = cr.tensor({n, r, i, j}, cr.sum(k, w(r, k) * cr.exp(-((z(n, r, i, j) - (10.0 * k - 310.0)) / 10) ^ 2 / 2)))
  x = cr.clamp(x * 0.9 + 0.1 * y - 0.02 * cr.vjp(z, x, psi), 0, 255)
end
local g, outputs = cr.grad(cr.sum(x), params), {}
for k, v in ipairs(g) do outputs["g" .. k] = v end
return cr.program("d", {forward = cr.entry{inputs = {y}, outputs = {x = x}}, both = cr.entry{inputs = {y}, outputs = outputs}})
'''
PHOTO = {"y": (np.random.default_rng(0).random((1, 1, 180, 180)) * 255).astype("f")}
Row("denoiser_forward", "proximal denoiser, 5 stages, 48 filters 7x7, 63 RBFs, 180x180", 10, DENOISER, "forward",
    torch_step(lambda t: denoiser(t, False)), data=PHOTO)
Row("denoiser_both", "the same, forward and backward", 8, DENOISER, "both", torch_step(lambda t: denoiser(t, True)), data=PHOTO)


# A bank of filters and its adjoint; the peer's channels are last, which is its fastest form
def bank(torch, adjoint):
    h, x, z = torch.randn(48, 1, 7, 7), torch.randn(1, 1, 180, 180), torch.randn(1, 48, 180, 180)
    h, x = h.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    F = torch.nn.functional
    return (lambda: F.conv_transpose2d(z, h, padding=3)) if adjoint else (lambda: F.conv2d(x, h, padding=3))


BANK = '''
local x, z, h = cr.input("x", {1, 1, 180, 180}), cr.input("z", {1, 48, 180, 180}), cr.input("h", {48, 1, 7, 7})
return cr.program("b", {forward = cr.entry{inputs = {x, h}, outputs = {z = cr.conv2d(x, h, {padding = 3})}},
  adjoint = cr.entry{inputs = {z, h}, outputs = {x = cr.conv_transpose2d(z, h, {padding = 3})}}})
'''
Row("bank_forward", "48 filters 7x7 on 180x180", 1.1, BANK, "forward", torch_step(lambda t: bank(t, False)), flops=2 * 48 * 49 * 180 * 180)
Row("bank_adjoint", "their adjoint", 4.5, BANK, "adjoint", torch_step(lambda t: bank(t, True)), flops=2 * 48 * 49 * 180 * 180)


# 3x3 convolutions
def conv3(c, size, goal=1.0):
    def f(torch):
        x, w = torch.randn(1, c, size, size), torch.randn(c, c, 3, 3)
        return lambda: torch.nn.functional.conv2d(x, w, padding=1)
    def b(torch):
        x, w = torch.randn(1, c, size, size, requires_grad=True), torch.randn(c, c, 3, 3, requires_grad=True)
        y_bar = torch.randn(1, c, size, size)
        def step():
            x.grad = w.grad = None
            torch.nn.functional.conv2d(x, w, padding=1).backward(y_bar)
        return step
    model = f'''
local x, w, y_bar = cr.input("x", {{1, {c}, {size}, {size}}}), cr.input("w", {{{c}, {c}, 3, 3}}), cr.input("y_bar", {{1, {c}, {size}, {size}}})
local y = cr.conv2d(x, w, {{padding = 1}})
local gx, gw = cr.vjp(y, {{x, w}}, y_bar)
if not gw then gx, gw = gx[1], gx[2] end
return cr.program("c", {{forward = cr.entry{{inputs = {{x, w}}, outputs = {{y = y}}}}, both = cr.entry{{inputs = {{x, w, y_bar}}, outputs = {{y = y, gx = gx, gw = gw}}}}}})
'''
    n = 2 * 9 * c * c * size * size
    Row(f"conv3x3_{c}x{size}", f"3x3 convolution, {c} to {c} channels, {size}x{size}", goal, model, "forward", torch_step(f), flops=n)
    Row(f"conv3x3_{c}x{size}_both", "the same, forward and both adjoints", goal, model, "both", torch_step(b), flops=3 * n)


conv3(64, 56, 1.1), conv3(128, 28, 1.1), conv3(256, 14, 1.1)


# Linear algebra
def mrf(n, batch, goal):
    def build(torch):
        A = torch.randn(batch, n, n)
        A = (A @ A.mT / n).requires_grad_()
        b, lam = torch.randn(batch, n, requires_grad=True), torch.tensor(1., requires_grad=True)
        eye = torch.eye(n)
        return both(lambda: torch.cholesky_solve(b.unsqueeze(2), torch.linalg.cholesky(A + lam * eye)), [A, b, lam])
    Q = np.random.default_rng(0).standard_normal((batch, n, n))
    Row(f"mrf_{n}", f"Gaussian MRF solve, {batch} of {n}, forward and backward", goal, f'''
local A, b, lambda = cr.input("A", {{{batch}, {n}, {n}}}), cr.input("b", {{{batch}, {n}}}), cr.input("lambda", {{}})
local y = cr.linalg.solve_positive(A + lambda * cr.eye({n}), b)
local g = cr.grad(cr.sum(y), {{A, b, lambda}})
return cr.program("m", {{both = cr.entry{{inputs = {{A, b, lambda}}, outputs = {{y = y, gA = g[1], gb = g[2], gl = g[3]}}}}}})
''', "both", torch_step(build), data={"A": (Q @ Q.transpose(0, 2, 1) / n).astype("f"), "lambda": np.float32(1)})


mrf(16, 1000, 4), mrf(64, 16, 4), mrf(256, 1, 3), mrf(512, 1, 2.5)


def small(what, n, batch, goal):
    """Many small matrices: solve(A, b) or inv(A), forward and backward."""
    def build(torch):
        A, b = torch.randn(batch, n, n, requires_grad=True), torch.randn(batch, n, requires_grad=True)
        if what == "solve":
            return both(lambda: torch.linalg.solve(A, b), [A, b])
        return both(lambda: torch.linalg.inv(A), [A])
    args = "A, b" if what == "solve" else "A"
    Row(f"{what}_{batch}x{n}x{n}", f"{what} of {batch} matrices {n}x{n}, forward and backward", goal, f'''
local A, b = cr.input("A", {{{batch}, {n}, {n}}}), cr.input("b", {{{batch}, {n}}})
local y = cr.linalg.{what}({args})
local g = cr.grad(cr.sum(y), {{{args}}})
return cr.program("m", {{both = cr.entry{{inputs = {{{args}}}, outputs = {{y = y, gA = g[1], gb = g[2]}}}}}})
''', "both", torch_step(build), data={"A": np.random.default_rng(0).standard_normal((batch, n, n)).astype("f")})


small("solve", 4, 10000, 4), small("inv", 4, 10000, 4), small("solve", 16, 2000, 2.5)


def factors(what, n, batch, goal):
    """The factors of many small matrices: qr, eigh or svd."""
    def build(torch):
        A = torch.randn(batch, n, n)
        A = A + A.mT if what == "eigh" else A
        return lambda: getattr(torch.linalg, what)(A)
    Row(f"{what}_{batch}x{n}x{n}", f"{what} of {batch} matrices {n}x{n}", goal, f'''
local A = cr.input("A", {{{batch}, {n}, {n}}})
local P, Q, R = cr.linalg.{what}(A)
return cr.program("m", {{f = cr.entry{{inputs = {{A}}, outputs = {{P = P, Q = Q, R = R}}}}}})
''', "f", torch_step(build), data={"A": np.random.default_rng(0).standard_normal((batch, n, n)).astype("f")})


factors("qr", 3, 10000, 5), factors("eigh", 3, 10000, 5), factors("svd", 3, 10000, 10)
factors("eigh", 32, 200, 3), factors("svd", 8, 4000, 5)


def svd_layer(n, m, batch, goal):
    def build(torch):
        A = torch.randn(batch, n, m, requires_grad=True)
        def f():
            U, S, V = torch.linalg.svd(A, full_matrices=False)
            return (U * torch.log1p(S).unsqueeze(-2)) @ V
        return both(lambda: f() ** 2, [A])
    Row(f"svd_{batch}x{n}x{m}", f"SVD layer, {batch} of {n}x{m}, both ways", goal, f'''
local A = cr.input("A", {{{batch}, {n}, {m}}})
local U, S, Vh = cr.linalg.svd(A)
local Y = cr.matmul(U * cr.unsqueeze(cr.log1p(S), 1), Vh)
return cr.program("s", {{both = cr.entry{{inputs = {{A}}, outputs = {{Y = Y, g = cr.grad(cr.sum(Y ^ 2), A)}}}}}})
''', "both", torch_step(build), data={"A": np.random.default_rng(0).standard_normal((batch, n, m)).astype("f")})


svd_layer(32, 32, 100, 3), svd_layer(256, 128, 1, 1.1)


# Sampling, kernels, Gram matrices
def bilinear(torch):
    x = torch.randn(16, 3, 128, 128, requires_grad=True)
    grid = (torch.rand(16, 128, 128, 2) * 2 - 1).requires_grad_()
    return both(lambda: torch.nn.functional.grid_sample(x, grid, align_corners=False), [x, grid])


Row("bilinear", "bilinear sampling, 16 of 128x128x3, both ways", 4.5, '''
local x, grid = cr.input("x", {16, 3, 128, 128}), cr.input("grid", {16, 128, 128, 2})
local y = cr.grid_sample(x, grid)
local g = cr.grad(cr.sum(y), {x, grid})
return cr.program("b", {both = cr.entry{inputs = {x, grid}, outputs = {y = y, gx = g[1], gg = g[2]}}})
''', "both", torch_step(bilinear), data={"grid": (np.random.default_rng(0).random((16, 128, 128, 2)) * 2 - 1).astype("f")})


def mmd(torch):
    x, y = torch.randn(512, 256, requires_grad=True), torch.randn(512, 256)
    def k(a, b):
        d = (a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T
        return sum(torch.exp(-d / (2 * s)) for s in (2., 5., 10., 20., 40.)).mean()
    return both(lambda: k(x, x) + k(y, y) - 2 * k(x, y), [x])


Row("mmd", "MMD, 5 bandwidths, 512x256, both ways", 8, '''
local x, y = cr.input("x", {512, 256}), cr.input("y", {512, 256})
local loss = cr.mmd(x, y, {2, 5, 10, 20, 40})
return cr.program("m", {both = cr.entry{inputs = {x, y}, outputs = {loss = loss, g = cr.grad(loss, x)}}})
''', "both", torch_step(mmd))


def gram(torch):
    f, target = torch.randn(4, 64, 128, 128, requires_grad=True), torch.randn(4, 64, 64)
    def loss():
        v = f.reshape(4, 64, -1)
        return ((v @ v.mT / (64 * 128 * 128) - target) ** 2).sum()
    return both(loss, [f])


Row("gram", "Gram style loss, 4 of 64x128x128, both ways", 4, '''
local f, target = cr.input("f", {4, 64, 128, 128}), cr.input("target", {4, 64, 64})
local loss = cr.sum((cr.gram(f) - target) ^ 2)
return cr.program("g", {both = cr.entry{inputs = {f, target}, outputs = {loss = loss, g = cr.grad(loss, f)}}})
''', "both", torch_step(gram))


# Elementwise chains and normalisations
def softmax_xent(torch):
    x, y = torch.randn(4096, 1000, requires_grad=True), torch.randint(1000, (4096,))
    return both(lambda: torch.nn.functional.cross_entropy(x, y), [x])


Row("softmax_xent", "softmax and cross-entropy, 4096x1000, both ways", 4, '''
local x, y = cr.input("x", {4096, 1000}), cr.input("y", {4096}, {dtype = "i32"})
local loss = cr.mean(cr.cross_entropy(x, y))
return cr.program("s", {both = cr.entry{inputs = {x, y}, outputs = {loss = loss, g = cr.grad(loss, x)}}})
''', "both", torch_step(softmax_xent))


def layer_norm(torch):
    x = torch.randn(4096, 1024, requires_grad=True)
    w, b, g = torch.randn(1024, requires_grad=True), torch.randn(1024, requires_grad=True), torch.randn(4096, 1024)
    def step():
        x.grad = w.grad = b.grad = None
        torch.nn.functional.layer_norm(x, (1024,), w, b).backward(g)
    return step


Row("layer_norm", "layer normalisation, 4096x1024, both ways", 1.5, '''
local x, w, b, y_bar = cr.input("x", {4096, 1024}), cr.input("w", {1024}), cr.input("b", {1024}), cr.input("y_bar", {4096, 1024})
local y = cr.layer_norm(x, {1024}, w, b)
local g = cr.vjp(y, {x, w, b}, y_bar)
return cr.program("n", {both = cr.entry{inputs = {x, w, b, y_bar}, outputs = {y = y, gx = g[1], gw = g[2], gb = g[3]}}})
''', "both", torch_step(layer_norm))


def adam(torch):
    w = torch.randn(10_000_000, requires_grad=True)
    w.grad = torch.randn(10_000_000)
    opt = torch.optim.Adam([w], lr=1e-3, **({"fused": True} if torch.__version__ >= "2" else {}))
    return opt.step


Row("adam", "Adam, 10 million parameters", 1, '''
local g = cr.input("g", {10000000})
local w = cr.param("w", {10000000})
return cr.program("a", {train = cr.train{inputs = {g}, loss = cr.sum(w * g), optimizer = cr.optim.adam{lr = 1e-3}}})
''', "train", {"torch": torch_step(adam)["torch"]})


# Convolutional autoencoder, 64 of 28x28
def autoencoder(torch):
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(),
                        nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Sigmoid())
    x = torch.rand(64, 1, 28, 28)
    return trainer(torch, net, lambda: ((net(x) - x) ** 2).mean())


Row("autoencoder_step", "convolutional autoencoder, 64 of 28x28, step", 2, '''
local x = cr.input("x", {64, 1, 28, 28})
local function p(name, ...) return cr.param(name, {...}, {init = cr.init.kaiming()}) end
local h = cr.relu(cr.conv2d(x, p("w1", 16, 1, 3, 3), {stride = 2, padding = 1}) + cr.param("b1", {16, 1, 1}))
h = cr.relu(cr.conv2d(h, p("w2", 32, 16, 3, 3), {stride = 2, padding = 1}) + cr.param("b2", {32, 1, 1}))
h = cr.relu(cr.conv_transpose2d(h, p("w3", 32, 16, 4, 4), {stride = 2, padding = 1}) + cr.param("b3", {16, 1, 1}))
local y = cr.sigmoid(cr.conv_transpose2d(h, p("w4", 16, 1, 4, 4), {stride = 2, padding = 1}) + cr.param("b4", {1, 1, 1}))
return cr.program("a", {train = cr.train{inputs = {x}, loss = cr.mean((y - x) ^ 2), optimizer = cr.optim.sgd{lr = 0.01}}})
''', "train", torch_step(autoencoder))

import speed_rows_systems  # its rows, which need what is above

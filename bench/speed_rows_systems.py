"""The rows of speed.py that are whole systems: a DCGAN, a translator with attention, word vectors."""
import numpy as np
from speed_rows import Row, torch_step


def dcgan(torch):
    nn = torch.nn
    def up(i, o, stride, padding):
        return [nn.ConvTranspose2d(i, o, 4, stride, padding, bias=False)]
    def norm(o):
        return [nn.BatchNorm2d(o)]
    G = nn.Sequential(*up(64, 128, 1, 0), *norm(128), nn.ReLU(), *up(128, 64, 2, 1), *norm(64), nn.ReLU(),
                      *up(64, 32, 2, 1), *norm(32), nn.ReLU(), *up(32, 1, 2, 1), nn.Tanh())
    D = nn.Sequential(nn.Conv2d(1, 32, 4, 2, 1, bias=False), nn.LeakyReLU(.2), nn.Conv2d(32, 64, 4, 2, 1, bias=False), *norm(64),
                      nn.LeakyReLU(.2), nn.Conv2d(64, 128, 4, 2, 1, bias=False), *norm(128), nn.LeakyReLU(.2),
                      nn.Conv2d(128, 1, 4, 1, 0, bias=False))
    x, z = torch.rand(32, 1, 32, 32) * 2 - 1, torch.randn(32, 64, 1, 1)
    softplus, weights = torch.nn.functional.softplus, list(G.parameters())
    opt_g, opt_d = torch.optim.Adam(weights, lr=2e-4), torch.optim.Adam(D.parameters(), lr=2e-4)
    def step():
        fake = G(z)
        opt_d.zero_grad()
        (softplus(-D(x)).mean() + softplus(D(fake.detach())).mean()).backward()
        for w, g in zip(weights, torch.autograd.grad(softplus(-D(fake)).mean(), weights)):
            w.grad = g
        opt_d.step()
        opt_g.step()
    return step


Row("dcgan_step", "DCGAN, 32 pictures of 32x32, a step of both nets", 1.3, '''
local x, z = cr.input("x", {32, 1, 32, 32}), cr.input("z", {32, 64, 1, 1})
local function weights(name, ...) return cr.param(name, {...}, {init = cr.init.normal{std = 0.05}}) end
local function scales(name, c) return {cr.param(name .. ".scale", {c}, {init = 1}), cr.param(name .. ".shift", {c})} end
local function norm(h, p)
  local m = cr.mean(h, {0, 2, 3}, true)
  local v = cr.mean((h - m) ^ 2, {0, 2, 3}, true)
  return (h - m) * cr.rsqrt(v + 1e-5) * cr.reshape(p[1], {1, -1, 1, 1}) + cr.reshape(p[2], {1, -1, 1, 1})
end
local twice = {stride = 2, padding = 1}
local h = cr.relu(norm(cr.conv_transpose2d(z, weights("g1", 64, 128, 4, 4)), scales("g1", 128)))
h = cr.relu(norm(cr.conv_transpose2d(h, weights("g2", 128, 64, 4, 4), twice), scales("g2", 64)))
h = cr.relu(norm(cr.conv_transpose2d(h, weights("g3", 64, 32, 4, 4), twice), scales("g3", 32)))
local fake = cr.tanh(cr.conv_transpose2d(h, weights("g4", 32, 1, 4, 4), twice))
local w = {weights("d1", 32, 1, 4, 4), weights("d2", 64, 32, 4, 4), weights("d3", 128, 64, 4, 4), weights("d4", 1, 128, 4, 4)}
local s2, s3 = scales("d2", 64), scales("d3", 128)
local function judge(y, keep)
  local h = cr.leaky_relu(cr.conv2d(y, keep(w[1]), twice), 0.2)
  h = cr.leaky_relu(norm(cr.conv2d(h, keep(w[2]), twice), {keep(s2[1]), keep(s2[2])}), 0.2)
  h = cr.leaky_relu(norm(cr.conv2d(h, keep(w[3]), twice), {keep(s3[1]), keep(s3[2])}), 0.2)
  return cr.conv2d(h, keep(w[4]))
end
local function learn(p) return p end
local d_loss = cr.mean(cr.softplus(-judge(x, learn))) + cr.mean(cr.softplus(judge(cr.stop_gradient(fake), learn)))
local g_loss = cr.mean(cr.softplus(-judge(fake, cr.stop_gradient)))
return cr.program("g", {train = cr.train{inputs = {x, z}, loss = d_loss + g_loss, optimizer = cr.optim.adam{lr = 2e-4}}})
''', "train", torch_step(dcgan))


# Bahdanau's attention over what a GRU read; the letter before is the right one
def seq2seq(torch):
    nn, F, N, S, L, H = torch.nn, torch.nn.functional, 32, 32, 16, 128
    net = nn.ModuleDict(dict(letters=nn.Embedding(128, 32), read=nn.GRU(32, H), q=nn.Linear(H, H, bias=False), k=nn.Linear(H, H, bias=False),
                             v=nn.Linear(H, 1, bias=False), write=nn.GRUCell(32 + H, H), out=nn.Linear(2 * H, 128)))
    source, before, right = torch.randint(128, (S, N)), torch.randint(128, (L, N)), torch.randint(128, (L, N))
    opt = torch.optim.SGD(net.parameters(), lr=.01)
    def step():
        opt.zero_grad()
        h = net["read"](net["letters"](source))[0]
        keys, q, logits = net["k"](h), torch.zeros(N, H), []
        for x in net["letters"](before):
            a = torch.softmax(net["v"](torch.tanh(keys + net["q"](q))), 0)
            c = (a * h).sum(0)
            q = net["write"](torch.cat([x, c], 1), q)
            logits.append(net["out"](torch.cat([q, c], 1)))
        F.cross_entropy(torch.cat(logits), right.reshape(-1)).backward()
        opt.step()
    return step


LETTERS = np.random.default_rng(0).integers(0, 128, (3, 32, 32)).astype("i4")
Row("seq2seq_step", "sequence to sequence with attention, 32 of 32 to 16 letters, hidden 128, step", 2, '''
local N, S, L, H, E = 32, 32, 16, 128, 32
local source, before = cr.input("source", {S, N}, {dtype = "i32"}), cr.input("before", {L, N}, {dtype = "i32"})
local right = cr.input("right", {L, N}, {dtype = "i32"})
local function w(name, ...) return cr.param(name, {...}, {init = cr.init.xavier()}) end
local letters = cr.param("letters", {128, E}, {init = cr.init.normal{std = 0.3}})
local h = cr.gru(cr.embedding(source, letters), cr.zeros{N, H}, w("ri", 3 * H, E), w("rh", 3 * H, H), cr.param("rb", {3 * H}), cr.param("rc", {3 * H}))
local wq, wk, v = w("q", H, H), w("k", H, H), w("v", 1, H)
local wi, wh, bi, bh = w("wi", 3 * H, E + H), w("wh", 3 * H, H), cr.param("bi", {3 * H}), cr.param("bh", {3 * H})
local wo, bo, keys = w("wo", 128, 2 * H), cr.param("bo", {128}), cr.linear(h, wk)
local _, logits = cr.scan(function(q, b)
  local a = cr.softmax(cr.reshape(cr.linear(cr.tanh(keys + cr.linear(q, wq)), v), {S, N}), 0)
  local c = cr.einsum("sn,snh->nh", a, h)
  local q2 = cr.gru_cell(cr.cat({cr.embedding(b, letters), c}, 1), q, wi, wh, bi, bh)
  return q2, cr.linear(cr.cat({q2, c}, 1), wo, bo)
end, cr.zeros{N, H}, before)
local loss = cr.mean(cr.cross_entropy(cr.reshape(logits, {L * N, 128}), cr.reshape(right, {L * N})))
return cr.program("s", {train = cr.train{inputs = {source, before, right}, loss = loss, optimizer = cr.optim.sgd{lr = 0.01}}})
''', "train", torch_step(seq2seq), data={"source": LETTERS[0], "before": LETTERS[1, :16], "right": LETTERS[2, :16]})


# Pairs of a word and one near it, with five others each: the gradient touches few rows
PAIRS = np.random.default_rng(0).integers(0, 20000, (4096, 7)).astype("i4")


def word2vec(torch):
    nn = torch.nn
    v, u = nn.Embedding(20000, 100, sparse=True), nn.Embedding(20000, 100, sparse=True)
    middle, near = torch.from_numpy(PAIRS[:, 0]).long(), torch.from_numpy(PAIRS[:, 1:]).long()
    sign = torch.tensor([-1.] + [1.] * 5)
    opt = torch.optim.SGD([*v.parameters(), *u.parameters()], lr=.025)
    def step():
        opt.zero_grad()
        score = (u(near) @ v(middle).unsqueeze(2)).squeeze(2)
        torch.nn.functional.softplus(sign * score).sum().backward()
        opt.step()
    return step


Row("word2vec_step", "word vectors, 20k words of 100, 4096 pairs with 5 negatives, step", 6.5, '''
local middle, near = cr.input("middle", {4096}, {dtype = "i32"}), cr.input("near", {4096, 6}, {dtype = "i32"})
local v = cr.param("v", {20000, 100}, {init = cr.init.uniform{low = -0.005, high = 0.005}})
local u = cr.param("u", {20000, 100})
local n, k, d = cr.index "n k d"
local score = cr.tensor({n, k}, cr.sum(d, v(middle(n), d) * u(near(n, k), d)))
local each = cr.tensor({n, k}, cr.softplus(cr.where(cr.eq(k, 0), -1, 1) * score(n, k)))
return cr.program("w", {train = cr.train{inputs = {middle, near}, loss = cr.sum(each), optimizer = cr.optim.sgd{lr = 0.025}}})
''', "train", torch_step(word2vec), data={"middle": PAIRS[:, 0].copy(), "near": PAIRS[:, 1:].copy()})

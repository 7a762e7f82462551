-- rest.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("rest", {})
local x = case.input("x", "f64", {4, 5}, {1.5096, -1.0605, 1.1989, -.9281, 1.6738, -1.1689, -1.6742, .5393, -.2707,
    -1.2366, -.1706, .6337, -1.3007, -1.1112, -.9260, 1.6590, -.5384, -1.0820, .7062, .1329})
local y = case.input("y", "f64", {4, 5}, {-2.0532, -.7691, -.2491, -.6066, .7427, -1.2204, .2242, -.1600, -.6698,
    -.5268, 1.5235, 1.2179, .1516, -1.2643, -.3853, -.8996, .5193, .3184, .6154, .4454})
local z = case.input("z", "f64", {2, 3, 4, 5}, {.3615, -.1674, -1.4738, -2.0144, -1.3198, -.1852, -.7534, .5488,
    -.6968, -.1443, .5845, .4482, -1.2721, .0086, -.1440, 1.1876, .5428, -.8134, 1.1207, -.8261, -.1930, -1.3648,
    -.8268, -1.9228, 1.7073, -.8263, 1.4079, -1.5431, -1.4443, .1640, .8622, .7410, 1.0354, .2417, .2513, .2677,
    .8447, -.7037, 1.1192, -.9470, .3424, -.7377, -.8292, 1.4290, .2911, .8068, -.6405, -3.0194, .9034, -.0623,
    -1.8524, .5552, .6783, .9606, -.2308, -1.4226, -.0497, .7094, 1.3042, -.0003, .4293, -.1319, 1.2036, 1.3767,
    -.6200, 1.4116, .4399, -.6709, 1.5760, -.1571, -1.8258, -.3498, -2.7594, 1.0263, .3902, -.0102, .7119, -.1376,
    -1.0727, .3395, -.2285, 1.6368, 1.7485, 1.0563, .7176, -.5090, -2.3300, -1.1522, .4906, 1.0879, .7178, -.2122,
    -1.6400, -1.8276, -1.9395, .0071, 1.9760, -.4760, -.4378, -.3533, .5891, -.1375, 1.4342, -.1026, -.3399, -1.1607,
    .8114, 1.5502, -.7451, -.7991, .9526, -1.1189, -.5025, 1.8484, -.3040, -2.2455, .1314, 1.2724, .4647, -1.5928})
local i = case.input("i", "i64", {4, 3}, {2, 2, 2, 1, 1, 2, 2, 2, 2, 1, 0, 1})
local k = case.input("k", "i64", {4}, {0, 1, 0, 1})
local b = case.input("b", "bool", {4, 5}, {1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1})
local s = case.input("s", "f64", {4, 6}, {.5959, -.7443, -.9035, .7674, -.7429, .1884, 1.0954, .1155, -.1807, 1.3515,
    .4430, -.8247, 1.8415, -.4479, -.2006, -1.5641, 1.5876, -.1304, 1.1606, 1.2688, -.9175, -.2609, .8321, .5893})
local h = case.input("h", "f64", {6}, {-.3126, -.8666, .6693, -.5507, 1.4678, -2.3307})
case.row("sr_prod", cr.scatter_reduce(x, 1, i, cr.slice(y, 1, 0, 3), "prod", {include_self = false}), {-3.27387358497069, 11.6599838966988})
case.row("sr_amin", cr.scatter_reduce(x, 1, i, cr.slice(y, 1, 0, 3), "amin", {include_self = false}), {-6.99025197257895, 10.5952044976107})
case.row("sr_amax", cr.scatter_reduce(x, 1, i, cr.slice(y, 1, 0, 3), "amax", {include_self = false}), {-1.39452076401813, 12.5519580789063})
case.row("sr_sum", cr.scatter_reduce(x, 1, i, cr.slice(y, 1, 0, 3), "sum", {include_self = false}), {-6.39814278049836, 6.11271539107702})
case.row("rank_average", cr.rank(cr.round(x * 2), -1, {method = "average"}), {63.5802599630592})
case.row("rank_min", cr.rank(cr.round(x * 2), -1, {method = "min"}), {59.9662912836873})
case.row("rank_max", cr.rank(cr.round(x * 2), -1, {method = "max"}), {67.1942286424313})
case.row("rank_dense", cr.rank(cr.round(x * 2), -1, {method = "dense"}), {52.1826258349424})
case.row("rank_ordinal", cr.rank(cr.round(x * 2), -1, {method = "ordinal"}), {62.9794469011837})
case.row("rank_down", cr.rank(cr.round(x * 2), -1, {method = "min", descending = true}), {51.5285971824363})
case.row("trapd", cr.trapezoid(x, {dx = 0.5, axis = 0}), {-2.11346209700881, 6.14992583057527})
case.row("trapx", cr.trapezoid(x, {x = cr.select(y, 0, 0)}), {-1.67770651642976, 1.21687371032066})
case.row("cov0", cr.cov(x, {correction = 0}), {2.76386148816688, 0.787645462385651})
case.row("normm", cr.norm(x, 1, {p = -math.huge}), {1.59710761032961, -2.03271178071207})
case.row("normn", cr.norm(x, 0, {p = -1.5}), {1.14702236715703, -0.518665525097343})
case.row("contr", cr.contrastive(x, y, k, {margin = 3}), {6.74711938573533, -0.496773805474455})
case.row("padv", cr.pad(x, {2, -1, -1, 3}, {mode = "constant", value = 1.5}), {29.8138510889815, 7.30266029377117})
case.row("padr", cr.pad(z, {1, 2, 3, 0}, "replicate"), {-6.73011912797384, 210.82500912028})
case.row("searchb", cr.searchsorted((cr.sort(x, 1)), y, {right = true}), {53.2991070136847})
case.row("binw", cr.bincount(k, 3, {weights = cr.select(x, 1, 0)}), {1.85779442670876, 2.84618578928302})
case.row("mode", (cr.mode(cr.round(x), 1)), {-4.18033988749895})
case.row("tv", cr.total_variation(z), {224.510749920134, 0.394137671095033})
case.row("tvb", cr.total_variation(z, {beta = 1.5, eps = 0.1}), {277.849130893195, -7.46143493997972})
case.row("gram", cr.gram(z), {2.03812606023437, -0.838049039802365})
case.row("nan", cr.nanmean(cr.where(b, x, 0 / 0), 1), {-0.0409197972485823, 3.2736171891425})
case.row("nans", cr.nan_to_num(cr.where(b, x, 1 / 0), 0, 7), {35.4510716119613, 7.1764592415733})
case.row("where", cr.where(b, x * y, cr.exp(x)), {3.7008101405044, -1.13124836989744})
case.row("mask", cr.attention(x, y, x, {mask = cr.gt(cr.matmul(x, cr.transpose(y)), -0.5), scale = 2}), {-6.45807845181007, 13.8350888511237})
case.row("lsp", cr.linalg.lstsq(cr.transpose(s), h), {-0.652575908555112, -0.728145448779308})
case.row("lsw", cr.linalg.lstsq(s, cr.slice(h, 0, 0, 4)), {-0.579986259593664, 0.0096947291213712})
case.row("pinv", cr.linalg.pinv(s), {0.944176949975289, 2.23109275841201})
case.row("powr", cr.linalg.matrix_power(cr.matmul(x, cr.transpose(y)), -2) * 0.01, {0.0076427486971195, -0.00572775585381561})
case.row("tri", cr.linalg.solve_triangular(cr.matmul(x, cr.transpose(x)), y, {upper = true, transposed = true}), {-0.855902594024167, 3.0151185763411})
case.row("triu", cr.linalg.solve_triangular(cr.matmul(x, cr.transpose(x)), y, {unit = true}), {-30.5395995039191, 2.90482490396961})
case.row("slog", select(2, cr.linalg.slogdet(cr.matmul(x, cr.transpose(y)))), {4.60093751324686, 0.0811648740023998})
case.row("expm", cr.linalg.expm(cr.matmul(x, cr.transpose(y)) * 0.3), {5.16746678235268, -5.69991865100487})
case.row("chol", cr.linalg.cholesky(cr.matmul(x, cr.transpose(x)), {upper = true}), {8.85945718188037, -4.43923346133429})
case.row("lu", (select(3, cr.linalg.lu(s))), {4.18400235043124, 5.06792887971094})
case.row("lul", (select(2, cr.linalg.lu(cr.transpose(s)))), {6.37121822489478, -2.57158874503825})
case.row("qr", cr.abs(select(2, cr.linalg.qr(s))), {15.9156489451797, -5.2401749245136})
case.row("det", cr.linalg.det(cr.matmul(x, cr.transpose(y))), {-68.496002890123, 0.0321061426279814})
case.row("nuc", cr.linalg.nuclear_norm(s), {9.52929670639418, -0.498599199801671})
case.row("eig", cr.linalg.eigvalsh(cr.matmul(x, cr.transpose(x))), {25.0871595658774, 9.03678485601992})

-- classes.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("classes", {})
local x = case.input("x", "f64", {5, 4}, {-1.2688, -.2215, 1.4975, -1.6108, .1374, -1.2259, -.4395, -.7253, -.1568,
    -.4666, 1.7725, .2935, .9391, 1.1732, -2.5677, -1.1622, -.1018, -3.0118, .1373, -1.2474})
local c = case.input("c", "i64", {5}, {1, 0, 0, 2, 3})
local z = case.input("z", "f64", {2, 3, 4, 2}, {-.0785, .6074, -.1458, .4876, 1.2341, 1.2041, -1.0081, -.0179, .9693,
    -.2957, -.2399, .9030, 1.6989, .1663, -1.2861, .8861, -1.2185, -.4785, .5801, .7985, .0400, -.2626, -1.0641,
    -1.2140, .7697, .6443, -.0905, -.8248, 1.3083, -.8560, -.1913, -.7198, -1.4603, -.8120, .7401, -.0400, .9021,
    -.2327, .0394, -.6107, -.2094, -.5376, 1.9293, .8408, 1.0453, .3082, .5634, .3435})
local d = case.input("d", "i64", {2, 4, 2}, {0, 1, 0, 0, 2, 2, 2, 1, 2, 2, 1, 2, 2, 2, 1, 2})
local w = case.input("w", "f64", {4}, {.7138, .4473, 1.6397, 1.1743})
local v = case.input("v", "f64", {3}, {1.0890, 1.1268, 1.6252})
local q = case.input("q", "f64", {5, 4}, {.8078, .5000, .4780, .2245, .3373, .6385, .7927, .2370, .1953, .4783,
    .3297, .2905, .5739, .1168, .9491, .8642, .9131, .3570, .9051, .6892})
case.row("ce", cr.cross_entropy(x, c), {11.456568245641, -0.235089720291664, 0.844368176536721})
case.row("cem", cr.cross_entropy(x, c, {reduction = "mean"}), {2.59492064314455, -0.173817696763848, 0.0696991165572453})
case.row("cew", cr.cross_entropy(x, c, cr.stop_gradient(w), {reduction = "mean", label_smoothing = 0.2}), {2.87718880619219, -0.148623618145248, 0.0449150123118617})
case.row("cei", cr.cross_entropy(x, c, cr.stop_gradient(w), {ignore_index = 1, reduction = "mean"}), {3.14072176384316, -0.173631873302454, 0.0556058083324746})
case.row("ceis", cr.cross_entropy(x, c, {ignore_index = 1, label_smoothing = 0.1}), {9.01263942013656, -0.0892045459716704, 0.260832080160702})
case.row("ce4", cr.cross_entropy(z, d, cr.stop_gradient(v)), {26.1158928319494, 1.03742479055771, -0.24836688900995})
case.row("ce4m", cr.cross_entropy(z, d, {label_smoothing = 0.3, ignore_index = 2, reduction = "mean"}), {1.41877099927424, -0.00581382237805671, 0.00067967575919779})
case.row("cep", cr.cross_entropy(x, q, cr.stop_gradient(w), {reduction = "mean", label_smoothing = 0.1}), {4.70933106907622, -3.42385651174619, -24.2353094664149})
case.row("nll", cr.nll(x, c, cr.stop_gradient(w), {reduction = "mean"}), {1.38010735999199, -0.266301766031413, 0.120891653281967})
case.row("nll4", cr.nll(z, d), {-2.64247914232692, -14.3032566840767, -2.30874410713642})
case.row("mm", cr.multi_margin(x, c), {6.07989866636596, 0.238216280913142})
case.row("mm2", cr.multi_margin(x, c, {p = 2, margin = 0.5, weight = cr.stop_gradient(w)}), {18.3650710040155, -1.30776481330048})
case.row("emb", cr.embedding(c, x), {-6.54612776834723, 7.98382827880761, 5.23307296600074})
case.row("embp", cr.embedding(d, x, 1), {-0.32999280622484, 23.7986345847934, 77.0709920206781})
case.row("bag", cr.embedding_bag(cr.select(d, 2, 0), x), {-0.265817403970111, 5.59306621803488})
case.row("bagp", cr.embedding_bag(cr.select(d, 2, 0), x, {padding_idx = 1, mode = "sum"}), {4.55815005070204, 0.167354316264495, -4.59235546858987})
case.row("onehot", cr.one_hot(c, 5), {5.20007331374359})

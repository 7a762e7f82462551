-- grid_sample.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("grid_sample", {})
local x = case.input("x", "f64", {2, 2, 4, 5}, {1.7508, .8065, -1.1128, .3258, .0207, -.2907, -.6959, -.4543, .1761,
    -.3354, .7374, 1.3597, -2.0966, -2.1662, .1130, -2.1632, -1.6457, -1.6645, -.3572, .3071, -.6861, .0948, .3489,
    1.5970, .0871, .5832, -.2936, .1394, .8411, -.9602, -.9754, -.1097, .3133, .0044, .1113, 1.5891, .1922, -.0233,
    -.9118, .3339, .3774, -.0124, -.5165, -.3523, -.7217, -.4625, .9121, .2089, -.8842, .0368, -.3892, -.7705, .3982,
    .7132, 3.3576, .2135, .3162, .3898, .1812, -.8753, -2.5354, .2490, -.5785, -.1042, -.6958, -.1557, .5409, .8009,
    .8171, .7032, -.8742, .0232, -.2127, .0233, .2297, .0346, .4537, -.3996, -.1544, -.0342})
local g = case.input("g", "f64", {2, 3, 4, 2}, {-1.1527, -.8450, -1.3992, -1.0112, 1.1433, 1.0301, -.2057, .6078,
    .1055, 1.0433, 1.3648, -.2183, -.3948, -.6563, -1.0474, .1496, -.8556, .3733, -.0208, -.9693, -1.1599, -1.0993,
    .8062, -.1712, .9329, .3280, -1.1493, -.5295, .6698, -.1691, 1.3961, .3586, -.6293, .5724, 1.0258, -.5885,
    -.4116, .9609, -.5157, 1.2199, -.8655, 1.0388, 1.3945, -.7719, .6552, -1.2335, -.2590, -.2924})
case.row("bili_zer_f", cr.grid_sample(x, g, "bilinear", "zeros", false), {0.814635693756487, 28.3647470521906})
case.row("bili_zer_t", cr.grid_sample(x, g, "bilinear", "zeros", true), {4.20813939873192, 21.4758228858016})
case.row("bili_bor_f", cr.grid_sample(x, g, "bilinear", "border", false), {3.90803249436357, 58.4509420380286})
case.row("bili_bor_t", cr.grid_sample(x, g, "bilinear", "border", true), {6.94632112011967, 41.4409785352295})
case.row("bili_ref_f", cr.grid_sample(x, g, "bilinear", "reflection", false), {4.1298915370901, 55.3670001941342})
case.row("bili_ref_t", cr.grid_sample(x, g, "bilinear", "reflection", true), {5.10938023589735, 20.9533400128001})
case.row("near_zer_f", cr.grid_sample(x, g, "nearest", "zeros", false), {3.14825105031649, 13.4021670003351})
case.row("near_zer_t", cr.grid_sample(x, g, "nearest", "zeros", true), {3.1322627741862, 27.2192011796564})
case.row("near_bor_f", cr.grid_sample(x, g, "nearest", "border", false), {3.58250922189908, 29.5981677801203})
case.row("near_bor_t", cr.grid_sample(x, g, "nearest", "border", true), {4.59139045264946, 30.275904802876})
case.row("near_ref_f", cr.grid_sample(x, g, "nearest", "reflection", false), {3.58250922189908, 29.5981677801203})
case.row("near_ref_t", cr.grid_sample(x, g, "nearest", "reflection", true), {4.89818598363225, 34.4093025736516})
case.row("bicu_zer_f", cr.grid_sample(x, g, "bicubic", "zeros", false), {1.08651063240085, 39.5619498040364})
case.row("bicu_zer_t", cr.grid_sample(x, g, "bicubic", "zeros", true), {4.33963955742122, 36.8640709959909})
case.row("bicu_bor_f", cr.grid_sample(x, g, "bicubic", "border", false), {4.76915233213276, 52.7468619970763})
case.row("bicu_bor_t", cr.grid_sample(x, g, "bicubic", "border", true), {7.10145441381767, 48.9216726689755})
case.row("bicu_ref_f", cr.grid_sample(x, g, "bicubic", "reflection", false), {5.89745377210095, 44.3095316479053})
case.row("bicu_ref_t", cr.grid_sample(x, g, "bicubic", "reflection", true), {5.54280791215384, 29.2278143073254})

-- recurrent.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("recurrent", {})
local function first(y, last)
  return cr.cat{cr.flatten(y), cr.flatten(type(last) == "table" and last[1] or last)}
end
local x = case.input("x", "f64", {4, 2, 2}, {1.2403, .3225, -.5213, .1887, -.0081, -.4132, 1.3204, -.2040, .3612,
    .8590, 1.1323, -.1527, 1.1021, -.8567, -.0950, 1.6628})
local h = case.input("h", "f64", {2, 3}, {-.4439, .4489, .8270, -.2496, .3448, -1.4034})
local c = case.input("c", "f64", {2, 3}, {1.0115, .1925, 1.8892, .9067, 1.1095, -.9092})
local w = case.input("w", "f64", {12, 2}, {.3052, 1.4276, .6383, 1.0843, 1.3275, -.9070, 1.3106, -.8409, .0159,
    -.1543, -.0163, -1.8413, .3809, .9658, .4462, 1.6804, -.6275, .7955, -.2587, -.8664, -.0127, .7451, .2198, -.4785})
local u = case.input("u", "f64", {12, 3}, {-.6441, .2288, -.5304, -.5348, -1.3609, .9731, -.9712, -.3700, -1.0407,
    -.3545, -1.5630, 1.4558, -.7777, -.1016, .1701, -.2040, -.1461, 1.8218, .3274, -1.4500, 1.0240, -.6306, .3613,
    1.8338, -1.5013, .4850, .9178, -.2227, 1.1605, .1368, .9406, -.5302, -1.3867, -1.4273, 1.0966, -1.4363})
local a = case.input("a", "f64", {12}, {.3950, .1287, -.5025, -.2369, -.5064, -.8485, -.1800, .3853, .3966, .2976,
    .5184, .6955})
local d = case.input("d", "f64", {12}, {-.5191, .3218, .7565, .5046, -1.6535, -1.2479, -.2015, -.6670, 1.4523,
    -.1602, .2887, 1.3113})
local p = case.input("p", "f64", {3, 3}, {.0162, -.9266, -1.7872, -.6071, -2.2128, .5601, .9620, -.6300, .6173})
local q = case.input("q", "i64", {2}, {4, 2})
case.row("peep", first(cr.lstm(x, {h, c}, w, u, a, d, {peephole = {cr.select(p, 0, 0), cr.select(p, 0, 1), cr.select(p, 0, 2)}})), {7.77339263995761, 27.9641703783923})
case.row("peepn", first(cr.lstm(x, {h, c}, w, u, a, d, {peephole = {cr.select(p, 0, 0), cr.select(p, 0, 1), cr.select(p, 0, 2)}, lengths = q})), {6.74726551738727, 20.9119608044223})
case.row("peepr", first(cr.lstm(x, {h, c}, w, u, a, d, {peephole = {cr.select(p, 0, 0), cr.select(p, 0, 1), cr.select(p, 0, 2)}, lengths = q, reverse = true})), {5.75393746789569, 27.5991364415552})
case.row("relu", first(cr.rnn(x, h, cr.slice(w, 0, 0, 3), cr.slice(u, 0, 0, 3), cr.slice(a, 0, 0, 3), cr.slice(d, 0, 0, 3), {nonlinearity = "relu", reverse = true})), {23.6946427378906, 17.6860319637391})
case.row("grur", first(cr.gru(x, h, cr.slice(w, 0, 0, 9), cr.slice(u, 0, 0, 9), cr.slice(a, 0, 0, 9), cr.slice(d, 0, 0, 9), {reverse = true})), {13.745112191739, 31.6970169313526})
case.row("grun", first(cr.gru(x, h, cr.slice(w, 0, 0, 9), cr.slice(u, 0, 0, 9), cr.slice(a, 0, 0, 9), cr.slice(d, 0, 0, 9), {lengths = q})), {9.66359639590217, 26.8393129101605})
case.row("cell", cr.gru_cell(cr.select(x, 0, 1), h, cr.slice(w, 0, 0, 9), cr.slice(u, 0, 0, 9), cr.slice(a, 0, 0, 9), cr.slice(d, 0, 0, 9)), {0.281030633313484, 12.8793583127872})
case.row("lcell", select(2, cr.lstm_cell(cr.select(x, 0, 1), {h, c}, w, u, a, d, {peephole = {cr.select(p, 0, 0), cr.select(p, 0, 1), cr.select(p, 0, 2)}})), {2.49331829228157, 6.43216569110414})
case.row("rcell", cr.rnn_cell(cr.select(x, 0, 1), h, cr.slice(w, 0, 0, 3), cr.slice(u, 0, 0, 3), cr.slice(a, 0, 0, 3), cr.slice(d, 0, 0, 3)), {1.21317461111265, 5.1655583592878})

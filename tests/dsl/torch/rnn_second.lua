-- rnn_second.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("rnn_second", {})
local x = case.input("x", "f64", {3, 2, 2}, {-.7006, -1.4578, 1.8250, -.6633, 2.4336, 1.2225, .3508, .8210, 1.1511,
    .3607, 1.0292, .0589})
local h = case.input("h", "f64", {2, 2}, {.9556, .0831, -.4640, -.0576})
local w = case.input("w", "f64", {6, 2}, {.4307, -.3955, -.2866, -1.3044, -.7203, 1.6643, 2.1437, 1.5355, -1.0134,
    1.0297, .5823, 1.8089})
local u = case.input("u", "f64", {6, 2}, {.1296, .6167, .4795, -2.1287, -2.0939, .1755, .8314, -.2937, -.3781, .6827,
    2.1205, .2014})
case.row("gru", (cr.gru(x, h, w, u)), {-6.72110906363922, 5.26234073468533})

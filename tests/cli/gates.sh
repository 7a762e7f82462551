#!/bin/sh
# gates.sh: a training step of a recurrent network needs little more memory than what must be kept: each step's gates, whose
# cotangents take their place, what is carried, and the loss needs no tensor of its own
set -eu
model() { # NAME GATES STEP: gates of one product, H of each
  cat >"$1.lua" <<END
local cr = require "crescent"
local T, B, H = 60, 8, 32
local x, start = cr.input("x", {T, B, H}), cr.zeros{B, H}
local init = {init = cr.init.xavier()}
local wi, wh, b = cr.param("wi", {$2 * H, H}, init), cr.param("wh", {$2 * H, H}, init), cr.param("b", {$2 * H})
$3
return cr.program("$1", {train = cr.train{inputs = {x}, loss = cr.mean(y ^ 2), optimizer = cr.optim.sgd{lr = 0.1}}})
END
}
model lstm 4 'local y = cr.lstm(x, {start, start}, wi, wh, b, b)'
model own 4 '
local function step(c, u) -- by hand, other activations, cut the other way
  local z = cr.matmul(u, cr.transpose(wi)) + cr.matmul(c[1], cr.transpose(wh)) + b
  local i, f, o, n = z:slice(1, 3 * H, 4 * H), z:slice(1, 0, H), z:slice(1, H, 2 * H), z:slice(1, 2 * H, 3 * H)
  local s = cr.sigmoid(f + 1) * c[2] + cr.tanh(i) * cr.softsign(n)
  local h = cr.sigmoid(o) * cr.tanh(s)
  return {h, s}, h
end
local _, y = cr.scan(step, {start, start}, x)'
for name in lstm own; do
  "$CRESCENT" explain $name.lua >$name.txt
  kb=$(sed -n '/^entry train/,/^entry init/s/.*written, \([0-9.]*\) kB of workspace.*/\1/p' $name.txt)
  kept=$((4 * 60 * 8 * 32 * (4 + 2) / 1000)) # gates and two carries
  echo "$name: $kb kB of workspace, $kept kB to be kept"
  awk "BEGIN { exit !($kb < 1.1 * $kept + 4 * 4 * 32 * 32 / 1000) }" || { cat $name.txt; exit 1; } # and a turned matrix
  "$CRESCENT" check $name.lua --quiet
done

-- recurrent.lua: recurrent layers along time; weights and gates as in PyTorch
--
--   local y, h = cr.gru(x, h0, w_ih, w_hh, b_ih, b_hh, {lengths = n})
--
-- x is {T, N, D}, time first ({N, T, D} with batch_first); w_ih {gates H, D}, w_hh {gates H, H},
-- biases {gates H} or nil. Lists of these make a stack of layers, in PyTorch's order: layer 0,
-- layer 0 in reverse, layer 1, ..; first and last states are then {layers directions, N, H}.
---@source PyTorch's torch.nn; Hochreiter and Schmidhuber 1997, Gers et al. 2002, Cho et al. 2014
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local control = require "crescent.control"
local linear = require "crescent.linear"
local activation = require "crescent.activation"
local nn = require "crescent.nn"
local ops = core.ops
local M = {}

-- The k-th of the n parts of x's last axis.
local function gate(x, k, n)
  local size = x.shape[x.rank] // n
  return array.slice(x, -1, (k - 1) * size, k * size)
end

-- The cells: one step from the list of states s and the input u, with the weights in w.
local cells = {}

function cells.rnn(s, u, w)
  local f = w.nonlinearity == "relu" and activation.relu or ops.tanh
  return {f(linear.linear(u, w.ih, w.b_ih) + linear.linear(s[1], w.hh, w.b_hh))}
end

function cells.gru(s, u, w)
  local a, b = linear.linear(u, w.ih, w.b_ih), linear.linear(s[1], w.hh, w.b_hh)
  local r = ops.sigmoid(gate(a, 1, 3) + gate(b, 1, 3))
  local z = ops.sigmoid(gate(a, 2, 3) + gate(b, 2, 3))
  local n = ops.tanh(gate(a, 3, 3) + r * gate(b, 3, 3))
  return {(1 - z) * n + z * s[1]}
end

function cells.lstm(s, u, w)
  local a = linear.linear(u, w.ih, w.b_ih) + linear.linear(s[1], w.hh, w.b_hh)
  local p = w.peephole
  local function look(k, which, cell)
    return p and gate(a, k, 4) + p[which] * cell or gate(a, k, 4)
  end
  local i, f = ops.sigmoid(look(1, 1, s[2])), ops.sigmoid(look(2, 2, s[2]))
  local cell = f * s[2] + i * ops.tanh(gate(a, 3, 4))
  return {ops.sigmoid(look(4, 3, cell)) * ops.tanh(cell), cell}
end

local gates = {rnn = 1, gru = 3, lstm = 4}

-- One layer in one direction; `mask` {T, N, 1} says which steps there are. -> outputs, last states
local function run(what, x, states, w, mask, reverse)
  local last, ys = control.scan(function(s, u)
    local next = cells[what](s, mask and u[1] or u, w)
    if not mask then return next, next[1] end
    local out = ops.where(u[2], next[1], 0)
    for k = 1, #next do next[k] = ops.where(u[2], next[k], s[k]) end
    return next, out
  end, states, mask and {x, mask} or x, {name = what, reverse = reverse})
  return ys, last
end

local function is_list(v) return type(v) == "table" and not core.is_expr(v) end

local function shape_error(what, name, x, want)
  local lx, sx = core.label(x)
  core.fail(("%s: %s, %s, has shape %s, but should have %s"):format(what, name, lx, sx, want), x)
end

local function shape_text(...)
  local out = {}
  for k, v in ipairs{...} do out[k] = tostring(v) end
  return "{" .. table.concat(out, ", ") .. "}"
end

local function checked(what, name, x, ...)
  local want = {...}
  x = check.floats(what, x, name)
  local fine = x.rank == #want
  for d, size in ipairs(want) do fine = fine and check.same(x.shape[d], size) end
  if not fine then shape_error(what, name, x, shape_text(...)) end
  return x
end

-- The peephole weights of layer k of a stack of `total`: of a list {p_i, p_f, p_o} for each, or of
-- that list where there is one layer.
local function peephole_of(what, given, k, total, H)
  if given == nil then return nil end
  local several = is_list(given) and is_list(given[1])
  if not is_list(given) or (several or total > 1) and (not several or #given ~= total) then
    core.fail(total > 1 and ("%s: peephole is a list of %d lists {p_i, p_f, p_o}, one for each layer and "
      .. "direction"):format(what, total) or what .. ": peephole is the list {p_i, p_f, p_o}")
  end
  local p = several and given[k] or given
  if not is_list(p) or #p ~= 3 then core.fail(what .. ": peephole is the list {p_i, p_f, p_o}") end
  for j = 1, 3 do checked(what, "peephole " .. j, p[j], H) end
  return p
end

-- The weights of layer k (counted through layers and directions), checked against its input.
local function layer_weights(what, given, k, features, opts)
  local function pick(v) if is_list(v) then return v[k] end return v end
  local hh = check.ranked(what, check.floats(what, pick(given.hh), "w_hh"), "w_hh", 2,
    "{gates H, H}")
  local H = hh.shape[2]
  local w = {hh = checked(what, "w_hh", hh, gates[what] * H, H),
    ih = checked(what, "w_ih", pick(given.ih), gates[what] * H, features),
    peephole = peephole_of(what, opts.peephole, k, is_list(given.ih) and #given.ih or 1, H),
    nonlinearity = opts.nonlinearity, size = H}
  for _, name in ipairs{"b_ih", "b_hh"} do
    local b = pick(given[name])
    w[name] = b ~= nil and checked(what, name, b, gates[what] * H) or nil
  end
  return w
end

-- Which steps each sequence has, {T, N, 1}.
local function mask_of(what, x, lengths)
  if lengths == nil then return nil end
  lengths = check.ranked(what, check.integers(what, lengths, "lengths"), "lengths", 1, "{N}")
  if not check.same(lengths.shape[1], x.shape[2]) then
    shape_error(what, "lengths", lengths, shape_text(x.shape[2]))
  end
  local t, n, one = core.fresh(3)
  return core.tensor({t, n, one}, ops.lt(t, lengths(n)), {x.shape[1], x.shape[2], 1})
end

-- The first state of layer k: the caller's, or zeros.
local function first_state(what, given, k, stacked, x, H)
  if given == nil then return core.full({x.shape[2], H}, 0, x.dtype) end
  local n, name = x.shape[2], "the first state"
  if not stacked then return checked(what, name, given, n, H) end
  given = check.ranked(what, given, name, 3, "{layers directions, N, H}")
  local i, j = core.fresh(2)
  local s = core.tensor({i, j}, given(k - 1, i, j), {given.shape[2], given.shape[3]})
  return checked(what, name, s, n, H)
end

-- Weights and biases are tensors or lists of one for each layer and direction, no tables of
-- options.
local function check_lists(what, given, total)
  for _, name in ipairs{"ih", "hh", "b_ih", "b_hh"} do
    local v, said = given[name], #name == 2 and "w_" .. name or name
    if is_list(v) then
      local key = next(v)
      if key ~= nil and math.type(key) ~= "integer" then
        core.fail(("%s: %s is a tensor or a list of tensors; options stand last, after b_hh"):format(what,
          said))
      end
      if #v > 0 and #v ~= total then
        core.fail(("%s: %s has %d elements, but w_ih has %d"):format(what, said, #v, total))
      end
    end
  end
end

-- All layers. `first` are the first states ({h} or {h, c}), each of which may be nil.
local function layers(what, count, x, first, given, opts)
  x = check.ranked(what, check.floats(what, x, "x"), "x", 3, "{T, N, D}")
  if opts.batch_first then x = array.transpose(x, 0, 1) end
  local mask = mask_of(what, x, opts.lengths)
  local directions = opts.bidirectional and 2 or 1
  local stacked = is_list(given.ih)
  for k = 1, count do
    local s = first[k]
    if s ~= nil and check.tensor(what, s, "the first state").rank == 3 then stacked = true end
  end
  local total = is_list(given.ih) and #given.ih or 1
  check_lists(what, given, total)
  if total == 0 or total % directions ~= 0 or is_list(given.hh) ~= is_list(given.ih)
    or is_list(given.hh) and #given.hh ~= total then
    core.fail(what .. ": w_ih and w_hh are lists of one weight for each layer"
      .. (directions == 2 and " and direction" or ""))
  end
  local lasts = {}
  for k = 1, count do lasts[k] = {} end
  for at = 1, total, directions do
    local ys = {}
    if at > 1 and opts.dropout > 0 then x = nn.dropout(x, opts.dropout) end
    for d = 1, directions do
      local k = at + d - 1
      local w = layer_weights(what, given, k, x.shape[3], opts)
      local states = {}
      for j = 1, count do states[j] = first_state(what, first[j], k, stacked, x, w.size) end
      local last
      ys[d], last = run(what, x, states, w, mask, (d == 2) ~= opts.reverse)
      for j = 1, count do lasts[j][k] = last[j] end
    end
    x = #ys == 2 and array.cat(ys, 2) or ys[1]
  end
  for j = 1, count do lasts[j] = stacked and array.stack(lasts[j], 0) or lasts[j][1] end
  if opts.batch_first then x = array.transpose(x, 0, 1) end
  return x, lasts
end

local function options(what, opts, more)
  local known = {lengths = check.NONE, bidirectional = false, batch_first = false, reverse = false,
    dropout = check.a("number", 0)}
  for key, value in pairs(more) do known[key] = value end
  return check.options(what, opts, known)
end

---rnn(x {T, N, D}, h, w_ih, w_hh, b_ih, b_hh, {lengths, bidirectional, batch_first, reverse, dropout,
---nonlinearity = "tanh"}) -> outputs {T, N, H}, last h: h' = tanh(W x + b + U h + c). lengths {N}:
---past them outputs are 0 and the state stays. Lists of weights make a stack (see recurrent.lua);
---dropout is between its layers
---@example cr.rnn(cr.const{{{0.5, 1.0}}, {{-1.0, 0.3}}}, cr.zeros{1, 2}, cr.sin(cr.arange(4.0):reshape{2, 2}), cr.sin(cr.arange(4.0):reshape{2, 2}))
function M.rnn(x, h, w_ih, w_hh, b_ih, b_hh, opts)
  opts = options("rnn", opts, {nonlinearity = "tanh"})
  check.choice("rnn", "nonlinearity", opts.nonlinearity, {tanh = true, relu = true})
  local ys, last = layers("rnn", 1, x, {h}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, opts)
  return ys, last[1]
end

---gru(x {T, N, D}, h, w_ih, w_hh, b_ih, b_hh, {lengths, bidirectional, batch_first, reverse,
---dropout}) -> outputs, last h; gates r, z, n (Cho et al. 2014); options as of rnn
---@example cr.gru(cr.const{{{0.5, 1.0}}, {{-1.0, 0.3}}}, cr.zeros{1, 2}, cr.sin(cr.arange(12.0):reshape{6, 2}), cr.sin(cr.arange(12.0):reshape{6, 2}))
function M.gru(x, h, w_ih, w_hh, b_ih, b_hh, opts)
  opts = options("gru", opts, {})
  local ys, last = layers("gru", 1, x, {h}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, opts)
  return ys, last[1]
end

---lstm(x {T, N, D}, {h, c}, w_ih, w_hh, b_ih, b_hh, {peephole = {p_i, p_f, p_o}, lengths,
---bidirectional, batch_first, reverse, dropout}) -> outputs, {last h, last c}; gates i, f, g, o
---(Hochreiter and Schmidhuber 1997; diagonal peepholes of Gers et al. 2002, of a stack a list of such
---lists); options as of rnn
---@example cr.lstm(cr.const{{{0.5, 1.0}}, {{-1.0, 0.3}}}, {cr.zeros{1, 2}, cr.zeros{1, 2}}, cr.sin(cr.arange(16.0):reshape{8, 2}), cr.sin(cr.arange(16.0):reshape{8, 2}))
function M.lstm(x, hc, w_ih, w_hh, b_ih, b_hh, opts)
  opts = options("lstm", opts, {peephole = check.NONE})
  if hc ~= nil and not is_list(hc) then core.fail "lstm: the first states are a list {h, c}" end
  return layers("lstm", 2, x, hc or {}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, opts)
end

-- One step of a cell on x {N, D}.
local function cell(what, count, x, first, given, opts)
  x = check.ranked(what .. "_cell", check.floats(what .. "_cell", x, "x"), "x", 2, "{N, D}")
  local w = layer_weights(what, given, 1, x.shape[2], opts)
  local states = {}
  for k = 1, count do
    states[k] = first[k] ~= nil and checked(what .. "_cell", "the state", first[k], x.shape[1],
      w.size) or core.full({x.shape[1], w.size}, 0, x.dtype)
  end
  return cells[what](states, x, w)
end

---rnn_cell(x {N, D}, h, w_ih, w_hh, b_ih, b_hh) -> h': one step of rnn
---@example cr.rnn_cell(cr.const{{0.5, 1.0}}, cr.zeros{1, 2}, cr.sin(cr.arange(4.0):reshape{2, 2}), cr.sin(cr.arange(4.0):reshape{2, 2}))
function M.rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh)
  return cell("rnn", 1, x, {h}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, {})[1]
end

---gru_cell(x {N, D}, h, w_ih, w_hh, b_ih, b_hh) -> h': one step of gru
---@example cr.gru_cell(cr.const{{0.5, 1.0}}, cr.zeros{1, 2}, cr.sin(cr.arange(12.0):reshape{6, 2}), cr.sin(cr.arange(12.0):reshape{6, 2}))
function M.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)
  return cell("gru", 1, x, {h}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, {})[1]
end

---lstm_cell(x {N, D}, {h, c}, w_ih, w_hh, b_ih, b_hh, {peephole}) -> h', c': one step of lstm
---@example cr.lstm_cell(cr.const{{0.5, 1.0}}, {cr.zeros{1, 2}, cr.zeros{1, 2}}, cr.sin(cr.arange(16.0):reshape{8, 2}), cr.sin(cr.arange(16.0):reshape{8, 2}))
function M.lstm_cell(x, hc, w_ih, w_hh, b_ih, b_hh, opts)
  opts = check.options("lstm_cell", opts, {peephole = check.NONE})
  local s = cell("lstm", 2, x, hc or {}, {ih = w_ih, hh = w_hh, b_ih = b_ih, b_hh = b_hh}, opts)
  return s[1], s[2]
end

return M

---@meta _
-- Written by `crescent ops --types` from the comments in dsl/recurrent.lua: change those.

---@class cr
local cr = {}

---h' = tanh(W x + b + U h + c). lengths {N}: past them outputs are 0 and the state stays. Lists of weights make a stack (see recurrent.lua); dropout is between its layers
---@param x cr.Value {T, N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value, nonlinearity?: string}
---@return cr.Tensor outputs
---@return cr.Tensor last
function cr.rnn(x, h, w_ih, w_hh, b_ih, b_hh, opts) end
---gru(x {T, N, D}, h, w_ih, w_hh, b_ih, b_hh, {lengths, bidirectional, batch_first, reverse, dropout}) -> outputs, last h; gates r, z, n (Cho et al. 2014); options as of rnn
---@param x cr.Value {T, N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value}
---@return cr.Tensor outputs
---@return cr.Tensor last
---@return cr.Tensor z
---@return cr.Tensor n
function cr.gru(x, h, w_ih, w_hh, b_ih, b_hh, opts) end
---lstm(x {T, N, D}, {h, c}, w_ih, w_hh, b_ih, b_hh, {peephole = {p_i, p_f, p_o}, lengths, bidirectional, batch_first, reverse, dropout}) -> outputs, {last h, last c}; gates i, f, g, o (Hochreiter and Schmidhuber 1997; diagonal peepholes of Gers et al. 2002, of a stack a list of such lists); options as of rnn
---@param x cr.Value {T, N, D}
---@param hs cr.Value[]
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {peephole?: cr.Value, lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value}
---@return cr.Tensor outputs
function cr.lstm(x, hs, w_ih, w_hh, b_ih, b_hh, opts) end
---one step of rnn
---@param x cr.Value {N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@return cr.Tensor h
function cr.rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh) end
---one step of gru
---@param x cr.Value {N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@return cr.Tensor h
function cr.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh) end
---one step of lstm
---@param x cr.Value {N, D}
---@param hs cr.Value[]
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {peephole?: cr.Value}
---@return cr.Tensor h
---@return cr.Tensor c
function cr.lstm_cell(x, hs, w_ih, w_hh, b_ih, b_hh, opts) end

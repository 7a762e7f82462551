-- torch.lua: functions of the library against what PyTorch gives: values, gradients, second derivatives
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
cr.default_dtype "f64"

for _, group in ipairs{"activations", "pairs", "softmax", "norms", "conv2d", "conv13", "conv_transpose", "pool",
    "resize", "grid_sample", "grid3", "rearrange", "losses", "classes", "rnn", "rnn_second", "attention", "heads",
    "arrays", "reduce", "batch0", "batch1", "run_time", "more", "optimizers", "rest", "recurrent"} do
  require("torch." .. group)
end

-- names.lua: what functions of PyTorch, NumPy and JAX are called here, for messages
--
--   cr.mse_loss does not exist: it is here cr.mean(cr.mse(x, y))
local names = {
  mse_loss = "cr.mean(cr.mse(x, y))", l1_loss = "cr.mean(cr.l1(x, y))",
  smooth_l1_loss = "cr.mean(cr.smooth_l1(x, y))", huber_loss = "cr.mean(cr.huber(x, y))",
  binary_cross_entropy = "cr.mean(cr.bce(p, y))", bce_loss = "cr.mean(cr.bce(p, y))",
  binary_cross_entropy_with_logits = "cr.mean(cr.bce_with_logits(x, y))",
  nll_loss = "cr.mean(cr.nll(log_p, y))", cross_entropy_loss = "cr.mean(cr.cross_entropy(logits, y))",
  kl_div_loss = "cr.mean(cr.kl_div(log_q, p))", hinge_loss = "cr.mean(cr.hinge(x, y))",
  hinge_embedding_loss = "cr.mean(cr.hinge_embedding(x, y))",
  cosine_embedding_loss = "cr.mean(cr.cosine_embedding(a, b, y))",
  margin_ranking_loss = "cr.mean(cr.margin_ranking(a, b, y))",
  triplet_margin_loss = "cr.mean(cr.triplet_margin(a, p, n))",
  gaussian_nll_loss = "cr.mean(cr.gaussian_nll(x, y, v))",
  poisson_nll_loss = "cr.mean(cr.poisson_nll(x, y))", soft_margin_loss = "cr.mean(cr.soft_margin(x, y))",
  concat = "cr.cat(list, axis)", concatenate = "cr.cat(list, axis)", hstack = "cr.cat(list, 1)",
  vstack = "cr.cat(list, 0)", moveaxis = "cr.movedim(x, from, to)", broadcast_to = "cr.expand(x, shape)",
  ravel = "cr.flatten(x)", remainder = "x % y", multiply = "x * y", divide = "x / y",
  true_divide = "x / y", subtract = "x - y", add = "x + y", negative = "-x", absolute = "cr.abs(x)",
  power = "x ^ y", floor_divide = "x // y", arcsin = "cr.asin(x)", arccos = "cr.acos(x)",
  arctan = "cr.atan(x)", arctan2 = "cr.atan2(y, x)", arcsinh = "cr.asinh(x)", arccosh = "cr.acosh(x)",
  arctanh = "cr.atanh(x)", gammaln = "cr.lgamma(x)", expit = "cr.sigmoid(x)", fliplr = "cr.flip(x, 1)",
  flipud = "cr.flip(x, 0)", inner = "cr.einsum(\"...k,...k->...\", a, b)",
  addmm = "c + cr.matmul(a, b)", vmap = "cr.map(f, x)", fori_loop = "cr.iterate(k, f, x)",
  detach = "cr.stop_gradient(x)", stop_grad = "cr.stop_gradient(x)", jacfwd = "cr.jacobian(y, x)",
  jacrev = "cr.jacobian(y, x)", checkpoint = "cr.scan(f, carry, xs, {checkpoint = true})",
  remat = "cr.scan(f, carry, xs, {checkpoint = true})", randn = "cr.random.normal(shape)",
  rand = "cr.random.uniform(shape)", bernoulli = "cr.random.bernoulli(shape, p)",
  ["linalg.norm"] = "cr.norm(x)", ["linalg.matrix_exp"] = "cr.linalg.expm(A)",
  ["linalg.trace"] = "cr.trace(A)", ["optim.Adam"] = "cr.optim.adam", ["optim.SGD"] = "cr.optim.sgd",
}

---": it is here cr.mean(cr.mse(x, y))", or nothing, for a name under `prefix`.
return function(prefix, name)
  local known = type(name) == "string" and names[prefix:sub(#"cr." + 1) .. name]
  return known and (": it is here %s"):format(known) or nil
end

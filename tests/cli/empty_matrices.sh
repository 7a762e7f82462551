# tests/cli/empty_matrices.sh: matrices {0, 0}, {1, 1} and batches of none, at run-time sizes and at fixed ones
# timeout: 600
cd "$TMP"
cat >matrices.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local L, T = cr.linalg, cr.transpose
local fixed = cr.option("n", -1)
local B, N = cr.dim "B", fixed >= 0 and fixed or cr.dim "N"
local A, C, R = cr.input("A", {B, N, N}), cr.input("C", {B, N + 1, N}), cr.input("R", {B, N, 2})
local b, i, j, k = cr.index "b i j k"
local S = cr.matmul(A, T(A)) + cr.eye(N)
local diagonal = cr.sum(A, -1)
local function of(op, X) return cr.tensor({b, i, k}, cr.sum(j, op(b, i, j) * X(b, j, k)), {B, N, 2}) end
local Q, U = L.qr(C)
local u, s, v = L.svd(C)
local w, V = L.eigh(S)
local P, Lo, Up = L.lu(A)
local sign, logabs = L.slogdet(S)
local y = {
  solve = L.solve(S, R), inv = L.inv(S), lower = L.solve_triangular(S, R), chol = L.cholesky(S),
  positive = L.solve_positive(S, R), kept = L.cholesky_solve(R, L.cholesky(S)), qr = cr.matmul(Q, U), svd = cr.matmul(u * cr.unsqueeze(s, -2), v),
  values = L.svdvals(C), eigh = cr.matmul(V * cr.unsqueeze(w, -2), T(V)), eigvalsh = L.eigvalsh(S), lu = cr.matmul(P, cr.matmul(Lo, Up)),
  det = L.det(S), logdet = L.logdet(S), slogdet = sign * logabs, lstsq = L.lstsq(C, C), pinv = L.pinv(C), expm = L.expm(A), sqrtm = L.sqrtm(S),
  logm = L.logm(S), polar = L.polar(C), shrink = L.shrink(C, 0.5), nuclear = L.nuclear_norm(C), power = L.matrix_power(A, 3),
  tridiagonal = L.solve_tridiagonal(diagonal * 0, diagonal * 0 + 2, diagonal * 0, R),
  banded = L.solve_banded({1, 0}, cr.cat({cr.unsqueeze(diagonal * 0 + 2, 1), cr.unsqueeze(diagonal * 0, 1)}, 1), R),
  cg = L.cg(function(x) return of(S, x) end, R, {batch = 1}), bicgstab = L.bicgstab(function(x) return of(S, x) end, R, {batch = 1}),
}
local out = {}
for name, x in pairs(y) do out[name] = x * 1 end
local g = cr.grad(cr.sum(y.solve ^ 2) + cr.sum(y.chol) + cr.sum(s) + cr.sum(y.qr * C) + cr.sum(w) + cr.sum(y.cg), {A, C, R})
out.rank, out.gA, out.gC, out.gR = cr.cast(L.matrix_rank(C), "f64"), g[1] * 1, g[2] * 1, g[3] * 1
return cr.program("matrices", { f = cr.entry{ inputs = {A, C, R}, outputs = out } })
EOF
npy() { # NAME BATCH ROWS COLUMNS VALUE: all the same
  head="{'descr': '<f4', 'fortran_order': False, 'shape': ($2, $3, $4), }"
  printf '\223NUMPY\001\000\166\000%-117s\n' "$head" >"$1.npy"
  k=$(($2 * $3 * $4))
  while test $k -gt 0; do printf '\000\000\200\077' >>"$1.npy"; k=$((k - 1)); done # 1.0
}
run() { # PROGRAM BATCH N THREADS
  npy A "$2" "$3" "$3"
  npy C "$2" $(($3 + 1)) "$3"
  npy R "$2" "$3" 2
  "./$1" run f --in A=A.npy --in C=C.npy --in R=R.npy --threads "$4" --json --quiet >"$1_$2_$3_$4"
}
has() { grep -q "\"$2\": *$3" "$1" || { echo "$1: no $2 of $3:" >&2; cat "$1" >&2; exit 1; }; }
"$CRESCENT" build -O1 matrices.lua -o matrices
for threads in 1 2; do run matrices 2 0 $threads; run matrices 0 0 $threads; run matrices 0 2 $threads; run matrices 2 1 $threads; done
for size in 2_0 0_0 0_2 2_1; do cmp matrices_${size}_1 matrices_${size}_2; done
has matrices_2_0_1 det '\[1, *1\]'
has matrices_2_0_1 logdet '\[0, *0\]'
has matrices_2_0_1 solve '\[\[\], *\[\]\]'
has matrices_2_0_1 rank '\[0, *0\]'
has matrices_0_2_1 det '\[\]'
has matrices_2_1_1 det '\[2, *2\]'
has matrices_2_1_1 tridiagonal '\[\[\[0.5, *0.5\]\]'
has matrices_2_1_1 cg '\[\[\[0.5, *0.5\]\]'
! grep -q 'NaN\|Infinity' matrices_2_1_1 || exit 1
"$CRESCENT" build -O1 matrices.lua -D n=0 -o fixed
run fixed 2 0 1
cmp fixed_2_0_1 matrices_2_0_1
run fixed 0 0 1

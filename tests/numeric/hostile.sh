#!/bin/sh
# hostile.sh: linear algebra on matrices that are singular, tied, zero, huge, tiny or not finite: an answer
# or a status, in f64 and f32; never a NaN that nothing announced, never a hang
# timeout: 600
fail() { echo "hostile.sh: $*" >&2; exit 1; }
run() { timeout 20 ./hostile run "$1" --in A=A.csv --in b=b.csv --json --quiet --threads 1 >out.txt 2>&1; }
# good ENTRY..: all numbers are finite;  status TEXT ENTRY..: it fails with a text
good() {
  for entry; do
    run "$entry" || { cat out.txt >&2; fail "$dtype $matrix: $entry fails"; }
    ! grep -q 'NaN\|Infinity' out.txt || { cat out.txt >&2; fail "$dtype $matrix: $entry is not finite"; }
  done
}
status() {
  text=$1
  shift
  for entry; do
    run "$entry" && { cat out.txt >&2; fail "$dtype $matrix: $entry succeeds"; }
    grep -q "$text" out.txt || { cat out.txt >&2; fail "$dtype $matrix: $entry: no '$text'"; }
  done
}
matrix() { matrix=$1; printf -- "$2" >A.csv; }
printf '1\n2\n3\n' >b.csv
for dtype in f64 f32; do
  "$CRESCENT" build -O1 "$SRC/tests/numeric/hostile.lua" -D dtype=$dtype -o hostile || fail "build"
  for odd in nan inf; do
    matrix $odd "2,1,0\n$odd,3,1\n0,1,4\n"
    status "NaN or infinity" solve inv expm qr svd eigh svdvals spectral pinv lstsq turned det tridiagonal banded cg bicgstab
    status "not positive definite" cholesky
  done
  matrix zero '0,0,0\n0,0,0\n0,0,0\n'
  status "is singular" solve inv tridiagonal banded
  status "not positive definite" cholesky cg
  status "depend on each other" lstsq
  good expm lu det qr svd eigh svdvals spectral pinv
  matrix tied '1,1,1\n1,1,1\n1,1,1\n'
  status "is singular" solve inv
  good expm lu det qr svd eigh svdvals spectral pinv
  good sqrtm # of a zero that rounding makes negative
  matrix pair '1,1,0\n1,1,0\n0,0,1\n'
  status "is singular" solve inv tridiagonal banded
  matrix counting '1,2,3\n4,5,6\n7,8,9\n'
  status "is singular" solve inv
  status "not positive definite" cholesky cg
  good expm lu det qr svd eigh svdvals spectral pinv
  matrix identity '1,0,0\n0,1,0\n0,0,1\n'
  good solve inv cholesky expm lu det qr svd eigh svdvals spectral pinv lstsq cg bicgstab logdet turned tridiagonal banded linear
  status "A(0) is not 0" affine affine_from
  matrix indefinite '1,0,0\n0,-2,0\n0,0,3\n'
  run sqrtm && grep -q NaN out.txt || fail "$dtype: sqrtm of an indefinite matrix"
  status "not positive definite" cholesky cg
  good solve inv expm lu det qr svd eigh svdvals spectral pinv lstsq bicgstab tridiagonal banded
  matrix balanced '-13,0,0\n0,1,0\n0,0,1\n' # b'A b is 0
  good bicgstab
  matrix graded '1,0,0\n0,1e-12,0\n0,0,1e12\n'
  good solve inv cholesky lu det qr svd eigh svdvals logdet tridiagonal banded
  matrix huge '2e18,1e18,0\n1e18,3e18,1e18\n0,1e18,4e18\n'
  good solve inv cholesky lu qr svd eigh svdvals pinv lstsq logdet turned tridiagonal banded
  matrix tiny '2e-16,1e-16,0\n1e-16,3e-16,1e-16\n0,1e-16,4e-16\n'
  good inv cholesky expm lu qr svd eigh svdvals spectral pinv lstsq logdet turned
done
# one element, and a loss that depends on how tied vectors are turned
"$CRESCENT" build -O1 "$SRC/tests/numeric/hostile.lua" -D n=1 -o hostile || fail "one element"
printf '2\n' >b.csv
matrix one '4\n'
good solve inv cholesky expm lu det qr svd eigh svdvals spectral pinv lstsq cg bicgstab logdet turned tridiagonal banded
matrix zero '0\n'
status "is singular" solve inv tridiagonal banded
good expm lu det qr svd eigh svdvals spectral pinv

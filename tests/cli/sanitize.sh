# label: slow
# timeout: 1500
# the unit tests under the address and undefined-behaviour sanitizers, some in part; and no memory is lost by the
# runtime, by a compilation that succeeds, and by a program that trains
export ASAN_OPTIONS=detect_leaks=0
cmake -S "$SRC" -B build -G Ninja -DCRESCENT_SANITIZE=ON -DCMAKE_BUILD_TYPE=Quick -DCMAKE_C_FLAGS_QUICK="-O1 -g1" >cmake.log
ninja -C build -j2 >build.log || { tail -n 30 build.log; exit 1; }
tests=$PWD/build/tests
look() { # look NAME COMMAND...
  "$@" >look.log 2>&1 || { tail -n 80 look.log; exit 1; }
}
runtime='^unit/test_(io_|ahead|checkpoint|part|plan)'
look ctest --test-dir build -R '^unit/' -E "diff_random|affine|dsl|many|$runtime" -L quick -j2 --timeout 600 --output-on-failure
look "$tests/test_diff_random" 60
look "$tests/test_affine" 2000
look "$tests/test_many" 11
look "$tests/test_many_wide" 5
# shellcheck disable=SC2046
(cd "$SRC" && "$tests/test_dsl" $(ls tests/dsl/*.lua | grep -vE '/(mean_field|spectral).lua')) >look.log 2>&1 || { tail -n 80 look.log; exit 1; }

ASAN_OPTIONS=detect_leaks=1
if ! build/crescent --version >/dev/null 2>&1; then echo "no leak check here"; ASAN_OPTIONS=detect_leaks=0; fi
look ctest --test-dir build -R "$runtime" -j2 --timeout 600 --output-on-failure
for model in tests/cli/fit examples/denoise/model examples/char_rnn/model; do look build/crescent explain "$SRC/$model.lua"; done
look "$CRESCENT" build -O1 --sanitize "$SRC/tests/cli/fit.lua" -o fit
look ./fit run draw --dim N=90 --out X=X.npy --out y=y.csv --quiet
look ./fit train --data X=X.npy --data y=y.csv --batch 20 --split 70,30 --epochs 3 --save w.safetensors --log l.csv --plot p.svg --quiet
look ./fit train --resume w.safetensors --epochs 4 --quiet
cat >none.lua <<'LUA'
local cr = require "crescent"
local x = cr.input("x", {3, cr.dim "N"})
return cr.program("none", { f = cr.entry{ inputs = {x}, outputs = { y = cr.softmax(x), g = cr.grad(cr.sum(cr.sin(x)), x) } } })
LUA
look "$CRESCENT" build -O0 --sanitize none.lua -o none
look ./none bench f --dim N=0 --repeat 1 --quiet # rows of no length

# label: slow
# timeout: 1500
# the unit tests under the address and undefined-behaviour sanitizers; of random graphs fewer
export ASAN_OPTIONS=detect_leaks=0
cmake -S "$SRC" -B build -G Ninja -DCRESCENT_SANITIZE=ON -DCMAKE_BUILD_TYPE=Quick -DCMAKE_C_FLAGS_QUICK="-O1 -g1" >cmake.log
ninja -C build -j2 >build.log || { tail -n 30 build.log; exit 1; }
ctest --test-dir build -R '^unit/' -E diff_random -L quick -j2 --timeout 600 --output-on-failure >test.log ||
  { tail -n 80 test.log; exit 1; }
build/tests/test_diff_random 60 >random.log 2>&1 || { tail -n 80 random.log; exit 1; }

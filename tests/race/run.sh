#!/bin/sh
# tests/race/run.sh: the thread sanitizer, told of OpenMP's barriers by libarcher, finds no race in emitted C,
# and finds those that are put into it
# label: slow
set -eu
version=${RACE_CC:-clang-19}
archer=/usr/lib/llvm-${version#clang-}/lib/libarcher.so
command -v "$version" >/dev/null && [ -f "$archer" ] || { echo "no $version with libarcher: skipped"; exit 0; }
export OMP_TOOL_LIBRARIES="$archer"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 history_size=7 exitcode=66"
"$CRESCENT" emit "$SRC/tests/race/races.lua" -o c
flags="-g -O1 -std=c11 -ffp-contract=off -fno-math-errno -fopenmp -fsanitize=thread -Ic"
# shellcheck disable=SC2086
$version $flags c/races*.c "$SRC/tests/race/driver.c" -lm -o clean
./clean >clean.log 2>&1 || { head -60 clean.log; exit 1; }
for file in c/races*.c; do
  { echo 'static int rt_racy[256];'; awk -f "$SRC/tests/race/seed.awk" "$file" 2>>count; } >"seeded_${file#c/}"
done
# shellcheck disable=SC2086
$version $flags seeded_*.c "$SRC/tests/race/driver.c" -lm -o seeded
found=0
for run in 1 2 3 4 5; do # which of them it sees varies with how the threads meet
  status=0
  ./seeded >seeded.log 2>&1 || status=$?
  [ $status = 66 ]
  found=$(grep -o 'of size 4 at 0x[0-9a-f]*' seeded.log | sort -u | wc -l) # each has an element of its own
  echo "run $run: $found races found, $(cat count)"
  [ "$found" -lt 20 ] || break
done
[ "$found" -ge 20 ]

#!/bin/sh
# tests/fuzz/run.sh: half a minute of libFuzzer: the file readers; graphs, scripts, calls and command lines
# label: slow
# timeout: 900
# FUZZ_SECONDS makes it longer (scripts/libfuzzer), FUZZ_SEED=0 different each time; FUZZ_FOLDER keeps what was found
set -eu
clang=${FUZZ_CC:-clang-19}
flags="-std=gnu17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"
seconds=${FUZZ_SECONDS:-30}
keep=${FUZZ_FOLDER:-$TMP}
printf 'int LLVMFuzzerTestOneInput(const char *p, long n);
int LLVMFuzzerTestOneInput(const char *p, long n) { return n < 0 && *p; }\n' >"$TMP/try.c"
# shellcheck disable=SC2086
$clang $flags "$TMP/try.c" -o "$TMP/try" 2>"$TMP/try.log" || { echo "no $clang with libFuzzer: skipped"; exit 0; }
mkdir -p "$keep/corpus" "$keep/text" "$TMP/seeds" "$TMP/texts"
# shellcheck disable=SC2086
$clang $flags -DRT_HAVE_PNG -DRT_HAVE_ZLIB -I"$SRC/runtime" "$SRC/tests/fuzz/fuzz_io.c" \
  "$SRC"/runtime/rt_array*.c "$SRC"/runtime/rt_io*.c "$SRC/runtime/rt_file.c" "$SRC/runtime/rt_out.c" \
  "$SRC/runtime/rt_room.c" "$SRC/runtime/rt_json.c" -lpng -lz -lm -o "$TMP/fuzz_io"
# the compiler as it was built: instrumented by scripts/libfuzzer, plain in the tests
core=$(dirname "$CRESCENT")/libcrescent_core.a
lua=$(sed -n 's/^LUA_LIBRARY:FILEPATH=//p' "$(dirname "$CRESCENT")/CMakeCache.txt")
include=$(sed -n 's/^LUA_INCLUDE:PATH=//p' "$(dirname "$CRESCENT")/CMakeCache.txt")
# shellcheck disable=SC2086
$clang ${FUZZ_TEXT_FLAGS:--std=gnu17 -g -O1 -fsanitize=fuzzer} -Wall -Wextra -I"$SRC" -I"$SRC/compiler" -I"$SRC/dsl" -I"$SRC/runtime" -I"$include" \
  "$SRC/tests/fuzz/fuzz_text.c" "$SRC/runtime/rt_options.c" "$SRC"/runtime/rt_array.c "$SRC/runtime/rt_room.c" "$core" "$lua" -lm -ldl -o "$TMP/fuzz_text"
cd "$TMP"
n=0
for file in "$SRC"/tests/passes/*.ir; do
  n=$((n + 1)); { printf '\000'; awk '/^---/ { exit } !/^#/' "$file"; } >"texts/$n"
done
for file in "$SRC"/tests/golden/*.lua "$SRC"/tests/error/c*.lua; do n=$((n + 1)); { printf '\001'; cat "$file"; } >"texts/$n"; done
for seed in 1 2 3 4 5 6 7 8; do
  n=$((n + 1)); { printf '\002'; awk -v s=$seed 'BEGIN { srand(s); for (i = 0; i < 60; i++) printf "%c", 33 + int(rand() * 90) }'; } >"texts/$n"
done
printf '\003train\n--data\nX=x.npy\n--epochs=5\n--batch\n64\n--save\nw.safetensors\n--quiet' >texts/command
printf '\003run\npredict\n--in\nX=1\n--out=p=p.npy\n--dim\nN=3\n--threads\n2\n--json' >texts/command2
FUZZ_SEEDS="$TMP/seeds" ./fuzz_io -runs=1 >seeds.log 2>&1
fuzz() { # fuzz PROGRAM SECONDS CORPUS SEEDS OPTIONS...
  program=$1 time=$2; shift 2
  timeout $((time + 120)) "./$program" -seed="${FUZZ_SEED:-1}" -max_total_time="$time" -artifact_prefix="$keep/" "$@" >"$program.log" 2>&1 || { tail -40 "$program.log"; exit 1; }
  tail -3 "$program.log"
}
fuzz fuzz_io $((seconds / 2)) -max_len=4096 -timeout=5 -rss_limit_mb=1024 -malloc_limit_mb=256 "$keep/corpus" seeds
FUZZ_CALLS=$SRC/tests/fuzz/calls.lua
export FUZZ_CALLS
fuzz fuzz_text $((seconds / 2)) -max_len=2048 -timeout=30 -rss_limit_mb=2048 -detect_leaks=0 "$keep/text" texts

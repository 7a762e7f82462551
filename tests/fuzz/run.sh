#!/bin/sh
# tests/fuzz/run.sh: half a minute of libFuzzer on the file readers; FUZZ_SECONDS makes it longer
# label: slow
# timeout: 900
set -eu
clang=${FUZZ_CC:-clang-19}
flags="-std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"
printf 'int LLVMFuzzerTestOneInput(const char *p, long n);
int LLVMFuzzerTestOneInput(const char *p, long n) { return n < 0 && *p; }\n' >"$TMP/try.c"
# shellcheck disable=SC2086
$clang $flags "$TMP/try.c" -o "$TMP/try" 2>"$TMP/try.log" || { echo "no $clang with libFuzzer: skipped"; exit 0; }
mkdir -p "$TMP/corpus" "$TMP/seeds"
# shellcheck disable=SC2086
$clang $flags -DRT_HAVE_PNG -DRT_HAVE_ZLIB -I"$SRC/runtime" "$SRC/tests/fuzz/fuzz_io.c" \
  "$SRC"/runtime/rt_array*.c "$SRC"/runtime/rt_io*.c "$SRC/runtime/rt_file.c" "$SRC/runtime/rt_out.c" \
  "$SRC/runtime/rt_json.c" -lpng -lz -lm -o "$TMP/fuzz_io"
cd "$TMP"
FUZZ_SEEDS="$TMP/seeds" ./fuzz_io -runs=1 >seeds.log 2>&1
./fuzz_io -max_total_time="${FUZZ_SECONDS:-30}" -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
  -malloc_limit_mb=256 corpus seeds >fuzz.log 2>&1 || { tail -40 fuzz.log; exit 1; }
tail -3 fuzz.log

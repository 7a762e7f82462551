#!/bin/sh
# mirror.sh: symmetric products, whole blocks of them and not, against the interpreter
# timeout: 300
for n in 31 32 48 63 64 65 256 263 272; do
  "$CRESCENT" check "$SRC/tests/numeric/mirror.lua" -D n=$n >out.txt 2>&1 ||
    { cat out.txt >&2; echo "mirror.sh: $n rows" >&2; exit 1; }
done

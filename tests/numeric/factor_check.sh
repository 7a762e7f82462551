#!/bin/sh
# factor_check.sh: every derivative of factor_check.lua against differences, and the compiled code
# against the interpreter, with the same bits at one thread and three
# timeout: 600
"$CRESCENT" check "$SRC/tests/numeric/factor_check.lua" >out.txt || { cat out.txt >&2; exit 1; }
grep -q "23 derivatives agree" out.txt || { cat out.txt >&2; exit 1; }

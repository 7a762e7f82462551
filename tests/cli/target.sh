# label: slow
# timeout: 300
# tiles for any processor give the same bits; what is emitted does not depend on this machine; other machines
cat >net.lua <<'END'
local cr = require "crescent"
local N = cr.dim "N"
local x, y = cr.input("x", { N, 37 }), cr.input("y", { N, 19 })
local im = cr.input("im", { N, 3, 13, 17 })
local w, v = cr.param("w", { 37, 50 }, { init = cr.init.xavier() }), cr.param("v", { 50, 19 }, { init = cr.init.xavier() })
local k = cr.param("k", { 5, 3, 3, 3 }, { init = cr.init.xavier() })
local wide = cr.param("wide", { 1, 3, 7, 7 }, { init = cr.init.xavier() }) -- 7 columns: dot products where vectors have 8 lanes
local out = cr.matmul(cr.tanh(cr.matmul(x, w)), v)
local loss = cr.mean((out - y) ^ 2) + cr.mean(cr.relu(cr.conv2d(im, k)))
local bar = cr.grad(cr.sum(cr.conv2d(im, wide, { padding = 6 }) ^ 2), wide)
return cr.program("net", {
  bar = cr.entry { inputs = { im }, outputs = { bar = bar } },
  go = cr.entry { inputs = { x }, outputs = { out = out } },
  train = cr.train { inputs = { x, y, im }, loss = loss, optimizer = cr.optim.adam { lr = 1e-2 } },
})
END
cat >use.c <<'END'
#include <stdio.h>
#include "net.h"
int main(void) {
  enum { N = 23 };
  static float x[N][37], y[N][19], im[N][3][13][17], out[N][19], bar[147], loss;
  for (int i = 0; i < N * 37; i++) x[i / 37][i % 37] = (float)((i * 31) % 101) / 50 - 1;
  for (int i = 0; i < N * 19; i++) y[i / 19][i % 19] = (float)((i * 17) % 89) / 40 - 1;
  for (int i = 0; i < N * 663; i++) (&im[0][0][0][0])[i] = (float)((i * 13) % 97) / 48 - 1;
  net_config c = NET_CONFIG;
  net *m;
  c.N = N, c.threads = 2;
  if (net_create(&m, &c)) return 1;
  for (int i = 0; i < 5; i++)
    if (net_train(m, (const void *)x, (const void *)y, (const void *)im, &loss)) return 2;
  if (net_go(m, (const void *)x, out)) return 3;
  printf("%a\n", (double)loss);
  for (int i = 0; i < N * 19; i++) printf("%a\n", (double)out[i / 19][i % 19]);
  if (net_bar(m, (const void *)im, (void *)bar)) return 4;
  for (int i = 0; i < 147; i++) printf("%a\n", (double)bar[i]);
  net_destroy(m);
  return 0;
}
END
flags="-std=c11 -O1 -ffp-contract=off -fno-math-errno"
"$CRESCENT" emit net.lua -o default
for level in sse2 avx2 avx512 neon; do
  "$CRESCENT" emit net.lua --march $level -o $level
  cc $flags -march=native -fopenmp -I$level use.c $level/net*.c -o use-$level -lm
  ./use-$level >$level.txt
  cmp avx2.txt $level.txt 2>/dev/null || [ $level = sse2 ] || { echo "$level: other bits"; exit 1; }
done
cmp avx2.txt sse2.txt
diff -r default avx2 -x Makefile
cmp -s avx2/net.c avx512/net.c && { echo "the tiles are those of AVX2"; exit 1; }
grep -q 'ARCH ?= -march=x86-64-v4' avx512/Makefile

# without fused multiply-add: the same bits by --strict
"$CRESCENT" emit net.lua --strict -o strict
for arch in x86-64 x86-64-v3; do
  cc $flags -DRT_STRICT -march=$arch -Istrict use.c strict/net*.c -o use-strict -lm
  ./use-strict >strict-$arch.txt
done
cmp strict-x86-64.txt strict-x86-64-v3.txt

# a machine that is not here
status=0
"$CRESCENT" build net.lua --target riscv64-none-elf -o other 2>err || status=$?
[ $status = 1 ]
[ ! -e other ]
grep -q 'C library is not here' err
"$CRESCENT" emit net.lua --target aarch64-linux-gnu -o arm
grep -q 'CC = aarch64-linux-gnu-gcc' arm/Makefile
cmp arm/net.c neon/net.c
if [ -r /usr/aarch64-linux-gnu/include/stdio.h ] && command -v aarch64-linux-gnu-gcc >/dev/null; then
  make -s -C arm CFLAGS=-O1 PNG= ZLIB=
  aarch64-linux-gnu-gcc $flags -static -Iarm use.c arm/net*.c -o use-arm -lm
  if command -v qemu-aarch64 >/dev/null; then
    qemu-aarch64 ./use-arm >arm.txt
    cmp avx2.txt arm.txt
  fi
  if command -v ld.lld-19 >/dev/null; then "$CRESCENT" build net.lua --target aarch64-linux-gnu -o net-arm; fi
fi
"$CRESCENT" build net.lua --static -o net-static
if ldd net-static 2>/dev/null | grep -q '=>'; then echo "a shared library is needed"; exit 1; fi
./net-static bench go --dim N=200 --threads 2 --json | grep -q '"entry": "go"'

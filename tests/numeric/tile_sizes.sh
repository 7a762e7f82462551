#!/bin/sh
# tile_sizes.sh: C for AVX2 and for AVX-512, whose tiles differ, gives the same bits at sizes less than either's
cat >call.c <<'EOF'
#include <stdio.h>
#include "tiles.h"
enum { MOST = 3 * 65 * 65 };
static T a[MOST], b[MOST], c[MOST], y[MOST], outer[MOST], dots[MOST], far[MOST], ga[MOST], gb[MOST], gc[MOST];
static void show(const char *name, const T *x, int n) {
  for (int k = 0; k < n; k++) printf("%s[%d] %a\n", name, k, (double)x[k]);
}
int main(void) {
  for (int n = 1; n < 20; n++) {
    int m = 1 + n * 7 % 20, k = 1 + n * 11 % 37;
    tiles_config config = TILES_CONFIG;
    config.N = n, config.M = m, config.K = k;
    tiles *t;
    if (tiles_create(&t, &config) || tiles_values(t, a, b, (void *)c)) return 1;
    if (tiles_f(t, a, b, (void *)c, (void *)dots, far, ga, gb, (void *)gc, outer, y)) return 1;
    printf("N = %d, M = %d, K = %d\n", n, m, k);
    show("y", y, n * m), show("outer", outer, k * k), show("dots", dots, 3 * 33 * 33), show("far", far, n * m);
    show("ga", ga, n * k), show("gb", gb, k * m), show("gc", gc, 3 * 33 * n);
    tiles_destroy(t);
  }
}
EOF
for dtype in f32 f64; do
  for march in avx2 avx512; do # whose C is compiled for this processor
    "$CRESCENT" emit "$SRC/tests/numeric/tile_sizes.lua" -D dtype=$dtype --march $march -o $march
    make -s -C $march libtiles.a CC=clang-19 OPENMP= CFLAGS=-O1
    type=float
    [ $dtype = f32 ] || type=double
    clang-19 -DT=$type -I$march call.c $march/libtiles.a -lm -o call
    ./call >$march.txt
  done
  if cmp -s avx2/tiles.c avx512/tiles.c; then
    echo "both have the same tiles: nothing is compared" >&2
    exit 1
  fi
  cmp avx2.txt avx512.txt
  rm -r avx2 avx512
done

#!/bin/sh
# bumps_beside.sh: sums of bumps at places and over them, from lanes in part to tensors that are not kept; 1 and 2 threads
for dtype in f32 f64; do
  for sizes in "1 15 4 20 0" "1 16 1 3 0" "3 16 1 3 1" "1 16 2 16 0" "2 17 3 33 0" "1 24 150 190 0" "4 20 100 99 1"; do
    set -- $sizes
    "$CRESCENT" build "$SRC/tests/numeric/bumps_beside.lua" -D dtype=$dtype -D batch=$1 -D parts=$2 -D rows=$3 -D columns=$4 -D dim=$5 -o beside || exit 1
    ./beside run near --quiet >near.txt || exit 1
    awk -v most=$([ $dtype = f32 ] && echo 1e-4 || echo 1e-12) '$NF + 0 > most || $NF !~ /^[0-9.e+-]+$/ { bad = 1; print } END { exit bad }' near.txt ||
      { echo "bumps_beside: $dtype, sizes $sizes"; exit 1; }
    for threads in 1 2; do
      ./beside run bits --threads $threads --out w=w$threads.npy --out v=v$threads.npy --out x=x$threads.npy --quiet || exit 1
    done
    for name in w v x; do
      cmp ${name}1.npy ${name}2.npy || { echo "bumps_beside: threads change bits, sizes $sizes"; exit 1; }
    done
  done
done

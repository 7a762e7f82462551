# convolutions in tiles: beside plain sums at sizes about those of tiles and vectors, and the same at 1 and 2 threads
# timeout: 400
alike() { # alike FILE
  awk -v most=$([ $dtype = f32 ] && echo 1e-5 || echo 1e-13) '$NF + 0 > most || $NF !~ /^[0-9.e+-]+$/ { bad = 1; print } END { exit bad || NR != 3 }' "$1"
}
for dtype in f32 f64; do # sizes of run time that are less than a tile's, and than its vectors'
  "$CRESCENT" build -O1 "$SRC/tests/numeric/window_tiles.lua" -D dtype=$dtype -D d=16 -D size=40 -D taps=3 -D dim=1 -o window || exit 1
  for size in 3 4 5 6 7 9 10 13 17 18 19 26 33 35; do
    ./window run f --dim N=2 --dim H=$size --threads 2 --quiet >f.txt || exit 1
    alike f.txt || { cat f.txt; echo "window_tiles: $dtype, size $size of run time"; exit 1; }
  done
done
for sizes in "1 1 5 5" "1 2 27 7" "6 16 14 5" "16 17 9 3" "5 8 12 3" "7 33 17 3" "64 6 10 1" "3 15 40 3"; do
  set -- $sizes
  for dtype in f32 f64; do
    "$CRESCENT" build -O1 "$SRC/tests/numeric/window_tiles.lua" -D dtype=$dtype -D c=$1 -D d=$2 -D size=$3 -D taps=$4 -o window || exit 1
    for batch in 1 2 15 17; do
      for threads in 1 2; do
        ./window run f --dim N=$batch --threads $threads --quiet >f$threads.txt || exit 1
        ./window run bits --dim N=$batch --threads $threads --out y=y$threads.npy --out x_bar=x$threads.npy --out w_bar=w$threads.npy --quiet || exit 1
      done
      alike f1.txt || { cat f1.txt; echo "window_tiles: $dtype, sizes $sizes, batch $batch"; exit 1; }
      cmp y1.npy y2.npy && cmp x1.npy x2.npy && cmp w1.npy w2.npy || { echo "window_tiles: threads change bits, sizes $sizes"; exit 1; }
    done
  done
done

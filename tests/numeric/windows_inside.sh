# convolutions of images hardly larger than their windows, whose loops leave out what is beyond the image, and of rows shorter
# than a vector: beside plain sums, and the same at 1 and 2 threads
# timeout: 400
for sizes in "1 1 1 1 0" "3 2 4 3 1" "8 16 7 3 1" "6 16 14 5 0" "16 20 14 7 3" "33 17 5 5 2" "9 16 15 3 1" "4 33 13 5 4"; do
  set -- $sizes
  for dtype in f32 f64; do
    "$CRESCENT" build -O1 "$SRC/tests/numeric/windows_inside.lua" -D dtype=$dtype -D c=$1 -D d=$2 -D size=$3 -D taps=$4 -D pad=$5 -o window || exit 1
    for batch in 0 1 3 16; do
      for threads in 1 2; do
        [ $batch = 0 ] || ./window run f --dim N=$batch --threads $threads --quiet >f$threads.txt || exit 1
        ./window run bits --dim N=$batch --threads $threads --out y=y$threads.npy --out x_bar=x$threads.npy --out w_bar=w$threads.npy --quiet || exit 1
      done
      [ $batch = 0 ] || awk -v most=$([ $dtype = f32 ] && echo 1e-5 || echo 1e-13) '$NF + 0 > most || $NF !~ /^[0-9.e+-]+$/ { bad = 1; print } END { exit bad || NR != 3 }' f1.txt ||
        { cat f1.txt; echo "windows_inside: $dtype, sizes $sizes, batch $batch"; exit 1; }
      cmp y1.npy y2.npy && cmp x1.npy x2.npy && cmp w1.npy w2.npy || { echo "windows_inside: threads change bits, sizes $sizes"; exit 1; }
    done
  done
done

# products in blocks: beside plain sums at sizes about those of tiles and blocks, and the same at 1 and 2 threads
for dtype in f32 f64; do
  "$CRESCENT" build "$SRC/tests/numeric/product_blocks.lua" -D dtype=$dtype -o product_$dtype || exit 1
  near() {
    awk -v most=$([ $dtype = f32 ] && echo 1e-4 || echo 1e-12) '$NF + 0 > most || $NF !~ /^[0-9.e+-]+$/ { bad = 1; print } END { exit bad }' $1 ||
      { echo "blocks: $dtype, sizes $sizes"; exit 1; }
  }
  # every number of columns and rows that a tile may have, and one less and one more
  for sizes in 2 3 4 5 6 7 8 9 11 12 13 15 16 17 23 24 25 31 32 33; do
    ./product_$dtype run f --dim M=$sizes --dim N=$sizes --dim K=3 --threads 1 --quiet >few.txt || exit 1
    near few.txt
  done
  sizes=kept
  ./product_$dtype run kept --out y=y.npy --out z=z.npy --quiet || exit 1
  ./product_$dtype run same --in y=y.npy --in z=z.npy --quiet >same.txt || exit 1
  near same.txt
  sizes=known
  ./product_$dtype run known --threads 1 --quiet >known.txt || exit 1
  near known.txt
  for sizes in "1 1 1" "5 7 3" "100 40 0" "24 16 48" "23 17 257" "97 33 256" "193 65 255" "100 300 513" "257 321 512"; do
    set -- $sizes
    for threads in 1 2; do
      ./product_$dtype run f --dim M=$1 --dim N=$2 --dim K=$3 --threads $threads --quiet >f$threads.txt || exit 1
      ./product_$dtype run bits --dim M=$1 --dim N=$2 --dim K=$3 --threads $threads --out ta=ta$threads.npy --quiet >b$threads.txt || exit 1
    done
    near f1.txt
    cmp ta1.npy ta2.npy && cmp b1.txt b2.txt && cmp f1.txt f2.txt || { echo "blocks: threads change bits, sizes $sizes"; exit 1; }
  done
done

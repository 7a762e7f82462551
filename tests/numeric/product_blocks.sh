# products in blocks: beside plain sums at sizes about those of tiles and blocks, and the same at 1 and 2 threads
for dtype in f32 f64; do
  "$CRESCENT" build "$SRC/tests/numeric/product_blocks.lua" -D dtype=$dtype -o product_$dtype || exit 1
  for sizes in "1 1 1" "5 7 3" "100 40 0" "24 16 48" "23 17 257" "97 33 256" "193 65 255" "100 300 513" "257 321 512"; do
    set -- $sizes
    for threads in 1 2; do
      ./product_$dtype run f --dim M=$1 --dim N=$2 --dim K=$3 --threads $threads --quiet >f$threads.txt || exit 1
      ./product_$dtype run bits --dim M=$1 --dim N=$2 --dim K=$3 --threads $threads --out ta=ta$threads.npy --quiet >b$threads.txt || exit 1
    done
    awk -v most=$([ $dtype = f32 ] && echo 1e-4 || echo 1e-12) '$NF + 0 > most || $NF !~ /^[0-9.e+-]+$/ { bad = 1; print } END { exit bad }' f1.txt ||
      { echo "blocks: $dtype, sizes $sizes"; exit 1; }
    cmp ta1.npy ta2.npy && cmp b1.txt b2.txt && cmp f1.txt f2.txt || { echo "blocks: threads change bits, sizes $sizes"; exit 1; }
  done
done

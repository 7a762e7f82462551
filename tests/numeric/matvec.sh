# a vector times a matrix: beside plain sums at sizes about those of blocks, and the same at 1 and 2 threads
for dtype in f32 f64; do
  "$CRESCENT" build "$SRC/tests/numeric/matvec.lua" -D dtype=$dtype -o matvec || exit 1
  for sizes in "1 1" "3 0" "1023 7" "1024 8" "1025 9" "511 17" "2100 513"; do
    for threads in 1 2; do
      ./matvec run f --dim N=${sizes% *} --dim K=${sizes#* } --threads $threads --quiet >f$threads.txt || exit 1
    done
    awk -v most=$([ $dtype = f32 ] && echo 1e-5 || echo 1e-13) '$1 == "d" && !($3 + 0 <= most) { bad = 1; print } END { exit bad || NR != 2 }' f1.txt ||
      { echo "matvec: $dtype, sizes $sizes"; exit 1; }
    cmp f1.txt f2.txt || { echo "matvec: threads change bits, sizes $sizes"; exit 1; }
  done
done

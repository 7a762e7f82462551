# label: slow
# timeout: 300
# a model becomes a program, a static program, and libraries that a user's C calls; nothing else is left behind
"$CRESCENT" new line >/dev/null
awk 'BEGIN { for (i = 0; i < 60; i++) { c = i % 3; printf "%g,%g,%g,%g\n", c, (i * 7) % 5 / 5, c * c, 1 } }' >x.csv
awk 'BEGIN { for (i = 0; i < 60; i++) print i % 3 }' >y.csv
"$CRESCENT" build line.lua
[ "$(ls | sort | tr '\n' ' ')" = "line line.lua x.csv y.csv " ]
./line info | grep -q 'predict'
./line train --data X=x.csv --data y=y.csv:0 --lossy --epochs 60 --batch 20 --quiet --save w.safetensors
./line run predict --weights w.safetensors --in X=x.csv --lossy --out prob=p.npy
[ -s p.npy ]

# columns of a table by name or number, of two files too, are the same data
paste -d, x.csv y.csv | sed '1i a,b,c,d,class' >all.csv
head -n 31 all.csv >head.csv && sed '2,31d' all.csv >tail.csv
for data in all.csv:a,1-2,d/all.csv:class head.csv:0-3,tail.csv:a,b,c,d/head.csv:class,tail.csv:class; do
  ./line train --data X="${data%/*}" --data y="${data#*/}" --lossy --epochs 60 --batch 20 --quiet --save t.safetensors
  ./line run predict --weights t.safetensors --in X=x.csv --lossy --out prob=q.npy
  cmp p.npy q.npy
done
rm all.csv head.csv tail.csv q.npy t.safetensors*

# the same bits from another compiler and with other thread counts
if command -v gcc >/dev/null; then
  "$CRESCENT" build line.lua --static -o line-static
  for threads in 1 3; do
    mkdir other
    cp x.csv y.csv other
    (cd other && ../line-static train --threads $threads --data X=x.csv --data y=y.csv:0 --lossy --epochs 60 --batch 20 --quiet --save w.safetensors)
    cmp w.safetensors other/w.safetensors
    rm -r other
  done
fi

# libraries
"$CRESCENT" build line.lua --kind shared
"$CRESCENT" build line.lua --kind static -o libline.a
cat >user.c <<'C'
#include "line.h"
#include <stdio.h>
int main(void) {
  line_config c = LINE_CONFIG;
  c.N = 2;
  line *m;
  int err = line_create(&m, &c);
  if (!err) err = line_load(m, "w.safetensors");
  const float x[2][4] = {{0, 0, 0, 1}, {2, 0, 4, 1}};
  float prob[2][3];
  if (!err) err = line_predict(m, x, prob);
  printf("%s %d %d\n", line_error(err), prob[0][0] > prob[0][2], prob[1][2] > prob[1][0]);
  line_destroy(m);
  return err;
}
C
cc=$(command -v clang-19 || command -v cc)
"$cc" -Wall -Wextra -pedantic -Werror user.c libline.a -fopenmp -lm -o user-static
"$cc" -Wall -Wextra -pedantic -Werror user.c -L. -lline -o user-shared
./user-static | grep -q ' 1 1$'
LD_LIBRARY_PATH=. ./user-shared | grep -q ' 1 1$'
! nm -g libline.a | grep -q ' T rt_' || exit 1
! nm -D libline.so | grep -q ' T rt_' || exit 1

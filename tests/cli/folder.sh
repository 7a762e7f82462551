# label: slow
# timeout: 300
# the emitted folder is the same from anywhere, builds with make alone, and is never half-written
"$CRESCENT" new line >/dev/null
"$CRESCENT" emit line.lua -o one
(mkdir sub && cd sub && cp ../line.lua . && LC_ALL=C TZ=Asia/Tokyo "$CRESCENT" emit line.lua -o ../two)
diff -r one two
cc=$(command -v gcc || command -v clang-19)
make -s -C one -j2 CC="$cc" CFLAGS='-O1 -Wall -Wextra -pedantic -Werror'
one/line info | grep -q predict

# into a folder that is there: its own files stay
mkdir three && echo mine >three/notes.txt
"$CRESCENT" emit line.lua -o three
grep -q mine three/notes.txt
cmp one/line.c three/line.c

# a model that is wrong leaves nothing
echo 'error "no"' >bad.lua
status=0
"$CRESCENT" emit bad.lua -o four 2>err || status=$?
[ $status = 1 ]
[ ! -e four ]
[ "$(head -n 1 err)" = "bad.lua:1: no" ]
[ -z "$(ls -d ./*.tmp-* 2>/dev/null)" ]

# label: slow
# timeout: 900
# the compiler and the runtime build with gcc too, without a warning (each is an error)
command -v gcc >/dev/null || exit 0
CC=gcc cmake -S "$SRC" -B build -G Ninja -DCMAKE_BUILD_TYPE=Quick -DCMAKE_C_FLAGS_QUICK=-O1 >cmake.log
ninja -C build -j2 -k0 crescent rt >build.log || { grep -E 'error|warning' build.log; exit 1; }

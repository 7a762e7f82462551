# a data script without a network says so, and leaves no half-made data behind
mkdir bin examples examples/denoise
cp "$SRC/examples/fetch.sh" examples/ && cp "$SRC/examples/denoise/data.sh" examples/denoise/
printf '#!/bin/sh\necho "Temporary failure resolving" >&2\nexit 100\n' >bin/apt-get
cp bin/apt-get bin/sudo
chmod +x bin/*
if PATH=$TMP/bin:$PATH sh examples/denoise/data.sh >out 2>err; then exit 1; fi
grep -q 'is there a network' err
[ ! -e examples/denoise/data/train ]

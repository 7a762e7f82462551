# a data script without a network says so, and leaves no half-made data behind
mkdir bin examples examples/denoise
cp "$SRC/examples/fetch.sh" examples/ && cp "$SRC/examples/denoise/data.sh" examples/denoise/
printf '#!/bin/sh\necho "Temporary failure resolving" >&2\nexit 100\n' >bin/apt-get
cp bin/apt-get bin/sudo
chmod +x bin/*
if PATH=$TMP/bin:$PATH sh examples/denoise/data.sh >out 2>err; then exit 1; fi
grep -q 'is there a network' err
[ ! -e examples/denoise/data/train ]

# what another example fetched serves as well
mkdir -p examples/other/data/package
echo photograph >examples/other/data/package/coins.png
: >examples/other/data/package/.python3-skimage.done
PATH=$TMP/bin:$PATH sh examples/fetch.sh python3-skimage "$PWD/examples/denoise/data/package"
grep -q photograph examples/denoise/data/package/coins.png

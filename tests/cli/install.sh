# crescent copied alone into another folder, and installed, still works
mkdir alone && cp "$CRESCENT" alone/crescent
./alone/crescent --version | grep -q '^crescent [0-9]'
DESTDIR=$TMP/root cmake --install "$(dirname "$CRESCENT")" --prefix /usr >install.log
root/usr/bin/crescent --version | grep -q '^crescent [0-9]'

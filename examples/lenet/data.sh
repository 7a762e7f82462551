#!/bin/sh
# examples/lenet/data.sh [FOLDER]: MNIST of that folder, or Fashion-MNIST from Debian, into data/
here=$(cd "$(dirname "$0")" && pwd)
exec sh "$here/../mnist.sh" "$here/data" "$@"

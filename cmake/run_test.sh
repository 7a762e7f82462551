#!/bin/sh
# run_test.sh SCRIPT CRESCENT SRC TMP: runs a test script in a fresh folder, with the variables it may use
script=$1 CRESCENT=$2 SRC=$3 TMP=$4
export CRESCENT SRC TMP
XDG_CACHE_HOME=$TMP/.cache
export XDG_CACHE_HOME
rm -rf "$TMP" && mkdir -p "$TMP" && cd "$TMP" || exit 1
exec sh -eu "$script"

#!/bin/sh
# run_test.sh SCRIPT CRESCENT SRC TMP [CACHE]: runs a test script in a fresh folder, with the variables it may use;
# compiled objects are shared by all tests, but for those of the cache itself
script=$1 CRESCENT=$2 SRC=$3 TMP=$4 XDG_CACHE_HOME=${5:-$4-cache}
export CRESCENT SRC TMP XDG_CACHE_HOME
rm -rf "$TMP" && mkdir -p "$TMP" "$XDG_CACHE_HOME" && cd "$TMP" || exit 1
exec sh -eu "$script"

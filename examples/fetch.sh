#!/bin/sh
# examples/fetch.sh PACKAGE FOLDER: unpack a Debian package into FOLDER without installing it
#
# The package stays out of git and of the system. What was fetched before is not fetched again: another example's
# copy serves as well, as links to the same files.
set -eu
package=$1 folder=$2
die() { echo "fetch: $*" >&2; exit 1; }

[ -f "$folder/.$package.done" ] && exit 0
for other in "$(dirname "$0")"/*/data/package; do
  [ -f "$other/.$package.done" ] || continue
  mkdir -p "$folder" && cp -al "$other/." "$folder/" 2>/dev/null && [ -f "$folder/.$package.done" ] && exit 0
done
command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
  die "$package comes from Debian, and this machine has no apt-get"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
echo "fetch: $package, which holds real data, from Debian (unpacked into $folder, not installed)"

download() { (cd "$folder" && apt-get -q download "$package" >"$folder/.fetch.log" 2>&1); }
if ! download; then
  # Package lists may be missing (a fresh system) or old (the version is gone from the server).
  if [ "$(id -u)" = 0 ]; then apt-get -q update >>"$folder/.fetch.log" 2>&1 || true
  elif command -v sudo >/dev/null; then sudo apt-get -q update >>"$folder/.fetch.log" 2>&1 || true
  fi
  download || {
    grep '^E:' "$folder/.fetch.log" | tail -n 3 >&2 || true
    die "apt could not get $package: is there a network, and has apt-get update been run?"
  }
fi
for deb in "$folder/$package"_*.deb; do
  dpkg -x "$deb" "$folder" || die "$deb cannot be unpacked"
  rm -f "$deb"
done
rm -f "$folder/.fetch.log"
: >"$folder/.$package.done"

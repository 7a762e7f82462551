#!/bin/sh
# examples/graph/data.sh: the karate club of Zachary (1977), 34 members and 78 friendships, into data/
#
# After a quarrel the club split: side 0 stayed with the instructor (member 0), side 1 with the officer (33).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$here/data"
awk -v data="$here/data" 'BEGIN {
  split("1,2,3,4,5,6,7,8,10,11,12,13,17,19,21,31 2,3,7,13,17,19,21,30 3,7,8,9,13,27,28,32 7,12,13 6,10 6,10,16 16 - 30,32,33 33 " \
    "- - - 33 32,33 32,33 - - 32,33 33 32,33 - 32,33 25,27,29,32,33 25,27,31 31 29,33 33 31,33 32,33 32,33 32,33 33", friends, " ")
  for (a = 0; a < 33; a++) {
    n = friends[a + 1] == "-" ? 0 : split(friends[a + 1], list, ",")
    for (k = 1; k <= n; k++) { print a >(data "/from.csv"); print list[k] >(data "/to.csv"); edges++ }
  }
  split("0 0 0 0 0 0 0 0 0 1 0 0 0 0 1 1 0 0 1 0 1 0 1 1 1 1 1 1 1 1 1 1 1 1", side, " ")
  for (a = 0; a < 34; a++) { print side[a + 1] >(data "/side.csv"); print (a == 0 || a == 33) >(data "/known.csv") }
  printf "data: 34 members, %d friendships\n", edges
}'

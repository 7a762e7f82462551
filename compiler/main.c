/*
** main.c: the command line of crescent
*/
#include <stdio.h>
#include "embed.h"

int main(void) {
  printf("crescent %s, %d files embedded\n", CRESCENT_VERSION, embed_count());
  return 0;
}

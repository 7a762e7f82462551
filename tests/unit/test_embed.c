/*
** test_embed.c: the embedded files are those of the tree, byte for byte, and after them the runtime's
** archive
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "embed.h"

/* Compares one embedded file with the file on disk; tests run in the source folder. */
static int differs(const Embedded *e) {
  FILE *f = fopen(e->path, "rb");
  char *text = malloc(e->size + 1);
  size_t n = f ? fread(text, 1, e->size + 1, f) : 0;
  int bad = !f || n != e->size || memcmp(text, e->data, n) != 0 || e->data[e->size] != 0;
  if (f) fclose(f);
  free(text);
  if (bad) printf("%s differs from its embedded copy\n", e->path);
  return bad;
}

int main(void) {
  int bad = 0;
  int n = embed_count();
  const Embedded *last = embed_at(n - 1);
  if (strcmp(last->path, "librt.a") == 0) { /* a build for users */
    n--;
    bad += last->size < 100000 || memcmp(last->data, "!<arch>\n", 8) != 0;
  }
  for (int i = 0; i < n; i++) {
    bad += differs(embed_at(i));
    bad += embed_find(embed_at(i)->path) != embed_at(i);
    if (i) bad += strcmp(embed_at(i - 1)->path, embed_at(i)->path) >= 0;
  }
  bad += embed_find("no/such.lua") != NULL;
  printf("%d embedded files, %d defects\n", embed_count(), bad);
  return bad != 0;
}

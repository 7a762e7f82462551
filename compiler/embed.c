/*
** embed.c: find the files that travel inside the executable
**
** embed_find("runtime/rt.h")->data is the file's text.
*/
#include <assert.h>
#include <string.h>
#include "embed.h"

extern const Embedded embed_table[]; /* from cmake/embed.cmake */
extern const int embed_length;

/* Returns the number of embedded files. */
int embed_count(void) {
  return embed_length;
}

/* Returns the i-th embedded file in the order of paths. */
const Embedded *embed_at(int i) {
  assert(i >= 0 && i < embed_length);
  return &embed_table[i];
}

/* Returns the embedded file of this path, or NULL. */
const Embedded *embed_find(const char *path) {
  for (int i = 0; i < embed_length; i++)
    if (strcmp(embed_table[i].path, path) == 0) return &embed_table[i];
  return NULL;
}

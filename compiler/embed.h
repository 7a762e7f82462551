/*
** embed.h: the files that travel inside the executable
**
** embed_find("dsl/nn.lua") -> its text; paths are those of the source tree. "librt.a" is the runtime,
** compiled for this machine, where the build is one for users.
** The table is written by cmake/embed.cmake at build time.
*/
#ifndef CRESCENT_EMBED_H
#define CRESCENT_EMBED_H

#include <stddef.h>

typedef struct Embedded {
  const char *path; /* relative to the source tree, e.g. "runtime/rt.h" */
  const char *data; /* its bytes; a 0 follows the last one */
  size_t size;      /* without that 0 */
} Embedded;

/* embed.c */
int embed_count(void);
const Embedded *embed_at(int i);
const Embedded *embed_find(const char *path);

#endif

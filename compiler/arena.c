/*
** arena.c: memory that is freed all at once
**
** A compilation allocates from one arena, a pass from a scratch arena; nothing is freed singly.
*/
#include <stdlib.h>
#include <string.h>
#include "ir.h"

typedef struct Block {
  struct Block *next;
  size_t used, size;
  max_align_t data[];
} Block;

struct Arena {
  Block *block;
};

enum { BLOCK_SIZE = 1 << 16 };

static _Noreturn void out_of_memory(void) {
  fputs("crescent: out of memory\n", stderr);
  exit(1);
}

Arena *arena_new(void) {
  Arena *a = calloc(1, sizeof *a);
  if (!a) out_of_memory();
  return a;
}

void arena_free(Arena *a) {
  if (!a) return;
  for (Block *b = a->block, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  free(a);
}

void *arena_alloc(Arena *a, size_t size) {
  size = (size + 15) & ~(size_t)15;
  Block *b = a->block;
  if (!b || b->size - b->used < size) {
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    Block *fresh = malloc(sizeof *fresh + room);
    if (!fresh) out_of_memory();
    *fresh = (Block){.size = room};
    if (b && size > BLOCK_SIZE / 4) { /* keep filling the current block with small things */
      fresh->next = b->next;
      b->next = fresh;
    } else {
      fresh->next = b;
      a->block = fresh;
    }
    b = fresh;
  }
  void *p = (char *)b->data + b->used;
  b->used += size;
  return p;
}

void *arena_zero(Arena *a, size_t count, size_t size) {
  if (size && count > SIZE_MAX / 2 / size) out_of_memory();
  void *p = arena_alloc(a, count * size + 1);
  memset(p, 0, count * size);
  return p;
}

void *arena_copy(Arena *a, const void *p, size_t size) {
  void *q = arena_alloc(a, size + 1);
  if (size) memcpy(q, p, size);
  return q;
}

/*
** arena.c: memory that is freed all at once
**
** A compilation allocates from one arena, a pass from a scratch arena; nothing is freed singly.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "ir.h"

typedef struct Block {
  struct Block *next;
  size_t used, size;
  size_t mapped; /* bytes that the system gave; 0: malloc did */
  max_align_t data[];
} Block;

struct Arena { /* stands in the block it begins with */
  Block *block;
};

/* Scratch arenas are many and small. */
enum { FIRST_BLOCK = 1 << 12, BLOCK_SIZE = 1 << 18, LARGE_ZEROS = 1 << 16 };

/* First blocks of arenas that were freed, for the next ones. With an address sanitizer there are
** none: it is to see what is used after it was freed. */
#ifdef __has_feature
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
enum { MOST_SPARE = SANITIZED ? 0 : 64 };
static Block *spare;
static int nspare;

static _Noreturn void out_of_memory(void) {
  fputs("crescent: out of memory\n", stderr);
  exit(1);
}

/* Returns p, the memory asked for; where there was none, ends the compiler. */
void *arena_need(void *p) {
  if (!p) out_of_memory();
  return p;
}

Arena *arena_new(void) {
  Block *b = spare;
  if (b) {
    spare = b->next;
    nspare--;
  } else
    b = arena_need(malloc(sizeof *b + FIRST_BLOCK));
  *b = (Block){.size = FIRST_BLOCK, .used = sizeof *b->data};
  Arena *a = (Arena *)b->data;
  a->block = b;
  return a;
}

void arena_free(Arena *a) {
  if (!a) return;
  for (Block *b = a->block, *next; b; b = next) {
    next = b->next;
    if (b->mapped || b->size != FIRST_BLOCK || nspare == MOST_SPARE) {
      if (b->mapped) munmap(b, b->mapped);
      else free(b);
      continue;
    }
    b->next = spare;
    spare = b;
    nspare++;
  }
}

/* Zeros that the system gives page by page as they are touched: a table by id of a large module
** costs what is used of it. */
static void *zeros(Arena *a, size_t size) {
  size_t whole = sizeof(Block) + size;
  Block *b = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (b == MAP_FAILED) out_of_memory();
  b->mapped = whole;
  b->used = b->size = size;
  b->next = a->block->next;
  a->block->next = b;
  return b->data;
}

void *arena_alloc(Arena *a, size_t size) {
  size = (size + 15) & ~(size_t)15;
  Block *b = a->block;
  if (b->size - b->used < size) {
    size_t grown = b->size * 2 > BLOCK_SIZE ? BLOCK_SIZE : b->size * 2;
    size_t room = size > grown ? size : grown;
    Block *fresh = arena_need(malloc(sizeof *fresh + room));
    *fresh = (Block){.size = room};
    /* keep filling the current block with small things */
    if (size > grown / 4 && b->size - b->used > 256) {
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
  if (count * size >= LARGE_ZEROS) return zeros(a, count * size);
  void *p = arena_alloc(a, count * size + 1);
  memset(p, 0, count * size);
  return p;
}

void *arena_copy(Arena *a, const void *p, size_t size) {
  void *q = arena_alloc(a, size + 1);
  if (size) memcpy(q, p, size);
  return q;
}

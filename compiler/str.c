/*
** str.c: interned strings, compared by pointer, and text that grows
*/
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

typedef struct Interned {
  struct Interned *chain;
  char s[];
} Interned;

static struct {
  Interned **bucket;
  size_t count, cap;
} table; /* lives as long as the process: names outlive a compilation's arena */

static uint32_t str_hash(const char *s) {
  uint32_t h = 2166136261u;
  for (; *s; s++) h = (h ^ (unsigned char)*s) * 16777619u;
  return h;
}

static void table_grow(void) {
  size_t cap = table.cap ? table.cap * 2 : 1024;
  Interned **fresh = arena_need(calloc(cap, sizeof *fresh));
  for (size_t b = 0; b < table.cap; b++)
    for (Interned *e = table.bucket[b], *next; e; e = next) {
      next = e->chain;
      size_t at = str_hash(e->s) & (cap - 1);
      e->chain = fresh[at];
      fresh[at] = e;
    }
  free(table.bucket);
  table.bucket = fresh;
  table.cap = cap;
}

const char *str_intern(const char *s) {
  if (!s) return NULL;
  if (table.count >= table.cap / 2) table_grow();
  size_t at = str_hash(s) & (table.cap - 1);
  for (Interned *e = table.bucket[at]; e; e = e->chain)
    if (!strcmp(e->s, s)) return e->s;
  size_t n = strlen(s) + 1;
  Interned *e = arena_need(malloc(sizeof *e + n));
  memcpy(e->s, s, n);
  e->chain = table.bucket[at];
  table.bucket[at] = e;
  table.count++;
  return e->s;
}

/* Where the name is in the table, or where it would be. */
static unsigned names_slot(const Names *used, const char *name) {
  unsigned at = (unsigned)((uintptr_t)name >> 4) * 2654435761u & (used->cap - 1);
  while (used->slot[at] && used->slot[at] != name) at = (at + 1) & (used->cap - 1);
  return at;
}

bool names_has(const Names *used, const char *name) {
  return used->cap && used->slot[names_slot(used, name)];
}

/* Doubles the table; numbers are kept. */
static void names_grow(Names *used) {
  Names old = *used;
  used->cap = old.cap ? 2 * old.cap : 32;
  used->name = arena_need(realloc(old.name, used->cap / 2 * sizeof *used->name));
  used->slot = arena_need(calloc(used->cap, sizeof *used->slot));
  used->next = arena_need(calloc(used->cap, sizeof *used->next));
  for (unsigned k = 0; k < old.cap; k++) {
    if (!old.slot[k]) continue;
    unsigned at = names_slot(used, old.slot[k]);
    used->slot[at] = old.slot[k];
    used->next[at] = old.next[k];
  }
  free(old.slot);
  free(old.next);
}

void names_add(Names *used, const char *name) {
  if (2 * used->n >= used->cap) names_grow(used);
  unsigned at = names_slot(used, name);
  if (used->slot[at]) return;
  used->slot[at] = used->name[used->n++] = name;
  used->next[at] = 2;
}

const char *name_claim(Names *used, const char *want) {
  const char *base = str_intern(want), *name = base;
  if (names_has(used, base)) {
    int k = used->next[names_slot(used, base)];
    while (names_has(used, name = str_format("%s_%d", base, k))) k++;
    used->next[names_slot(used, base)] = k + 1;
  }
  names_add(used, name);
  return name;
}

void names_forget(Names *used, unsigned n) {
  if (n == used->n) return;
  memset(used->slot, 0, used->cap * sizeof *used->slot);
  used->n = 0;
  for (unsigned k = 0; k < n; k++) names_add(used, used->name[k]);
}

void names_free(Names *used) {
  free(used->name);
  free(used->slot);
  free(used->next);
  *used = (Names){0};
}

static void text_room(Text *t, size_t n) {
  if (t->n + n + 1 <= t->cap) return;
  t->cap = (t->n + n + 1) * 2 < 256 ? 256 : (t->n + n + 1) * 2;
  t->s = arena_need(realloc(t->s, t->cap));
}

void text_put(Text *t, const char *s, size_t n) {
  text_room(t, n);
  memcpy(t->s + t->n, s, n);
  t->n += n;
  t->s[t->n] = 0;
}

/* Appends a number in decimal. */
static void put_number(Text *t, bool minus, uint64_t size) {
  char digits[20];
  size_t n = sizeof digits;
  do digits[--n] = (char)('0' + size % 10);
  while (size /= 10);
  if (minus) text_put(t, "-", 1);
  text_put(t, digits + n, sizeof digits - n);
}

static void put_signed(Text *t, int64_t v) {
  put_number(t, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* Appends what has no directives but %s, %d, %lld, %u, %c and %%, which is most of what is written,
** and in a fifth of the library's time; false: it has others, and a part may have been appended. */
static bool put_plain(Text *t, const char *fmt, va_list ap) {
  for (;;) {
    size_t n = 0;
    while (fmt[n] && fmt[n] != '%') n++;
    text_put(t, fmt, n);
    fmt += n;
    if (!*fmt) return true;
    const char *s;
    switch (*++fmt) {
    case 's':
      s = va_arg(ap, const char *);
      text_put(t, s ? s : "(null)", strlen(s ? s : "(null)"));
      break;
    case 'd': put_signed(t, va_arg(ap, int)); break;
    case 'u': put_number(t, false, va_arg(ap, unsigned)); break;
    case 'c': text_put(t, &(char){(char)va_arg(ap, int)}, 1); break;
    case '%': text_put(t, fmt, 1); break;
    default:
      if (strncmp(fmt, "lld", 3) != 0) return false;
      put_signed(t, va_arg(ap, long long));
      fmt += 2;
    }
    fmt++;
  }
}

static void put_format(Text *t, const char *fmt, va_list ap) {
  size_t before = t->n;
  va_list again, last;
  va_copy(again, ap);
  va_copy(last, ap);
  if (!put_plain(t, fmt, ap)) {
    t->n = before;
    text_room(t, 120);
    int n = vsnprintf(t->s + t->n, t->cap - t->n, fmt, again);
    if ((size_t)n >= t->cap - t->n) {
      text_room(t, (size_t)n);
      vsnprintf(t->s + t->n, t->cap - t->n, fmt, last);
    }
    t->n += (size_t)n;
  }
  va_end(again);
  va_end(last);
}

void text_add(Text *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  put_format(t, fmt, ap);
  va_end(ap);
}

const char *str_format(const char *fmt, ...) {
  static Text t; /* what it holds is interned at once */
  va_list ap;
  t.n = 0;
  va_start(ap, fmt);
  put_format(&t, fmt, ap);
  va_end(ap);
  return str_intern(t.s);
}

void text_free(Text *t) {
  free(t->s);
  *t = (Text){0};
}

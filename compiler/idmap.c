/*
** idmap.c: a map from the id of a Node or a Scalar to a small number
**
** Open addressing in an arena; zero bytes are an empty map (with `a` set), since ids are kept + 1.
*/
#include "diff.h"

static uint32_t slot(const IdMap *m, int id) {
  uint32_t h = (uint32_t)id * 2654435769u;
  h ^= h >> 15;
  for (h &= m->cap - 1; m->key[h] && m->key[h] != id + 1;) h = (h + 1) & (m->cap - 1);
  return h;
}

static void grow(IdMap *m) {
  IdMap old = *m;
  m->cap = old.cap ? 2 * old.cap : 16;
  m->key = NEWN(m->a, int, m->cap);
  m->value = NEWN(m->a, int, m->cap);
  for (uint32_t h = 0; h < old.cap; h++) {
    if (!old.key[h]) continue;
    uint32_t to = slot(m, old.key[h] - 1);
    m->key[to] = old.key[h];
    m->value[to] = old.value[h];
  }
}

/* Maps id to value, which replaces an earlier one. */
void idmap_set(IdMap *m, int id, int value) {
  if (2 * (m->n + 1) > m->cap) grow(m);
  uint32_t h = slot(m, id);
  if (!m->key[h]) m->n++;
  m->key[h] = id + 1;
  m->value[h] = value;
}

/* Returns what id was mapped to, or -1. */
int idmap_get(const IdMap *m, int id) {
  if (!m->cap) return -1;
  uint32_t h = slot(m, id);
  return m->key[h] ? m->value[h] : -1;
}

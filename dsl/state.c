/*
** state.c: the front end's state, kept in Lua's registry, and the small map it uses
*/
#include <string.h>
#include "dsl.h"

static const char registry_key = 0;

/* Returns the state of this compilation, made on first use. */
Dsl *dsl_state(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key);
  Dsl *d = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (d) return d;
  d = NEW(mod->arena, Dsl);
  d->place.arena = d->open.arena = mod->arena;
  lua_pushlightuserdata(L, d);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
  return d;
}

/* Hands over the options given as -D name=value; `used` is set in them as the script asks. */
void dsl_options(lua_State *L, int n, Option *option) {
  Dsl *d = dsl_state(L);
  d->noption = n;
  d->option = option;
}

static int map_slot(const Map *m, const void *key) {
  uint64_t h = (uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15u;
  int at = (int)(h >> 33) & (m->cap - 1);
  while (m->key[at] && m->key[at] != key) at = (at + 1) & (m->cap - 1);
  return at;
}

void *map_get(const Map *m, const void *key) {
  return m->cap ? m->value[map_slot(m, key)] : NULL;
}

void map_put(Map *m, const void *key, void *value) {
  if (m->n * 2 >= m->cap) {
    Map old = *m;
    m->cap = old.cap ? old.cap * 2 : 64;
    m->key = NEWN(m->arena, const void *, m->cap);
    m->value = NEWN(m->arena, void *, m->cap);
    for (int k = 0; k < old.cap; k++)
      if (old.key[k]) {
        int at = map_slot(m, old.key[k]);
        m->key[at] = old.key[k];
        m->value[at] = old.value[k];
      }
  }
  int at = map_slot(m, key);
  if (!m->key[at]) m->n++;
  m->key[at] = key;
  m->value[at] = value;
}

/*
** place.c: where the script is, what it calls its tensors, and how it is told of a mistake
**
**   crf.lua:14: index k: 'unary' has 3 elements along axis 1, but 'pairwise' has 4 along axis 0
**   crf.lua:5:  'pairwise' was declared here
**
** A tensor made by a statement is in no local yet; so it waits in Dsl.pending, and the next
** operation looks through the locals (and the tables in them) of the functions that run for it.
*/
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "dsl.h"
#include "host.h"

/* Whether the script may still name n: it has no name, or only a hint. */
static bool is_nameless(const Node *n) { return !n->name || n->word; }

enum { MAX_FRAMES = 12 };

static void set_name(Node *n, const char *name) {
  n->name = str_intern(name);
  n->word = false;
}

void dsl_hint(Node *n, const char *name) {
  if (!n->name) dsl_rename(n, name);
}

void dsl_rename(Node *n, const char *name) {
  if (n->kind == N_PARAM || !is_nameless(n)) return;
  n->name = str_intern(name);
  n->word = true;
}

void dsl_pending(Dsl *d, Node *n) {
  if (n->kind == N_PARAM || !d->maker || !is_nameless(n)) return;
  if (d->npending == NPENDING)
    memmove(d->pending, d->pending + 1, sizeof *d->pending * (size_t)--d->npending);
  d->pending[d->npending++] = (Pending){n, d->maker};
}

/* Whether a name can be told from Lua's own, such as "(temporary)". */
static bool is_name(const char *s) {
  return s[0] != '(' && s[0] != '_' && s[0] != 0;
}

/* The user's functions that are running, the innermost first. */
typedef struct Frames {
  int n;
  lua_Debug ar[MAX_FRAMES];
  const void *func[MAX_FRAMES];
} Frames;

/* Whether frame `at` may name what `maker` made: maker itself, or a function that got it back from
** maker, but not one that was given it. */
static bool may_name(const Frames *f, int at, const void *maker) {
  if (f->func[at] == maker) return true;
  for (int k = at + 1; k < f->n; k++)
    if (f->func[k] == maker) return false;
  return true;
}

/* The pending tensor at a stack position, or NULL. */
static Node *pending_at(lua_State *L, Dsl *d, int at, const Frames *f, int frame) {
  Expr *e = dsl_test(L, at);
  if (!e || !e->node || e->rule || !is_nameless(e->node)) return NULL;
  for (int k = 0; k < d->npending; k++)
    if (d->pending[k].node == e->node && may_name(f, frame, d->pending[k].maker)) return e->node;
  return NULL;
}

/* Names what stands in the string fields of the table on top of the stack; of two names of one
** tensor the smaller, since a table has no order. Large tables are left alone. */
static void name_fields(lua_State *L, Dsl *d, const Frames *f, int frame) {
  enum { MAX_FIELDS = 128 };
  int n = 0, found = 0, table = lua_gettop(L);
  struct {
    Node *node;
    const char *name;
  } best[MAX_FIELDS];
  lua_pushnil(L);
  while (lua_next(L, table)) {
    Node *x = lua_type(L, -2) == LUA_TSTRING ? pending_at(L, d, -1, f, frame) : NULL;
    const char *name = x ? lua_tostring(L, -2) : "";
    if (++n > MAX_FIELDS) {
      lua_settop(L, table);
      return;
    }
    if (x && is_name(name)) {
      int k = 0;
      while (k < found && best[k].node != x) k++;
      if (k == found || strcmp(name, best[k].name) < 0) best[k].node = x, best[k].name = name;
      found += k == found;
    }
    lua_pop(L, 1);
  }
  for (int k = 0; k < found; k++) set_name(best[k].node, best[k].name);
}

static void name_locals(lua_State *L, Dsl *d, Frames *f, int frame) {
  const char *name;
  int top = lua_gettop(L);
  for (int k = 1; (name = lua_getlocal(L, &f->ar[frame], k)); k++) {
    if (is_name(name)) {
      Node *x = pending_at(L, d, -1, f, frame);
      if (x)
        set_name(x, name);
      else if (lua_type(L, -1) == LUA_TTABLE && !lua_getmetatable(L, -1))
        name_fields(L, d, f, frame);
    }
    lua_settop(L, top);
  }
}

/* Names pending tensors after the locals that hold them, in the outermost function that does. */
static void name_pending(lua_State *L, Dsl *d, Frames *f) {
  luaL_checkstack(L, 8, "too deep");
  for (int frame = f->n - 1; frame >= 0; frame--) name_locals(L, d, f, frame);
  int kept = 0;
  for (int k = 0; k < d->npending; k++)
    if (is_nameless(d->pending[k].node)) d->pending[kept++] = d->pending[k];
  d->npending = kept;
}

/* Finds the line of the user's script that is running, for the nodes and messages to come, and
** names the tensors its locals hold. The DSL's own files are chunks whose name does not start with
** '@'. */
void dsl_enter(lua_State *L) {
  Dsl *d = dsl_state(L);
  Frames f;
  f.n = 0;
  d->nnote = 0;
  for (int level = 1; f.n < MAX_FRAMES && lua_getstack(L, level, &f.ar[f.n]); level++) {
    lua_Debug *ar = &f.ar[f.n];
    lua_getinfo(L, f.n ? "S" : "Sl", ar);
    if (ar->source[0] != '@' || (!f.n && ar->currentline <= 0)) continue;
    if (!f.n) mod->here = (Loc){str_intern(ar->source + 1), ar->currentline};
    lua_getinfo(L, "f", ar);
    f.func[f.n++] = lua_topointer(L, -1);
    lua_pop(L, 1);
    if (!d->npending) break;
  }
  if (f.n) {
    d->maker = f.func[0];
    if (d->npending) name_pending(L, d, &f);
    return;
  }
  int line = host_last_return(mod->here.file);
  if (line) mod->here.line = line;
}

/* Messages */

/* Adds a second place to the error about to be raised. */
void dsl_note(lua_State *L, Loc loc, const char *fmt, ...) {
  Dsl *d = dsl_state(L);
  if (d->nnote == NNOTE || !loc.line) return;
  va_list ap;
  va_start(ap, fmt);
  d->note[d->nnote++] = (Note){loc, str_intern(lua_pushvfstring(L, fmt, ap))};
  va_end(ap);
  lua_pop(L, 1);
}

void dsl_note_declared(lua_State *L, const Node *n) {
  Dsl *d = dsl_state(L);
  if (is_nameless(n) || (n->loc.line == mod->here.line && n->loc.file == mod->here.file)) return;
  const char *text =
      str_format("'%s' was %s here", n->name, n->kind == N_PARAM ? "declared" : "made");
  for (int k = 0; k < d->nnote; k++)
    if (d->note[k].text == text) return;
  dsl_note(L, n->loc, "%s", text);
}

static int digits(int v) {
  return v > 9 ? 1 + digits(v / 10) : 1;
}

static _Noreturn void raise_at(lua_State *L, Loc loc, const char *fmt, va_list ap) {
  Dsl *d = dsl_state(L);
  const char *what = str_intern(lua_pushvfstring(L, fmt, ap));
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  if (loc.line) luaL_addstring(&b, str_format("%s:%d: ", loc.file, loc.line));
  luaL_addstring(&b, what);
  for (int k = 0; k < d->nnote; k++) {
    Note *n = &d->note[k];
    int pad = loc.line ? digits(loc.line) - digits(n->loc.line) : 0;
    luaL_addstring(&b, str_format("\n%s:%d:%*s%s", n->loc.file, n->loc.line, pad > 0 ? pad + 1 : 1,
                                  "", n->text));
  }
  d->nnote = 0;
  luaL_pushresult(&b);
  lua_error(L);
  abort();
}

/* Raises a Lua error for the line that is running: "file:line: what", notes on lines of their own,
** as diag_print shows them. The format is that of lua_pushvfstring. */
void dsl_fail(lua_State *L, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  raise_at(L, mod->here, fmt, ap);
}

void dsl_fail_at(lua_State *L, Loc loc, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  raise_at(L, loc, fmt, ap);
}

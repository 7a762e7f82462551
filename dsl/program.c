/*
** program.c: from the script's entries to the Program that the compiler reads
**
** dsl/program.lua has checked what the user wrote; here it becomes C structures, in the order in
** which the entries were made, with the init entry, which fills all state from the seed, last.
*/
#include <string.h>
#include "dsl.h"

static const char *const program_meta = "cr.program";

/* role(x): "input", "param", "state", "formal", or nil for what is computed. */
static int role(lua_State *L) {
  static const char *const names[] = {"formal", "input", "param", "state"}; /* ORDER Role */
  Expr *e = dsl_test(L, 1);
  if (e && e->node && !e->rule && e->node->kind == N_PARAM)
    lua_pushstring(L, names[e->node->role]);
  else
    lua_pushnil(L);
  return 1;
}

/* reach(tensors): the inputs, parameters and state that they depend on, in order of creation. */
static int reach(lua_State *L) {
  Node **result;
  dsl_enter(L);
  int n = dsl_nodes(L, 1, &result, "program"), found = 0;
  Arena *a = arena_new();
  Order o = graph_order(a, n, result);
  lua_newtable(L);
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->kind == N_PARAM) {
      dsl_push_node(L, o.node[k]);
      lua_seti(L, -2, ++found);
    }
  arena_free(a);
  return 1;
}

static Node *field_node(lua_State *L, int k) {
  lua_geti(L, -1, k);
  Node *n = dsl_node(L, -1, "program");
  lua_pop(L, 1);
  return n;
}

static int field_list(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  return (int)luaL_len(L, -1);
}

/* Reads the entry table on top of the stack. */
static Entry read_entry(lua_State *L) {
  Entry e = {0};
  lua_getfield(L, -1, "name");
  e.name = str_intern(lua_tostring(L, -1));
  lua_getfield(L, -2, "kind");
  e.kind = strcmp(lua_tostring(L, -1), "train") ? E_ENTRY : E_TRAIN;
  lua_getfield(L, -3, "file");
  lua_getfield(L, -4, "line");
  e.loc = (Loc){lua_isstring(L, -2) ? str_intern(lua_tostring(L, -2)) : NULL,
                (int)lua_tointeger(L, -1)};
  lua_pop(L, 4);
  e.ninput = field_list(L, "inputs");
  e.input = NEWN(mod->arena, Port, e.ninput);
  for (int k = 0; k < e.ninput; k++) {
    Node *n = field_node(L, k + 1);
    e.input[k] = (Port){n->name, n, n->loc};
  }
  lua_pop(L, 1);
  e.noutput = field_list(L, "outputs");
  e.output = NEWN(mod->arena, Port, e.noutput);
  for (int k = 0; k < e.noutput; k++) {
    lua_geti(L, -1, k + 1);
    lua_geti(L, -1, 1);
    const char *name = str_intern(lua_tostring(L, -1));
    lua_pop(L, 1);
    Node *n = field_node(L, 2);
    if (n->word) n->name = NULL, n->word = false;
    e.output[k] = (Port){name, n_named(n, name), n->loc};
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  e.nupdate = field_list(L, "updates");
  e.update = NEWN(mod->arena, Update, e.nupdate);
  for (int k = 0; k < e.nupdate; k++) {
    lua_geti(L, -1, k + 1);
    e.update[k] = (Update){field_node(L, 1), field_node(L, 2)};
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return e;
}

/* The entry that gives every parameter and state its first value. */
static Entry init_entry(Program *p) {
  Entry e = {.name = str_intern("init"), .kind = E_INIT, .ninput = 1, .nupdate = p->nstate};
  e.input = NEW(mod->arena, Port);
  e.input[0] = (Port){p->seed->name, p->seed, p->seed->loc};
  e.update = NEWN(mod->arena, Update, p->nstate);
  for (int k = 0; k < p->nstate; k++) {
    Node *s = p->state[k];
    if (!s->init) s->init = n_full(s->rank, s->dim, s_const((Dtype)s->dtype, 0));
    e.update[k] = (Update){s, (Node *)(uintptr_t)s->init};
  }
  return e;
}

/* Reads the schedule, a list of {entry counted from 1, times}, at a stack position. */
static void read_schedule(lua_State *L, int at, Program *p) {
  p->nturn = (int)luaL_len(L, at);
  p->turn = NEWN(mod->arena, Turn, p->nturn);
  for (int k = 0; k < p->nturn; k++) {
    lua_geti(L, at, k + 1);
    lua_geti(L, -1, 1);
    lua_geti(L, -2, 2);
    p->turn[k] = (Turn){(int)lua_tointeger(L, -2) - 1, (int)lua_tointeger(L, -1)};
    lua_pop(L, 3);
  }
}

/* program(name, list of entries, schedule) */
static int program(lua_State *L) {
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  int n = (int)luaL_len(L, 2);
  Program *p = NEW(mod->arena, Program);
  p->name = str_intern(luaL_checkstring(L, 1));
  p->file = mod->here.file;
  p->entry = NEWN(mod->arena, Entry, n + 1);
  for (int k = 0; k < n; k++) {
    lua_geti(L, 2, k + 1);
    p->entry[p->nentry++] = read_entry(L);
    lua_pop(L, 1);
  }
  read_schedule(L, 3, p);
  if (!d->seed) d->seed = n_param(P_INPUT, "seed", DT_I64, 0, NULL, mod->here);
  p->seed = d->seed;
  p->state = NEWN(mod->arena, Node *, d->nparam);
  for (int k = 0; k < d->nparam; k++)
    if (d->param[k]->role != P_INPUT) p->state[p->nstate++] = d->param[k];
  p->entry[p->nentry++] = init_entry(p);
  p->ndemand = d->ndemand;
  p->demand = d->demand;
  Program **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = p;
  luaL_setmetatable(L, program_meta);
  return 1;
}

/* Complains of -D names the script never asked for. */
static void check_options(Dsl *d) {
  for (int k = 0; k < d->noption; k++)
    if (!d->option[k].used)
      diag_error((Loc){mod->here.file, 0}, "-D %s: the model has no option of this name; it has %s",
                 d->option[k].name, d->asked ? d->asked : "none");
}

/* The Program at a stack position, or NULL where there is something else. */
Program *dsl_program(lua_State *L, int at) {
  Program **box = luaL_testudata(L, at, program_meta);
  if (!box) return NULL;
  check_options(dsl_state(L));
  return *box;
}

void dsl_open_program(lua_State *L) {
  luaL_newmetatable(L, program_meta);
  lua_pop(L, 1);
}

const luaL_Reg dsl_program_functions[] = {
    {"role", role}, {"reach", reach}, {"program", program}, {NULL, NULL}};

/*
** naming.c: names for what the script did not name, after what it is for
**
**   s = softmax(x)      s_max[i] = max k.  x[i, k]
**                       s_sum[i] = sum k.  exp(x[i, k] - s_max[i])
**
** A tensor serves the nearest named one that is computed from it. Names are hints, outside the
** hash, so they are set in place.
*/
#include <string.h>
#include "ir.h"

enum { LONGEST = 28 }; /* longer names tell a reader less */

const char *name_word(const Node *n) {
  static const char *const reduction[] = {"map", "sum", "prod", "max", "min"}; /* ORDER Combine */
  if (n_is_scatter(n)) return "scatter";
  if (n->comb != C_SET) return reduction[n->comb];
  if (n->body->kind == S_OP) return op_info[n->body->op].name;
  if (n->body->kind == S_READ) {
    const char *from = n->body->tensor->name;
    return from ? from : "copy";
  }
  return n->body->kind == S_CONST ? "fill" : "map";
}

/* Whether `name` ends with `_word`. */
static bool ends_with(const char *name, const char *word) {
  size_t n = strlen(name), w = strlen(word);
  return n > w && name[n - w - 1] == '_' && !strcmp(name + n - w, word);
}

static Names names_of(Order o) {
  Names used = {0};
  for (int i = 0; i < o.n; i++)
    if (o.node[i]->name && !o.node[i]->word) names_add(&used, o.node[i]->name);
  return used;
}

static void name_for(Node *n, const char *purpose, Names *used) {
  const char *word = n->name ? n->name : name_word(n);
  if (strlen(purpose) + strlen(word) >= LONGEST) return;
  const char *base = ends_with(purpose, word) ? purpose : str_format("%s_%s", purpose, word);
  n->name = name_claim(used, base);
  n->word = false;
}

void name_by_use(int nresult, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  int top = o.n ? o.node[o.n - 1]->id : -1;
  Names used = names_of(o);
  const char **purpose = NEWN(a, const char *, top + 1); /* by id: the nearest user's name */
  for (int i = o.n - 1; i >= 0; i--) {
    Node *n = o.node[i];
    const char *own = n->name && !n->word ? n->name : NULL;
    for (int k = 0; k < n->narg; k++)
      if (own || purpose[n->id]) purpose[n->arg[k]->id] = own ? own : purpose[n->id];
  }
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i];
    bool own = n->name && !n->word;
    if (!own && purpose[n->id] && n->kind == N_COMP) name_for(n, purpose[n->id], &used);
  }
  names_free(&used);
  arena_free(a);
}

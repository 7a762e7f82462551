/*
** picture.c: the graph of every entry as SVG, laid out in layers from top to bottom
**
** A node stands one layer below the lowest of what it reads; parameters and literals just above
** their first use. Edges over several layers bend through places of their own, so that they pass
** beside boxes. Within a layer, places are ordered by the mean of their neighbours, in some sweeps
** down and up, and then drawn towards them.
*/
#include <stdlib.h>
#include <string.h>
#include "explain.h"
#include "print.h"

enum { BOX_HEIGHT = 44, LAYER_GAP = 46, BOX_GAP = 18, BEND_WIDTH = 14 };
enum { SWEEPS = 12, MAX_LABEL = 40, MAX_LAYER = 5 };

/* A box or a bend in one layer. */
typedef struct Place {
  Node *node;         /* NULL: a bend of an edge */
  int layer, order;
  double x, width;    /* x: the middle */
  double key;
  int nup, ndown;     /* neighbours in the layers above and below */
  int *up, *down;
} Place;

typedef struct Picture {
  Arena *arena;
  Text *t;
  int n, cap;
  Place *place;
  int nlayer;
  int *layer_size;
  int **layer;        /* places of a layer, by order */
  bool *is_output;    /* by node id */
} Picture;

/* A box's second line: a short formula. */
static const char *label_of(Node *n) {
  Text t = {0};
  print_formula(&t, n);
  size_t len = strlen(t.s);
  const char *s = len <= MAX_LABEL ? str_intern(t.s) : str_format("%.*s…", MAX_LABEL - 1, t.s);
  text_free(&t);
  return s;
}

static const char *title_of(const Node *n) {
  Text t = {0};
  Naming names = {0};
  text_add(&t, "%s ", n->name ? n->name : "");
  if (n->rank >= 0) print_dims(&t, (Dtype)n->dtype, n->rank, n->dim, &names);
  if (n->fn) text_add(&t, "%s %s", n->kind == N_LOOP ? "loop" : "call", n->fn->name);
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

static int add_place(Picture *p, Node *n, int layer) {
  if (p->n == p->cap) {
    p->cap = p->cap ? p->cap * 2 : 64;
    Place *more = NEWN(p->arena, Place, p->cap);
    if (p->n) memcpy(more, p->place, sizeof *more * (size_t)p->n);
    p->place = more;
  }
  size_t chars = 0;
  if (n) {
    size_t a = strlen(title_of(n)), b = n->kind == N_PARAM ? 0 : strlen(label_of(n));
    chars = a > b ? a : b;
  }
  double width = n ? 20 + 6.6 * (double)chars : BEND_WIDTH;
  p->place[p->n] = (Place){.node = n, .layer = layer, .width = width};
  return p->n++;
}

static void add_neighbour(Arena *a, int **list, int *n, int v) {
  if ((*n & (*n - 1)) == 0) { /* room for a power of two */
    int *more = NEWN(a, int, *n ? *n * 2 : 1);
    if (*n) memcpy(more, *list, sizeof *more * (size_t)*n);
    *list = more;
  }
  (*list)[(*n)++] = v;
}

static void link_places(Picture *p, int above, int below) {
  add_neighbour(p->arena, &p->place[above].down, &p->place[above].ndown, below);
  add_neighbour(p->arena, &p->place[below].up, &p->place[below].nup, above);
}

/* Layers of the nodes in order: below what they read, and lower where MAX_LAYER nodes stand
** already; sources just above their first use. */
static int *layers_of(Picture *p, Order o) {
  int *layer = NEWN(p->arena, int, mod->nnode + 1), *least = NEWN(p->arena, int, mod->nnode + 1);
  int *count = NEWN(p->arena, int, 2 * o.n + 2);
  for (int k = 0; k < o.n; k++) least[o.node[k]->id] = INT32_MAX;
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    for (int j = 0; j < n->narg; j++)
      if (layer[n->arg[j]->id] >= layer[n->id]) layer[n->id] = layer[n->arg[j]->id] + 1;
    while (n->narg && count[layer[n->id]] == MAX_LAYER) layer[n->id]++;
    if (n->narg) count[layer[n->id]]++;
    for (int j = 0; j < n->narg; j++)
      if (layer[n->id] < least[n->arg[j]->id]) least[n->arg[j]->id] = layer[n->id];
  }
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    if (n->narg == 0 && least[n->id] != INT32_MAX) layer[n->id] = least[n->id] - 1;
    if (layer[n->id] + 1 > p->nlayer) p->nlayer = layer[n->id] + 1;
  }
  return layer;
}

/* Boxes and edges, with bends where an edge passes a layer. */
static void build_places(Picture *p, Order o) {
  int *layer = layers_of(p, o), *at = NEWN(p->arena, int, mod->nnode + 1);
  for (int k = 0; k < o.n; k++) at[o.node[k]->id] = add_place(p, o.node[k], layer[o.node[k]->id]);
  int **chain = NEWN(p->arena, int *, mod->nnode + 1),
      *length = NEWN(p->arena, int, mod->nnode + 1);
  for (int k = 0; k < o.n; k++)
    for (int j = 0; j < o.node[k]->narg; j++) {
      int id = o.node[k]->arg[j]->id, from = at[id], to = at[o.node[k]->id];
      int bends = p->place[to].layer - p->place[from].layer - 1;
      if (!chain[id]) chain[id] = NEWN(p->arena, int, p->nlayer + 1);
      for (; length[id] < bends; length[id]++) { /* all edges of a node share one chain */
        int above = length[id] ? chain[id][length[id] - 1] : from;
        int bend = add_place(p, NULL, p->place[from].layer + 1 + length[id]);
        link_places(p, above, bend);
        chain[id][length[id]] = bend;
      }
      link_places(p, bends ? chain[id][bends - 1] : from, to);
    }
  p->layer_size = NEWN(p->arena, int, p->nlayer + 1);
  p->layer = NEWN(p->arena, int *, p->nlayer + 1);
  for (int k = 0; k < p->n; k++) p->layer_size[p->place[k].layer]++;
  for (int y = 0; y < p->nlayer; y++) {
    p->layer[y] = NEWN(p->arena, int, p->layer_size[y] + 1);
    p->layer_size[y] = 0;
  }
  for (int k = 0; k < p->n; k++) {
    int y = p->place[k].layer;
    p->place[k].order = p->layer_size[y];
    p->layer[y][p->layer_size[y]++] = k;
  }
}

/* Sorts a layer by key, equal keys as they stood; layers are short or nearly sorted. */
static void sort_layer(Picture *p, int y) {
  int *list = p->layer[y], n = p->layer_size[y];
  for (int i = 1; i < n; i++) {
    int v = list[i], j = i;
    for (; j > 0 && p->place[list[j - 1]].key > p->place[v].key; j--) list[j] = list[j - 1];
    list[j] = v;
  }
  for (int i = 0; i < n; i++) p->place[list[i]].order = i;
}

static double mean_of(const Picture *p, int n, const int *list, bool by_x, double otherwise) {
  double s = 0;
  for (int k = 0; k < n; k++) s += by_x ? p->place[list[k]].x : p->place[list[k]].order;
  return n ? s / n : otherwise;
}

static void order_layers(Picture *p) {
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    bool downwards = sweep % 2 == 0;
    for (int i = 0; i < p->nlayer; i++) {
      int y = downwards ? i : p->nlayer - 1 - i;
      for (int k = 0; k < p->layer_size[y]; k++) {
        Place *q = &p->place[p->layer[y][k]];
        q->key = downwards ? mean_of(p, q->nup, q->up, false, q->order)
                           : mean_of(p, q->ndown, q->down, false, q->order);
      }
      sort_layer(p, y);
    }
  }
}

/* Puts the boxes of a layer near their keys, without overlap. */
static void spread_layer(Picture *p, int y) {
  int n = p->layer_size[y], *list = p->layer[y];
  for (int i = 0; i < n; i++) {
    Place *q = &p->place[list[i]];
    q->x = q->key;
    if (!i) continue;
    const Place *left = &p->place[list[i - 1]];
    double gap = left->node || q->node ? BOX_GAP : BOX_GAP / 3.0;
    double least = left->x + left->width / 2 + gap + q->width / 2;
    if (q->x < least) q->x = least;
  }
  double shift = 0;
  for (int i = 0; i < n; i++) shift += p->place[list[i]].x - p->place[list[i]].key;
  for (int i = 0; i < n; i++) p->place[list[i]].x -= shift / n;
}

static void place_layers(Picture *p) {
  for (int y = 0; y < p->nlayer; y++) {
    double x = 0;
    for (int k = 0; k < p->layer_size[y]; k++) {
      Place *q = &p->place[p->layer[y][k]];
      q->x = x + q->width / 2;
      x += q->width + BOX_GAP;
    }
  }
  for (int sweep = 0; sweep < SWEEPS; sweep++)
    for (int i = 0; i < p->nlayer; i++) {
      int y = sweep % 2 ? p->nlayer - 1 - i : i;
      for (int k = 0; k < p->layer_size[y]; k++) {
        Place *q = &p->place[p->layer[y][k]];
        double up = mean_of(p, q->nup, q->up, true, q->x);
        double down = mean_of(p, q->ndown, q->down, true, q->x);
        q->key = !q->nup ? down : !q->ndown ? up : (up + down) / 2;
      }
      spread_layer(p, y);
    }
}

/* Drawing */

static void put_escaped(Text *t, const char *s) {
  for (; *s; s++) {
    if (*s == '<') text_add(t, "&lt;");
    else if (*s == '>') text_add(t, "&gt;");
    else if (*s == '&') text_add(t, "&amp;");
    else text_put(t, s, 1);
  }
}

static const char *class_of(const Picture *p, const Node *n) {
  if (p->is_output[n->id]) return "out";
  if (n->kind == N_PARAM && n->role == P_WEIGHT) return "weight";
  if (n->kind == N_PARAM) return n->role == P_STATE ? "state" : "in";
  if (n->kind == N_LIT) return "lit";
  if (n->kind != N_COMP) return "call";
  return n_is_map(n) ? "map" : n_is_scatter(n) ? "scatter" : "reduce";
}

static double top_of(const Place *q) { return 40 + (double)q->layer * (BOX_HEIGHT + LAYER_GAP); }

static void draw_edges(Picture *p) {
  for (int k = 0; k < p->n; k++)
    for (int j = 0; j < p->place[k].ndown; j++) {
      const Place *a = &p->place[k], *b = &p->place[p->place[k].down[j]];
      double y0 = top_of(a) + (a->node ? BOX_HEIGHT : BOX_HEIGHT / 2.0);
      double y1 = top_of(b) + (b->node ? 0 : BOX_HEIGHT / 2.0), half = (y1 - y0) / 2;
      text_add(p->t, "<path class=\"e%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
               b->node ? " a" : "", a->x, y0, a->x, y0 + half, b->x, y1 - half, b->x,
               y1 - (b->node ? 4 : 0));
    }
}

static void draw_box(Picture *p, const Place *q) {
  Text full = {0};
  print_formula(&full, q->node);
  text_add(p->t, "<g><title>");
  put_escaped(p->t, full.s);
  if (q->node->loc.file && q->node->loc.line > 0)
    text_add(p->t, "\n%s:%d", q->node->loc.file, q->node->loc.line);
  text_add(p->t, "</title><rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" ", class_of(p, q->node),
           q->x - q->width / 2, top_of(q));
  text_add(p->t, "width=\"%.1f\" height=\"%d\" rx=\"6\"/>", q->width, BOX_HEIGHT);
  bool two = q->node->kind != N_PARAM;
  text_add(p->t, "<text class=\"n\" x=\"%.1f\" y=\"%.1f\">", q->x, top_of(q) + (two ? 18 : 27));
  put_escaped(p->t, title_of(q->node));
  text_add(p->t, "</text>");
  if (two) {
    text_add(p->t, "<text class=\"f\" x=\"%.1f\" y=\"%.1f\">", q->x, top_of(q) + 34);
    put_escaped(p->t, label_of(q->node));
    text_add(p->t, "</text>");
  }
  text_add(p->t, "</g>\n");
  text_free(&full);
}

/* Draws one entry's graph with its corner at (20, y); returns its height, and widens *width. */
static double draw_entry(Text *t, const Program *prog, const Entry *e, double y, double *width) {
  Picture p = {.arena = arena_new(), .t = t};
  Func *f = explain_func(prog, e, NULL);
  Order o = graph_order(p.arena, f->nresult, f->result);
  p.is_output = NEWN(p.arena, bool, mod->nnode + 1);
  for (int k = 0; k < f->nresult; k++) p.is_output[f->result[k]->id] = true;
  build_places(&p, o);
  order_layers(&p);
  place_layers(&p);
  double left = 1e300, right = -1e300;
  for (int k = 0; k < p.n; k++) {
    const Place *q = &p.place[k];
    left = q->x - q->width / 2 < left ? q->x - q->width / 2 : left;
    right = q->x + q->width / 2 > right ? q->x + q->width / 2 : right;
  }
  if (!p.n) left = right = 0;
  if (right - left + 40 > *width) *width = right - left + 40;
  text_add(t, "<text class=\"h\" x=\"20\" y=\"%.1f\">entry %s</text>\n", y + 20, e->name);
  text_add(t, "<g transform=\"translate(%.1f %.1f)\">\n", 20 - left, y);
  draw_edges(&p);
  for (int k = 0; k < p.n; k++)
    if (p.place[k].node) draw_box(&p, &p.place[k]);
  text_add(t, "</g>\n");
  double height = 40 + (double)p.nlayer * (BOX_HEIGHT + LAYER_GAP);
  arena_free(p.arena);
  return height;
}

static const char style[] =
    "<style>text{font:11px ui-monospace,Menlo,Consolas,monospace;text-anchor:middle;fill:#1b2733}"
    ".n{font-weight:600}.f{fill:#4a5a68}.h{font-size:16px;font-weight:700;text-anchor:start}"
    "rect{stroke:#5b7083;stroke-width:1}.in{fill:#cfe8ff}.weight{fill:#ffe3b8}.state{fill:#e4e7eb}"
    ".lit{fill:#f4f4f4}.map{fill:#eef6ee}.reduce{fill:#c9ecd0}.scatter{fill:#ffd2d2}"
    ".call{fill:#e6d9ff}.out{fill:#fff7b0;stroke-width:2}"
    ".e{fill:none;stroke:#8a9aa8;stroke-width:1.2}.a{marker-end:url(#tip)}</style>\n"
    "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"7\""
    " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#8a9aa8\"/></marker>"
    "</defs>\n";

/* Writes the picture of every entry but init to the file. */
void explain_picture(Program *p, const char *path) {
  Text body = {0}, all = {0};
  double width = 200, height = 10;
  for (int k = 0; k < p->nentry; k++)
    if (p->entry[k].kind != E_INIT) height += draw_entry(&body, p, &p->entry[k], height, &width);
  text_add(&all, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                 "viewBox=\"0 0 %.0f %.0f\">\n<rect width=\"100%%\" height=\"100%%\" "
                 "style=\"fill:#fff;stroke:none\"/>\n%s%s</svg>\n",
           width, height, width, height, style, body.s ? body.s : "");
  FILE *f = fopen(path, "wb");
  bool done = f && fwrite(all.s, 1, all.n, f) == all.n;
  if (f && fclose(f)) done = false;
  text_free(&body);
  text_free(&all);
  if (!done) diag_error((Loc){path, 0}, "the picture cannot be written");
}

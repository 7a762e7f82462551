/*
** contraction.c: register tiles as C: vectors, an unrolled row loop, one multiply-add a term
**
**   rt_f32x8 acc[6][2] = {0};
**   for (int k = 0; k < 784; k++) {
**     const rt_f32x8 w_0 = rt_load_f32x8(&w[k][j]), w_1 = rt_load_f32x8(&w[k][j + 8]);
**     RT_UNROLL
**     for (int r = 0; r < 6; r++) {
**       const float x_r = x[i + r][k];
**       rt_fma_f32x8(&acc[r][0], x_r, &w_0);
**       rt_fma_f32x8(&acc[r][1], x_r, &w_1);
**     }
**   }
*/
#include "cgen.h"
#include "lower.h"

enum {
  PREC_SUM = 12,
  MANY_SUMS = 20 /* vectors of a tile */
};

/* Where vector u of a tile starts. */
static Scalar *vector_at(const Contract *k, int u) {
  int at = u * k->lanes, last = k->columns - k->lanes;
  return s_int(at < last ? at : last < 0 ? 0 : last);
}

static void indent(Cg *c) { text_add(c->t, "%*s", 2 * c->indent, ""); }

/* rt_load_f32x8, or rt_load_step2_f32x8 of every second element. */
static void print_load(Cg *c, const char *load, int step, const char *type) {
  text_add(c->t, "rt_%s%s_%s(", load, step > 1 ? str_format("_step%d", step) : "", type);
}

/* One load for every vector of columns. */
static void print_loads(Cg *c, const Contract *k, const char *type, const char *name) {
  Scalar *by[512] = {0};
  for (int u = 0; u < k->vectors; u++) {
    by[k->col_axis] = vector_at(k, u);
    Scalar *at = s_subst_axes(k->vec, k->col_axis + 1, by);
    indent(c);
    text_add(c->t, "const rt_%s %s_%d = ", type, name, u);
    print_load(c, "load", k->vec_step, type);
    text_add(c->t, "&");
    print_access(c, at->tensor, at->arg);
    text_add(c->t, ");\n");
  }
}

static void print_one(Cg *c, const Contract *k, const char *name) {
  indent(c);
  text_add(c->t, "const %s %s_r = ", dtype_c(k->dtype), name);
  print_access(c, k->one->tensor, k->one->arg);
  text_add(c->t, ";\n");
}

static void print_extent(Cg *c, Scalar *extent, int prec) {
  bool index = c->index;
  c->index = true;
  cg_expr(c, extent, prec);
  c->index = index;
}

static void print_bounds(Cg *c, const char *axis, Scalar *lo, Scalar *hi) {
  indent(c);
  text_add(c->t, "for (int %s = ", axis);
  print_extent(c, lo, 0);
  text_add(c->t, "; %s < ", axis);
  print_extent(c, hi, 11);
  text_add(c->t, "; %s++) {\n", axis);
  c->indent++;
}

static void print_loop(Cg *c, const char *axis, Scalar *extent) {
  print_bounds(c, axis, s_int(0), extent);
}

/* A loop by steps of so many, as far as these are whole. */
static void print_steps(Cg *c, const char *axis, Scalar *extent, int step) {
  indent(c);
  text_add(c->t, "for (int %s = 0; %s < ", axis, axis);
  print_extent(c, s_sub(extent, s_int(step - 1)), 11);
  text_add(c->t, "; %s += %d) {\n", axis, step);
  c->indent++;
}

/* The loop over the terms along reduced axis q. */
static void print_terms(Cg *c, const Contract *k, int q) {
  Scalar *extent = c->k->axis[k->red[q]].extent;
  print_bounds(c, cg_axis(c, k->red[q]), k->lo[q] ? k->lo[q] : s_int(0), k->hi[q] ? k->hi[q] : extent);
}

static void close_brace(Cg *c) {
  c->indent--;
  indent(c);
  text_add(c->t, "}\n");
}

/* A loop over the rows; of one row, which print_contract declares, nothing. */
static void print_row_loop(Cg *c, const Contract *k) {
  if (k->rows == 1) return;
  indent(c);
  text_add(c->t, "RT_UNROLL\n");
  print_loop(c, cg_axis(c, k->row_axis), s_int(k->rows));
}

/* The address of an operand, with the column or the start of its terms put in. */
static void print_address(Cg *c, Scalar *read, int axis, Scalar *at) {
  Scalar *by[512] = {0};
  by[axis] = at;
  Scalar *s = s_subst_axes(read, axis + 1, by);
  text_add(c->t, "&");
  print_access(c, s->tensor, s->arg);
}

/* One step of dot products: a run of terms of every row and column. `some`: how many, or NULL. */
static void print_dot_step(Cg *c, const Contract *k, const char *type, const char *some) {
  const char *load = some ? "load_tail" : "load", *r = cg_axis(c, k->row_axis);
  const char *one = c->canonical ? "one" : k->one_name, *vec = c->canonical ? "vec" : k->vec_name;
  for (int u = 0; u < k->vectors; u++) {
    indent(c);
    text_add(c->t, "const rt_%s %s_%d = ", type, vec, u);
    print_load(c, load, k->vec_step, type);
    print_address(c, k->vec, k->col_axis, s_int(u));
    text_add(c->t, "%s%s);\n", some ? ", " : "", some ? some : "");
  }
  print_row_loop(c, k);
  indent(c);
  text_add(c->t, "const rt_%s %s_r = ", type, one);
  print_load(c, load, k->one_step, type);
  print_address(c, k->one, k->row_axis, s_axis(k->row_axis));
  text_add(c->t, "%s%s);\n", some ? ", " : "", some ? some : "");
  for (int u = 0; u < k->vectors; u++) {
    indent(c);
    text_add(c->t, "rt_dot%s_%s(&acc[%s][%d], &%s_r, &%s_%d);\n",
             k->pair == PAIR_SQUARE ? "_square" : "", type, r, u, one, vec, u);
  }
  if (k->rows > 1) close_brace(c);
}

/* A tile of dot products:
**   for (int k = 0; k < n / 16 * 16; k += 16) rt_dot_f32x16(&acc[row][0], &a_r, &b_0);
**   the rest of the terms as one run filled up with zeros; then the lanes are folded. */
static void print_dots(Cg *c, const Contract *k, const char *type) {
  int last = k->red[k->nred - 1];
  const char *j = cg_axis(c, last), *r = cg_axis(c, k->row_axis), *tile = cg_name(c, k->tile);
  Scalar *extent = c->k->axis[last].extent;
  int64_t known = -1;
  s_const_value(extent, &known);
  for (int q = k->outer; q + 1 < k->nred; q++) print_terms(c, k, q);
  if (known < 0 || known >= k->lanes) {
    print_steps(c, j, extent, k->lanes);
    print_dot_step(c, k, type, NULL);
    close_brace(c);
  }
  if (known < 0 || known % k->lanes) {
    indent(c);
    if (known < 0) {
      text_add(c->t, "if (");
      print_extent(c, s_op2(OP_MOD, extent, s_int(k->lanes)), 10);
      text_add(c->t, " > 0) ");
    }
    text_add(c->t, "{\n");
    c->indent++;
    indent(c);
    text_add(c->t, "const int some = ");
    print_extent(c, s_op2(OP_MOD, extent, s_int(k->lanes)), 0);
    text_add(c->t, ", %s = ", j);
    print_extent(c, extent, PREC_SUM);
    text_add(c->t, " - some;\n");
    Text tail = {0}; /* the arguments that say how much of the row is left */
    Cg arg = *c;
    arg.t = &tail;
    text_add(&tail, "some, ");
    print_extent(&arg, extent, 0);
    print_dot_step(c, k, type, tail.s);
    text_free(&tail);
    close_brace(c);
  }
  for (int q = k->outer; q + 1 < k->nred; q++) close_brace(c);
  print_row_loop(c, k);
  for (int u = 0; u < k->vectors; u++) {
    indent(c);
    text_add(c->t, "%s[%s][%d] %s rt_fold_sum_%s((const %s *)&acc[%s][%d]);\n", tile, r, u,
             k->outer ? "+=" : "=", dtype_name(k->dtype), dtype_c(k->dtype), r, u);
  }
  if (k->rows > 1) close_brace(c);
}

static void print_tile_place(Cg *c, const Contract *k, int u) {
  print_address(c, k->sum, k->col_axis, vector_at(k, u));
}

/* A row of sums goes to the tile. A last vector that was moved back adds to what is there before
** the one it overlaps with does. */
static void print_sums(Cg *c, const Contract *k, const char *type, bool adds) {
  bool back = adds && k->columns < k->vectors * k->lanes;
  const char *r = cg_axis(c, k->row_axis);
  int last = k->vectors - 1;
  if (back) {
    indent(c);
    text_add(c->t, "const rt_%s last = rt_load_%s(", type, type);
    print_tile_place(c, k, last);
    text_add(c->t, ") + acc[%s][%d];\n", r, last);
  }
  for (int u = 0; u < k->vectors; u++) {
    indent(c);
    text_add(c->t, "rt_%s_%s(", adds && !(back && u == last) ? "add" : "store", type);
    print_tile_place(c, k, u);
    if (back && u == last) text_add(c->t, ", &last);\n");
    else text_add(c->t, ", &acc[%s][%d]);\n", r, u);
  }
}

static void print_all_sums(Cg *c, const Contract *k, const char *type, bool adds) {
  print_row_loop(c, k);
  print_sums(c, k, type, adds);
  if (k->rows > 1) close_brace(c);
}

static void open_if(Cg *c, Scalar *test) {
  indent(c);
  text_add(c->t, "if (");
  print_extent(c, test, 0);
  text_add(c->t, ") {\n");
  c->indent++;
}

static void print_else(Cg *c) {
  c->indent--;
  indent(c);
  text_add(c->t, "} else {\n");
  c->indent++;
}

/* All sums go to what is there, or, at first, where nothing is. */
static void print_added(Cg *c, const Contract *k, const char *type) {
  if (k->first) {
    open_if(c, k->first);
    print_all_sums(c, k, type, false);
    print_else(c);
  }
  print_all_sums(c, k, type, k->outer || k->adds);
  if (k->first) close_brace(c);
}

/* What does not change from term to term, in registers:
**   rt_f32x8 here[3][2];
**   for (int row = 0; row < 3; row++) here[row][0] = rt_load_f32x8(&x[i + row][j]); */
static void print_here(Cg *c, const Contract *k, const char *type) {
  Scalar *by[512] = {0};
  indent(c);
  text_add(c->t, "rt_%s here[%d][%d];\n", type, k->rows, k->vectors);
  print_row_loop(c, k);
  for (int u = 0; u < k->vectors; u++) {
    by[k->col_axis] = vector_at(k, u);
    Scalar *at = s_subst_axes(k->here, k->col_axis + 1, by);
    indent(c);
    text_add(c->t, "here[%s][%d] = rt_load_%s(&", cg_axis(c, k->row_axis), u, type);
    print_access(c, at->tensor, at->arg);
    text_add(c->t, ");\n");
  }
  if (k->rows > 1) close_brace(c);
}

/* An element of a row times every vector, or what its term is, added to the row's sums. */
static void print_fma(Cg *c, const Contract *k, const char *type, const char *one,
                      const char *vec) {
  const char *r = cg_axis(c, k->row_axis);
  for (int u = 0; u < k->vectors; u++) {
    const char *y = str_format("&%s_%d", vec, u), *here = str_format("&here[%s][%d]", r, u);
    indent(c);
    text_add(c->t, "rt_%s_%s(&acc[%s][%d], %s_r, ",
             k->here ? "apart" : k->pair == PAIR_SQUARE ? "square" : "fma", type, r, u, one);
    if (k->pair == PAIR_TO) text_add(c->t, "%s, %s);\n", here, y);
    else if (k->pair == PAIR_FROM) text_add(c->t, "%s, %s);\n", y, here);
    else text_add(c->t, "%s);\n", y);
  }
}

/* Vectors that slide past the rows, a row of them and the results it belongs to: see lower_slide.c.
**   const rt_f32x8 z_0 = rt_load_f32x8(&z[k][i + n][j + m]);
**   for (int row = 0; row < 12; row++) {
**     const int l = n - row;
**     if (0 <= l && l < 7) rt_fma_f32x8(&acc[row][0], h[k][l][m], &z_0);
**   } */
static void print_slide(Cg *c, const Contract *k, const char *type, const char *one,
                        const char *vec) {
  const char *term = cg_axis(c, k->red[k->slide]);
  print_loads(c, k, type, vec);
  print_row_loop(c, k);
  indent(c);
  text_add(c->t, "const int %s = ", term);
  print_extent(c, k->slide_term, 0);
  text_add(c->t, ";\n");
  indent(c);
  text_add(c->t, "if (0 <= %s && %s < ", term, term);
  print_extent(c, c->k->axis[k->red[k->slide]].extent, 11);
  text_add(c->t, ") {\n");
  c->indent++;
  print_one(c, k, one);
  print_fma(c, k, type, one, vec);
  close_brace(c);
  if (k->rows > 1) close_brace(c);
}

/* One term: a row of vectors times an element of every row. */
static void print_term(Cg *c, const Contract *k, const char *type, const char *one,
                       const char *vec) {
  if (!k->vec_by_row) print_loads(c, k, type, vec);
  if (!k->one_by_row) print_one(c, k, one);
  print_row_loop(c, k);
  if (k->one_by_row) print_one(c, k, one);
  if (k->vec_by_row) print_loads(c, k, type, vec);
  print_fma(c, k, type, one, vec);
  if (k->rows > 1) close_brace(c);
}

/* Whether term loop q of a tile must stay a loop: so many sums leave no registers for what terms
** that are written out would share. */
static bool stays_rolled(const Cg *c, const Contract *k, int q) {
  int64_t terms;
  bool last = q == k->nred - 1 && q > k->outer && k->slide < 0;
  return last && k->rows * k->vectors >= MANY_SUMS &&
         s_const_value(c->k->axis[k->red[q]].extent, &terms);
}

/* The last terms of one row, `split` sums at once as if they were rows:
**   for (int k = 0; k < 509; k += 4) {
**     for (int l = 0; l < 4; l++) .. acc[l][0] .. x[k + l] ..
**   }
** The terms that are left go to the first of them. */
static void print_split(Cg *c, const Contract *k, const char *type, const char *one,
                        const char *vec) {
  int last = k->red[k->nred - 1];
  const char *j = cg_axis(c, last);
  Scalar *extent = c->k->axis[last].extent, *rest = s_op2(OP_MOD, extent, s_int(k->split));
  Scalar *by[512] = {0};
  Contract parts = *k;
  by[k->row_axis] = s_int(0);
  by[last] = s_add(s_axis(last), s_axis(k->part_axis));
  parts.one = s_subst_axes(k->one, 512, by);
  parts.vec = s_subst_axes(k->vec, 512, by);
  parts.row_axis = k->part_axis;
  parts.rows = k->split;
  parts.one_by_row = parts.vec_by_row = true;
  print_steps(c, j, extent, k->split);
  print_term(c, &parts, type, one, vec);
  close_brace(c);
  if (!s_is_int(rest, 0)) {
    print_bounds(c, j, s_sub(extent, rest), extent);
    print_term(c, k, type, one, vec);
    close_brace(c);
  }
}

/* The sums of the parts, added to the first. */
static void print_join(Cg *c, const Contract *k) {
  const char *part = cg_axis(c, k->part_axis);
  indent(c);
  text_add(c->t, "for (int %s = 1; %s < %d; %s++) {\n", part, part, k->split, part);
  for (int u = 0; u < k->vectors; u++) {
    indent(c);
    text_add(c->t, "  acc[0][%d] += acc[%s][%d];\n", u, part, u);
  }
  indent(c);
  text_add(c->t, "}\n");
}

/* A tile of outer products: every column vector times an element of every row. */
static void print_outer(Cg *c, const Contract *k, const char *type) {
  const char *one = c->canonical ? "one" : k->one_name, *vec = c->canonical ? "vec" : k->vec_name;
  int nloop = k->nred - (k->split > 1);
  for (int q = k->outer; q < nloop; q++) {
    if (q == k->slide) indent(c), text_add(c->t, "RT_UNROLL\n");
    if (stays_rolled(c, k, q)) indent(c), text_add(c->t, "RT_ROLLED\n");
    if (q == k->slide) print_loop(c, cg_axis(c, k->slide_axis), c->k->axis[k->slide_axis].extent);
    else print_terms(c, k, q);
  }
  if (k->slide >= 0) print_slide(c, k, type, one, vec);
  else if (k->split > 1) print_split(c, k, type, one, vec);
  else print_term(c, k, type, one, vec);
  for (int q = k->outer; q < nloop; q++) close_brace(c);
  if (k->split > 1) print_join(c, k);
  if (k->late) {
    Contract home = *k;
    home.sum = k->home;
    open_if(c, k->late);
    print_all_sums(c, k, type, false);
    print_else(c);
    print_added(c, &home, type);
    close_brace(c);
  } else {
    print_added(c, k, type);
  }
}

void print_contract(Cg *c, const Stmt *s) {
  const Contract *k = s->contract;
  const char *type = str_format("%sx%d", dtype_name(k->dtype), k->lanes);
  for (int q = 0; q < k->outer; q++) print_terms(c, k, q);
  if (k->outer == 0) {
    indent(c);
    text_add(c->t, "{\n");
    c->indent++;
  }
  indent(c);
  text_add(c->t, "rt_%s acc[%d][%d] = {{{0}}};\n", type, k->rows * k->split, k->vectors);
  if (k->rows == 1) indent(c), text_add(c->t, "const int %s = 0;\n", cg_axis(c, k->row_axis));
  if (k->here) print_here(c, k, type);
  if (k->dot) print_dots(c, k, type);
  else print_outer(c, k, type);
  for (int q = 0; q < (k->outer ? k->outer : 1); q++) close_brace(c);
}

/* The elements between two neighbours of a read along an axis; NULL: not always the same. */
static Scalar *stride_along(const Scalar *read, int axis) {
  Scalar *stride = s_int(0), *coef, *rest;
  for (int d = 0; d < read->narg; d++) {
    if (!s_uses_axis(read->arg[d], axis)) continue;
    if (!affine_split(read->arg[d], axis, &coef, &rest) || s_has_axis(coef)) return NULL;
    for (int e = d + 1; e < read->narg; e++) coef = s_mul(coef, read->tensor->dim[e]);
    stride = s_add(stride, coef);
  }
  return stride;
}

/* rt_turn_f32(&columns[0][0], 16, &b[j][k], 512, 16, n - j, 256): a loop that `turns`, in registers
** where its operand is contiguous along the terms. Returns whether it is. */
bool print_turn(Cg *c, const Stmt *s) {
  const Stmt *terms = s->body[0], *store = terms->n ? terms->body[0] : NULL;
  if (s->n != 1 || terms->kind != ST_FOR || terms->n != 1 || store->kind != ST_STORE) return false;
  const Scalar *from = store->value;
  bool some = from->kind == S_OP && from->op == OP_WHERE;
  Scalar *rows = s->hi, *here = some ? from->arg[0] : NULL;
  if (some && (here->kind != S_OP || here->op != OP_LT)) return false;
  if (some) from = from->arg[1];
  int last = store->to->rank - 1;
  if (from->kind != S_READ || s_has_axis(store->to->dim[last])) return false;
  Scalar *across = stride_along(from, s->axis), *along = stride_along(from, terms->axis);
  Scalar *to = s_read((Node *)store->to, store->index, NULL);
  Scalar *step = stride_along(to, terms->axis), *next = stride_along(to, s->axis);
  if (!across || !along || !step || !next || !s_is_int(along, 1) || !s_is_int(next, 1))
    return false;
  Scalar *zero[MAX_KERNEL_AXES] = {0};
  zero[s->axis] = zero[terms->axis] = s_int(0);
  if (some) here = s_subst_axes(s_sub(here->arg[1], here->arg[0]), MAX_KERNEL_AXES, zero);
  to = s_subst_axes(to, MAX_KERNEL_AXES, zero);
  Scalar *first = s_subst_axes((Scalar *)from, MAX_KERNEL_AXES, zero);
  indent(c);
  text_add(c->t, "rt_turn_%s(&", dtype_name((Dtype)store->to->dtype));
  print_access(c, to->tensor, to->arg);
  Scalar *args[] = {step, NULL, across, rows, some ? here : rows, terms->hi};
  for (int k = 0; k < 6; k++) {
    text_add(c->t, k == 1 ? ", &" : ", ");
    if (k == 1) print_access(c, first->tensor, first->arg);
    else print_extent(c, args[k], 0);
  }
  text_add(c->t, ");\n");
  return true;
}

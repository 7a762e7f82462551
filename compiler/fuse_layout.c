/*
** fuse_layout.c: strided operands of a contraction as copies with stride one
**
**   y[f, j] = sum v. w[f, v] * x[2 * j + v]     becomes    x_split[v, j] = x[2 * j + v]
**                                                          y[f, j] = sum v. w[f, v] * x_split[v, j]
** A vector then runs along j. Where no axis can be split off so, an axis that one operand alone has
** is made its last one:
**
**   y[f, v] = sum j. d[f, j] * x[2 * j + v]  becomes  d_turned[j, f] = d[f, j], a vector runs along f
**
** Done only where no other axis would do, and where each element of the copy is used often.
*/
#include "fuse.h"
#include "lower_tile.h"

enum { MIN_USES = 6 /* of an element of the copy, for it to pay */ };

static bool uses(const Scalar *read, int p) {
  for (int d = 0; d < read->narg; d++)
    if (s_uses_axis(read->arg[d], p)) return true;
  return false;
}

static bool is_short(const Scalar *extent, int64_t least) {
  int64_t v;
  return s_const_value(extent, &v) && v < least;
}

/* Whether register tiles find an axis for their vectors as things are. */
static bool has_vector_axis(const Node *n, Scalar *const *read) {
  for (int p = 0; p < n->rank; p++)
    for (int k = 0; k < 2; k++)
      if (!is_short(n->dom[p], 4) && read_step(read[k], p) && !uses(read[1 - k], p)) return true;
  int last = n->ndom - 1, one = read_step(read[0], last), other = read_step(read[1], last);
  return one && other && !is_short(n->dom[last], one == 1 && other == 1 ? 8 : 16);
}

/* The read through a copy in which axis p, of a long stride in the last index, has an index of
** its own; NULL: the index is not of that form, or the copy does not pay. */
static Scalar *split_read(const Node *n, Scalar *read, int p) {
  Scalar *dim[MAX_RANK + 1], *at[MAX_RANK], *index[MAX_RANK + 1], *coef, *rest, *one, *shift;
  int last = read->narg - 1, rank = last, q = -1;
  int64_t step;
  if (!affine_split(read->arg[last], p, &coef, &rest) || !s_const_value(coef, &step) || step < 2)
    return NULL;
  for (int a = 0; a < n->ndom; a++)
    if (a != p && s_uses_axis(rest, a)) {
      if (q >= 0 || !affine_split(rest, a, &one, &shift) || !s_is_int(one, 1)) return NULL;
      q = a;
    }
  if (s_has_read(rest) || rank + 2 > MAX_RANK) return NULL;
  for (int d = 0; d < last; d++) {
    dim[d] = read->tensor->dim[d];
    at[d] = s_axis(d);
    index[d] = read->arg[d];
  }
  Scalar *from = q < 0 ? rest : s_add(shift, s_axis(rank));
  if (q >= 0) {
    dim[rank] = n->dom[q];
    index[rank++] = s_axis(q);
  }
  dim[rank] = n->dom[p];
  at[last] = s_add(from, s_mul(coef, s_axis(rank)));
  index[rank++] = s_axis(p);
  if (usual_count(rank, dim) * MIN_USES > usual_count(n->ndom, n->dom)) return NULL;
  Node *copy = n_map(rank, dim, s_read(read->tensor, at, NULL));
  if (read->tensor->name) n_named(copy, str_format("%s_split", read->tensor->name));
  return s_read(copy, index, NULL);
}

/* The read through a copy whose last axis is the one that AXIS(p) indexes; NULL: there is no such
** axis, or the copy does not pay. */
static Scalar *turned_read(const Node *n, Scalar *read, int p) {
  Scalar *dim[MAX_RANK], *at[MAX_RANK], *index[MAX_RANK], *axis = s_axis(p);
  int last = read->narg - 1, turned = -1, next = 0;
  for (int d = 0; d <= last; d++)
    if (read->arg[d] == axis && turned < 0) turned = d;
    else if (s_uses_axis(read->arg[d], p)) return NULL;
  if (turned < 0 || turned == last) return NULL;
  if (usual_count(read->narg, read->tensor->dim) * MIN_USES > usual_count(n->ndom, n->dom))
    return NULL;
  for (int d = 0; d <= last; d++) {
    int to = d == turned ? last : next++;
    dim[to] = read->tensor->dim[d];
    index[to] = read->arg[d];
    at[d] = s_axis(to);
  }
  Node *copy = n_map(read->narg, dim, s_read(read->tensor, at, NULL));
  if (read->tensor->name) n_named(copy, str_format("%s_turned", read->tensor->name));
  return s_read(copy, index, NULL);
}

Node *unit_stride_contraction(Node *n) {
  Scalar *b = n->body;
  if (b->kind != S_OP || b->op != OP_MUL) return n;
  if (!s_is_plain_read(b->arg[0]) || !s_is_plain_read(b->arg[1])) return n;
  if (has_vector_axis(n, b->arg)) return n;
  for (int t = 0; t < 4; t++)
    for (int p = n->ndom - 1, k = t % 2; p >= 0; p--) {
      Scalar *r[2] = {b->arg[0], b->arg[1]};
      if (t < 2) r[k] = split_read(n, b->arg[k], p);
      else r[k] = is_short(n->dom[p], 8) ? NULL : turned_read(n, b->arg[k], p);
      if (!r[k] || !has_vector_axis(n, r)) continue;
      return n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule,
                    s_mul(r[0], r[1]));
    }
  return n;
}

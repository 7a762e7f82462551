/*
** lower_tail.c: sums of columns beside the rows that they are sums of
**
**   y[i, j] = f(x[i, j], s[i]);  b[j] = sum i. y[i, j]     becomes
**
**   for c < 8 on threads:   acc[j] = 0
**                           for rows i of chunk c:   y[i][j] = ..;  acc[j] += y[i][j]
**                           partial[c] = acc
**   for j:                  b[j] = partial[0][j] + partial[1][j] + ..
**
** So a row is summed while it is in the first cache, and need not be stored where only the sums
** read it. The chunks are those of lower_chunk.c: they do not depend on threads.
*/
#include "lower.h"
#include "fuse.h"

/* Opens loops over the axes of n, from 0 on; index[] is where they are. */
static Stmt *loops_over(Low *l, const Node *n, Scalar **index, Stmt *in) {
  for (int d = 0; d < n->rank; d++) {
    int axis = low_axis(l, n->dim[d], NULL);
    index[d] = low_at(l, axis);
    if (!s_is_int(n->dim[d], 1)) in = stmt_add(in, stmt_for(axis, s_int(0), n->dim[d], n->loc));
  }
  return in;
}

/* The rows of the chunk that axis c counts. */
static Stmt *chunk_rows(Low *l, int c, Stmt *in) {
  Scalar *rows = low_extent(l, 0);
  Scalar *size = s_op2(OP_FLOORDIV, s_add(rows, s_int(ROW_CHUNKS - 1)), s_int(ROW_CHUNKS));
  Scalar *from = s_mul(s_axis(c), size);
  in = stmt_add(in, stmt_for(0, from, s_op2(OP_MIN, rows, s_add(from, size)), l->k->loc));
  in->trips = size;
  for (int p = 1; p < l->nshared; p++) in = open_axis(l, p, in);
  return in;
}

/* acc[j] += the term of a sum at the present row, for all columns; sums of as many columns share the
** loops over them. */
static void add_terms(Low *l, int nsum, Node *const *sum, Node **acc, Stmt *row) {
  Scalar *index[MAX_RANK], *by[MAX_AXES];
  Stmt *in = NULL;
  for (int t = 0; t < nsum; t++) {
    const Node *n = sum[t];
    if (t == 0 || !n_same_shape(sum[t - 1], n)) in = loops_over(l, n, index, row);
    for (int p = 0; p < n->ndom; p++) by[p] = p < n->rank ? index[p] : l->shared[p - n->rank];
    Scalar *term = bind_body(l, s_subst_axes(n->body, n->ndom, by));
    Scalar *more = s_add(s_read(acc[t], index, NULL), term);
    stmt_add(in, stmt_store(acc[t], index, C_SET, more, n->loc));
  }
}

/* The sum n of what the chunks have of it. */
static void join_chunks(Low *l, Node *n, Node *partial) {
  Scalar *index[MAX_RANK + 1];
  Stmt *in = loops_over(l, n, index + 1, l->k->body);
  int c = low_axis(l, s_int(ROW_CHUNKS), NULL);
  index[0] = s_axis(c);
  Node *acc = low_local(l, (Dtype)n->dtype, 0, NULL, "acc");
  stmt_add(in, stmt_var(acc, s_const((Dtype)n->dtype, 0), n->loc));
  Stmt *each = stmt_add(in, stmt_for(c, s_int(0), s_int(ROW_CHUNKS), n->loc));
  stmt_add(each, stmt_store(acc, NULL, C_SUM, s_read(partial, index, NULL), n->loc));
  stmt_add(in, stmt_store(low_formal(l, n, true), index + 1, C_SET, local_read(acc), n->loc));
}

void lower_tail(Low *l) {
  const Group *g = l->g;
  int ntail = g->ntail, nrow = l->nmember - ntail, c = low_axis(l, s_int(ROW_CHUNKS), NULL);
  Node *const *sum = g->member + nrow;
  Node *partial[ntail], *acc[ntail];
  Stmt *each = stmt_for(c, s_int(0), s_int(ROW_CHUNKS), l->k->loc);
  each->tiles = true;
  for (int t = 0; t < ntail; t++) {
    const Node *n = sum[t];
    Scalar *dim[MAX_RANK + 1] = {s_int(ROW_CHUNKS)};
    for (int d = 0; d < n->rank; d++) dim[d + 1] = n->dim[d];
    partial[t] = low_local(l, (Dtype)n->dtype, n->rank + 1, dim, "partial");
    acc[t] = low_local(l, (Dtype)n->dtype, n->rank, dim + 1, "acc");
    stmt_add(l->k->body, stmt_var(partial[t], NULL, n->loc));
    stmt_add(each, stmt_var(acc[t], s_const((Dtype)n->dtype, 0), n->loc));
  }
  stmt_add(l->k->body, each);
  Stmt *row = chunk_rows(l, c, each);
  members_outline(l);
  for (int i = 0; i < nrow; i++) lower_member(l, &l->member[i], row);
  add_terms(l, ntail, sum, acc, row);
  for (int t = 0; t < ntail; t++) {
    Scalar *index[MAX_RANK + 1] = {s_axis(c)};
    Stmt *in = loops_over(l, sum[t], index + 1, each);
    Scalar *value = s_read(acc[t], index + 1, NULL);
    stmt_add(in, stmt_store(partial[t], index, C_SET, value, sum[t]->loc));
  }
  for (int t = 0; t < ntail; t++) join_chunks(l, sum[t], partial[t]);
}

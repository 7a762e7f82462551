/*
** fuse.h: questions that inlining, grouping and lowering ask of COMPs
*/
#ifndef CRESCENT_FUSE_H
#define CRESCENT_FUSE_H
#include "prog.h"

/* fuse_inline.c */
double usual_count(int n, Scalar *const *extent); /* product, run-time sizes at their defaults */
bool is_contraction(const Node *n);  /* a float sum over a term of two reads, maybe guarded */
bool find_term(const Node *n, TermOf *t); /* the one n sums, its guards left out; false: none */
bool is_view(const Node *n);         /* a map that reads its own linear position: the same memory */
Scalar *strip_guard(Scalar *s);      /* where(c, where(d, x, 0), 0) -> x */
Scalar *guard_of(Scalar *s);         /* the same -> c && d; NULL: none */
bool same_domain(const Node *x, const Node *y);

/* fuse_pad.c */
bool reads_inside(Scalar *s, int ndom, Scalar **dom); /* all are, by range or by rule */
Node *plain_contraction(Node *n); /* the same with operands padded, so that reads are plain, */
Node *plain_windows(Node *n);     /* and another sum over windows, where that pays */

Scalar *and_all(Scalar *x, Scalar *y); /* both conditions, where NULL always holds */

/* fuse_bound.c */
/* The conditions of a guard of n that bound its terms, NULL: there are none, leaving out those on
** axis `but`, -1: none; *rest: the others, or NULL; *part: how many of the terms they leave. */
Scalar *term_bounds(const Node *n, Scalar *guard, int but, Scalar **rest, double *part);
/* The work of a sum with bounds, which leave it a part of its terms, in parts of that of the whole
** one; 1: no less (lower_choose.c). */
double bounded_work(const Node *bounded, double part, const Node *whole);
/* Whether an index is inside of an extent wherever these bounds hold. */
bool bounded_inside(const Scalar *bounds, Scalar *index, Scalar *extent, int ndom, Scalar **dom);

/* fuse.c */
bool node_reads(const Node *n, const Node *of);
bool is_long_row(const Node *n, int nshared); /* behind the shared axes: too long for the stack, or who knows */
const Node *heir_of(const Node *n, int nreader, Node *const *reader); /* whose memory may hold n until then */

/* fuse_share.c */
bool is_dear(const Scalar *s);       /* exp, and what costs as much */
/* fuse_common.c: those that sums over different axes share */
void fuse_common(Func *f);
bool fuse_is_sum(const Node *n); /* over two axes or more, */
/* and of it an exponential over all of them, as a read of a small tensor; NULL: s is none. */
Scalar *fuse_small_tensor(const Node *n, Scalar *s);
bool has_dear(Scalar *s);            /* whether some of it is */
bool is_division(const Scalar *s);   /* one, or a root */
bool has_division(Scalar *s);

/* lower_bump.c */
Scalar *bump_along(Scalar *body, int axis); /* its exponential of a quadratic in the axis, or NULL */
/* lower_bump_sum.c */
/* Whether `rows` adds up over k what it computes of bumps, and `columns` adds up for each k, over the
** last axis of `rows` and maybe others, what it computes of the same ones. */
bool sums_same_bumps(const Node *rows, const Node *columns);

/* fuse_side.c */
enum { NO_SIDES = -2 };
/* The axis of n whose few elements are best done one after the other inside the other loops; -1:
** none. That is a last one whose elements are written side by side, colours or coordinates, since
** the axis before it is the better vector; or channels read at places that are the same for all of
** them, which are found once then. */
int side_axis(const Node *n);
/* The side axes of maps of one shape, or of a few elements at the same places, which may be -1; false:
** they are no such maps. */
bool find_sides(int nmember, Node *const *member, int *side);
/* The side axis with which n may join these maps; NO_SIDES: it may not. */
int join_side(int nmember, Node *const *member, const int *side, const Node *n);
/* Whether the scatter n adds up, place by place in the order of its domain, what these maps make. */
bool scatters_places(int nmember, Node *const *member, const int *side, const Node *n);

/* Whether totals over the places, or numbers made of these, are little work beside these maps. */
bool totals_places(int nmember, Node *const *member, const int *side, int ntotal,
                   Node *const *total);
/* How many chunks of the first axis of the places threads share then; 0: there is too little to
** share. false: totals are better off by themselves. */
bool totals_chunks(int nmember, Node *const *member, const int *side, int ntotal,
                   Node *const *total, int *chunks);

/* fuse_operand.c */
/* s in n's body as a read of a tensor over its axes; or NULL */
Scalar *fuse_tensor_of(const Node *n, Scalar *s);
/* Whether a factor of the product that n sums is to be summed by itself first. */
bool is_summed_first(const Node *n);

/* fuse_scatter.c */
int scatter_parts(const Node *n);    /* of a scatter that several became; 1: it has none */

/* fuse_shape.c */
Node *n_squeezed(Node *n);           /* without result axes of extent 1 */
Scalar *squeezed_read(const Scalar *read, Node *now); /* the read, of what that made of its tensor */
bool reads_beside_one(const Scalar *read); /* at extent 1, where a read outside is 0 */
Node *few_terms(Node *n);            /* a reduction over few terms as a map, where they are apart */
Node *sum_without_factor(Node *n, double *c); /* sum k. c * x is c times this */
Node *sum_of_one(Node *n);           /* sum k. where(k == e, x, 0) is x at e */

/* fuse_permute.c: a copy of a contraction to another order of axes as a contraction, or as it is */
Node *contraction_as_read(Node *map);

/* fuse_into.c */
bool scatters_into(const Node *n, Node *s, Node **base, Node **scatter);

/* fuse_layout.c */
Node *unit_stride_contraction(Node *n); /* the same with strided operands copied where that pays */

/* lower_short.c */
bool is_written_out(const Node *n);         /* a reduction that is written out */
bool divides_well(Scalar *extent, int64_t by); /* an axis that becomes a loop over quotients */

#endif

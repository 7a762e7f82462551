/*
** lower_across.h: rows of a few elements in lanes: what two files share
*/
#ifndef CRESCENT_LOWER_ACROSS_H
#define CRESCENT_LOWER_ACROSS_H
#include "lower.h"

enum {
  ACROSS_LANES = 32, /* of f32: two vectors, which need not wait for one another */
  MOST_PANELS = 8,   /* rows that are read */
  MOST_ONCE = 32     /* numbers of a row in the bodies of rows */
};

/* A tile of rows: what is read of them, [elements][lanes]. */
typedef struct Across {
  Low *l;
  const Node *n;             /* the member looked at */
  int npanel;
  Scalar *read[MOST_PANELS]; /* of the graph, at column 0 */
  Node *panel[MOST_PANELS];
  int nonce; Scalar *once[MOST_ONCE]; /* what numbers of a row are made of, in lanes */
  Node *number[MOST_ONCE];
  int ncol, col[MOST_PANELS]; /* axes of rows, by extent: a row may be stored where it is read */
  Scalar *unknown;           /* the extent of rows that is known only at run time, or NULL, */
  int64_t most;              /* and the most elements of such rows that go in lanes */
  bool ok, in_place;         /* in_place: some rows are columns of a tensor */
  /* the loops that members share at present: over the terms, and over lanes in it; NULL: none */
  Stmt *terms, *each;
  int first;                 /* the first member in them */
  Stmt *open;                /* the loop over lanes for numbers of a row, or NULL */
} Across;

static inline bool has_row(const Low *l, const Node *n) { return n->rank > l->nshared; }
static inline bool reduces(const Node *n) { return n->ndom > n->rank; }

/* across_fits.c */
int group_place(const Low *l, const Node *n); /* among the members; -1: it is none of them */
/* Whether all members are numbers, rows or sums of rows of a few elements, of many rows. */
bool fits_across(Across *a);

#endif

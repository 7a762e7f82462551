/*
** fuse_draft.h: groups of COMPs while they are collected (fuse.c) and changed (fuse_move.c)
*/
#ifndef CRESCENT_FUSE_DRAFT_H
#define CRESCENT_FUSE_DRAFT_H

#include "fuse.h"

enum { MAX_MEMBER = 32, MAX_TAIL = 4 };

/* A group being collected. */
typedef struct Draft {
  Node *member[MAX_MEMBER + MAX_TAIL];
  int n, nshared;
  bool root;   /* starts with a contraction: only its epilogue may join */
  bool closed; /* a scatter or a view: nothing may join */
  Node *base, *scatter; /* of Group */
  bool sides;  /* of it, too */
  int side[MAX_MEMBER];
  int nscatter, ntotal; /* of it: that come last among the members */
  int ntail;   /* of it; sum: these members */
  Node *sum[MAX_TAIL];
} Draft;

typedef struct Fuse {
  Arena *a;
  Order order;
  int *at;         /* by node id: the latest group it needs to have run, -1: none */
  int *uses;       /* by node id; a result counts as read */
  bool *result;    /* by node id: a result of the graph */
  Readers readers;
  int ndraft;
  Draft *draft;
} Fuse;

/* fuse.c */
bool reads_member(const Draft *d, const Node *n);
bool reads_one_spot(const Draft *d, Scalar *body, int nshared); /* of the first nshared axes */
bool many_rows(const Node *n, int s);

/* fuse_move.c */
void move_sums(Fuse *f);
void move_scatter(Fuse *f, int from);
void move_totals(Fuse *f, int from);

#endif

/*
** lower_tile.h: what contractions in tiles and in blocks of tiles share
*/
#ifndef CRESCENT_LOWER_TILE_H
#define CRESCENT_LOWER_TILE_H
#include "lower.h"

enum {
  FIRST_CACHE = 32768, /* bytes */
  TERMS = 256,         /* of a block */
  TURNED_ROWS = 4,     /* of a tile that is stored across */
  MOST_STEP = 4,       /* elements from one that a vector takes to the next */
  FEW_MEMBERS = 6      /* whose epilogue there may be twice: for whole tiles, and for others */
};

/* How a read depends on one axis. */
typedef enum Along { NOT_AT_ALL, CONTIGUOUS, STRIDED, ELSEWISE } Along;

/* A product of two reads, summed, and the shape of its tiles. */
typedef struct TilePlan {
  const Node *n;
  Scalar *one, *vec, *here; /* reads of the body of n; `here` may be NULL */
  Pair pair;
  int col, row;           /* result axes of n; row -1: none */
  bool dot;
  int slide;              /* the reduced axis along which vectors slide past rows; 0: none */
  bool against;           /* row - term instead of row + term */
  bool blocks;            /* of terms, whose `vec` stays in the first cache */
  bool copies;            /* `vec` is copied first, to the order it is read in */
  int step;               /* elements between those of a vector of `vec` along columns; 0, 1: neighbours */
  int rows, vectors, lanes;
  int columns;            /* of a tile: all lanes, or the last vector is moved back */
  double apart;           /* a factor on cost: rows of `one` that are far apart; 0: does not count */
  double cost;            /* estimated cycles a result and term */
  double floor;           /* shapes of no more than this are passed over, */
  const Choice *only;     /* and others than this one; NULL: none */
} TilePlan;

typedef struct Block {
  TilePlan p;
  bool copy_rows;          /* `one` is copied, too */
  int rows, columns;       /* of a block of sums, multiples of the tile's */
  int nsweep, sweep[MAX_AXES]; /* axes of results that share a copy of columns; then rows are in place */
  int part;                /* the axis of the shares */
  bool finish;             /* a tile goes on to the epilogue once it has all its terms, */
  Scalar *first, *last;    /* in the first and last block of terms; NULL: there is one, */
  bool may_be_one;         /* or there may be, depending on sizes */
  Node *home;              /* whose result holds sums until then; NULL: an array does */
  int group;               /* rows that are copied at a time, columns all before; 0: the other way round */
  int left;                /* rows of the last tile, which has tiles of its own; 0: whole, or filled up */
  int parts;               /* 1, or so many threads' shares of the terms, each with sums of its own */
  int cut, inner, step;    /* which reduced axis is cut, terms inside it, its length in a block */
  Scalar *row0, *col0;     /* where a block, and its block of terms, start */
  Scalar *nrow, *ncol, *nterm; /* how many there are from there on */
} Block;

/* lower_choose.c */
/* Whether n sums a term of two reads, whose indices are affine in every axis. */
bool tile_term(const Node *n, TermOf *t);
bool is_product(const Node *n);            /* whether it is their product */
Along read_along(const Scalar *read, int axis);
/* How many elements apart, 1 to MOST_STEP, neighbours along an axis are, within the last index; 0:
** further, or elsewhere. */
int read_step(const Scalar *read, int axis);
/* Whether the operands of p move by constant steps along a result axis, and no bounds depend on
** it. */
bool in_steps(const TilePlan *p, int axis);
/* How far apart in memory a read is at neighbours along an axis: 1 along the last index, more for
** outer ones, as a factor on cost. */
double read_spread(const Scalar *read, int axis);
/* The same in elements, as far as sizes are known; -1: they are not. */
int64_t read_stride(const Scalar *read, int axis);
/* The extent of an axis of n, and the number of terms it sums; -1: known at run time only. */
int64_t extent_of(const Node *n, int p);
int64_t known_terms(const Node *n);
/* Cycles of copying an element of an operand: in vectors, one by one. */
double copy_cycles(Along a);
/* Tries all tile shapes for the axes of p; keeps the best in *best. */
void tile_shapes(TilePlan p, const Target *t, TilePlan *best);
/* Bytes of a tile's rows of a block of terms. */
int64_t row_bytes(const TilePlan *p);
/* Changes the shape of the tiles of a plan to what the kernel's choice asks for, if it can be
** had. */
bool choose_tile(Low *l, TilePlan *p);
/* The tiles of n; false: better done by plain loops. Which kind is decided for one processor. */
bool plan_tiles(const Node *n, const Target *t, TilePlan *best);
/* Whether the contraction of a group is best done in these blocks. */
bool blocks_pay(const Low *l, Block *b);

/* lower_tile.c */
/* How many of the reduced axes of n, outermost first, add up in the tile: sums over the others are
** long. */
int outer_terms(const Node *n, bool dot);
/* The bounds of the loops over the terms of n, over these kernel axes; by[]: where its results
** are. */
void bound_terms(Low *l, const Node *n, Scalar **by, const int *axis, Scalar **lo, Scalar **hi);
/* Whether tiles at all positions of result axis q read the same copy of columns. */
bool shares_copy(const TilePlan *p, int q);
/* A read of n's body with its axes replaced, as the kernel sees the tensor. */
Scalar *tile_operand(Low *l, const TilePlan *p, const Scalar *read, Scalar **by);
/* The members at one result: its sum, and what the epilogue makes of it. */
void lower_epilogue(Low *l, Scalar *sum, Stmt *in);

/* A statement of its own for where `whole` holds, another for the rest; whole NULL: it always
** does. */
void tile_cases(Low *l, Scalar *whole, Stmt *in, Stmt **large, Stmt **small);

/* lower_slide.c */
/* Whether vectors of p can slide past its rows along the innermost term, every load serving several
** of them; sets slide, against. */
bool plan_slide(TilePlan *p, const Target *t);
/* Cycles a term of one step. */
double slide_cycles(const TilePlan *p);
/* Where row and term are in the read of vectors that slide; by[] as for the other operand. */
void slide_reads(Low *l, const TilePlan *p, Contract *c, Scalar *row0, Scalar **by);

/* lower_copy.c */
Scalar *ceil_div(Scalar *x, int by);
Scalar *count_from(Low *l, Scalar *extent, Scalar *start, int width, const char *name, Stmt *in);
Stmt *loop_to(Stmt *in, int axis, Scalar *hi, int trips);  /* a loop from 0 in a statement */
/* Copies of operands, and of `one` as it is: the read of it in a tile. by[]: where the axes of the
** sum are. */
Scalar *copy_columns(Low *l, const Block *b, Scalar **by, Scalar *start, const Contract *c,
                     Stmt *in);
Scalar *copy_tiles(Low *l, const Block *b, Scalar **by, const Scalar *read, Scalar *start,
                   Scalar *count, int tiles, int tile, int lane, const Contract *c, Stmt *in);
bool wants_panel(const TilePlan *p);
Scalar *pack_panel(Low *l, const TilePlan *p, Scalar *col0, Contract *c, Stmt *in);
Scalar *rows_in_place(Low *l, const Block *b, Scalar **by, Scalar *row, const Contract *c);

/* lower_mirror.c */
/* Whether half of the contraction's results are those of the other half, rows and columns
** exchanged, and so is all that members make of them. */
bool wants_mirror(Low *l, const TilePlan *p);
/* Where the tile that begins there has elements that are not taken from the other half. */
Stmt *in_half(const TilePlan *p, Scalar *row0, Scalar *col0, Stmt *in);
/* Takes the rest from the other half. */
void lower_mirror(Low *l, const TilePlan *p, Stmt *in);

/* lower_matvec.c */
bool plan_matvec(const Node *n, TilePlan *p); /* false: not a vector times a large matrix */
void lower_matvec(Low *l, const TilePlan *p, Stmt *in);

/* lower_block.c */
enum { LEAST_ROWS = 16 /* fewer are not worth copying columns for */ };
bool plan_block(const Node *n, const Target *t, Block *b); /* false: tiles alone do as well */
void size_blocks(Block *b);                /* for its tiles and home */
void choose_block(Low *l, Block *b);       /* with the tiles of the kernel's choice */
void lower_block(Low *l, Block *b, Stmt *in);

/* lower_terms.c */
/* The member whose result can hold the sums of a block: of their type, at the same place; or NULL. */
Node *home_of_sums(Low *l, const Block *b);
/* Loops over the axes that share a copy of columns; which row of the sums theirs begin at. */
Scalar *sweep_loops(Low *l, const Block *b, Scalar *part, Stmt **in);
/* All terms of one block of terms, added to the sums, in an array or, where that is NULL, at home. */
void lower_terms(Low *l, Block *b, Node *sums, Scalar **by, Stmt *in);
#endif

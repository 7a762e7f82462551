/*
** lower.h: how a group of COMPs becomes a kernel, file by file
**
**   lower.c        axes, formals, statements; the kernel as a whole
**   lower_nest.c   the loops of the members: lanes, rows, chunks
**   lower_chunk.c  reductions in chunks, which threads share
**   lower_beside.c reductions with few results a place, side by side
**   lower_lanes.c  the same over tiles of the last shared axis
**   lower_across.c rows of a few elements, a row in each lane
**   across_fits.c  and whether they had better
**   lower_tail.c   sums of columns beside rows
**   lower_scatter.c sums at places that are data
**   lower_side.c   several elements a place, one after the other
**   lower_fetch.c  what they read at places that are data, copied to rows before
**   lower_short.c  reductions of few terms, and divided axes, written out
**   lower_tile.c   contractions in register tiles
**   lower_block.c  large ones in blocks of tiles
**   lower_merge.c  their axes that are side by side in all tensors are one
**   lower_terms.c  and the tiles of a block
**   lower_copy.c   their operands, copied to the order they are read in
**   lower_mirror.c half of those that are symmetric
**   lower_matvec.c a vector times a matrix, row by row
**   lower_bump.c   exponentials of quadratics by recurrence
**   lower_index.c  boundary rules and guards: what bodies look like inside
**   lower_join.c   loops over the same elements become one
**   lower_apart.c  rows that are read every second to fourth element are taken apart first
**   lower_around.c rows that lanes read around their ends are copied before
**   lower_factor.c sums of products with a common factor
**   lower_last.c   where neighbours are read, what is stored is stored last
**   lower_touch.c  which tensors statements read and write
**   lower_let.c    invariant and shared subexpressions become named constants
**   lower_alias.c  which inputs outputs may overwrite
**   lower_guard.c  what is read under choices only, where its text would explode
**   sched.c        which loop is a vector, which one runs on threads, what it costs
**   phases.c       the functions it becomes, whose loops any threads may share
*/
#ifndef CRESCENT_LOWER_H
#define CRESCENT_LOWER_H
#include "prog.h"

enum {
  MAX_KERNEL_AXES = 400,
  PARALLEL_BREAK_EVEN = 80000, /* units of work (sched.c) that pay for threads: about 5 us */
  SHARED_WORK = 160000,        /* units that pay for cutting otherwise than one thread would */
  ROW_CHUNKS = 8,              /* of the rows of a large matrix, whose columns are summed */
  MOST_SUMMED = 32768,         /* sums of columns of chunks, together */
  FAR_BYTES = 2 << 20,         /* what does not stay in the second cache */
  LONG_SUM = 8192,             /* terms a lane may add up before an outer f64 sum takes over */
};

/* One COMP of the group. Its domain axes have kernel axis numbers; the first `nshared` of them are
** 0, 1, ..., common to all members; its result axes come before its reduced ones. */
typedef struct Member {
  Node *node;
  int ndom, nout;
  int axis[MAX_AXES];
  Scalar *body;              /* over kernel axes and formals */
  Scalar *windex[MAX_RANK];  /* scatters only */
  Node *to;                  /* the formal it is stored in; NULL: not stored */
  Node *local;               /* rows that cross to later members at one shared position, or NULL */
  Scalar *value;             /* what later members read instead of it at the shared position */
  Scalar **element;          /* the same for each of the elements beside one another (lower_side.c) */
  Node *row;                 /* the same for every lane, for members in other lane loops */
  Node *panel;               /* its rows for every lane, [elements][lanes] (lower_across.c), or NULL */
  int phase;                 /* lane loop it is in */
  bool scatter;
  bool used;                 /* a later member reads it */
} Member;

/* exp of a quadratic along an axis: exp(e) with e = e(0) + slope * k + curve * k^2. */
typedef struct Bump {
  Scalar *exp, *slope;       /* exp NULL: none */
  double curve;
  int axis, block;           /* steps of the recurrence before it starts afresh */
  bool near;                 /* terms are 0 where exp(e) is, so only near blocks are summed: */
  Node *value, *ratio;       /* lanes that hold exp(e) at the current k, and what it grows by */
  Node *low, *high;          /* and the first and last k that are near */
} Bump;

/* The loops of a reduction: axes from the outermost in, and their bounds. */
typedef struct Reds {
  int n;
  int axis[MAX_AXES];
  Scalar *lo[MAX_AXES], *hi[MAX_AXES], *trips[MAX_AXES];
} Reds;

typedef struct Low {
  Arena *a;
  Kernel *k;
  const Group *g;
  const Target *target;
  int nshared, nmember;
  Member *member;
  Scalar *shared[MAX_AXES];  /* the position on each shared axis: AXIS(p), or base + lane */
  bool mirror;               /* half of the results of a contraction are taken from the other half */
  bool written_out;          /* reductions are expressions: see lower_short.c */
  int lane_axis;             /* kernel axis of the lanes of a strip-mined shared axis; -1 none */
  Scalar *lanes;             /* how many there are; the arrays of lanes have `width` */
  int width;
  Scalar *fresh;             /* the first lane that an earlier tile has not stored; 0 mostly */
  int phase;
  int chunk_axis;            /* a reduction in chunks: which chunk; -1 none */
  int chunks;                /* how many there are */
  bool chunked;              /* some reduction is */
  Node **partial;            /* and by member, where its part of the results goes */
  bool whole_rows;           /* lanes are all of the last shared axis */
  bool rows;                 /* lanes are reduced one by one, along their terms, */
  bool share;                /* and share some of what is read for them */
  int row_axis, row_block;   /* in blocks of rows: their axis, and where one begins; -1 none */
  int nrow, lane_row;        /* rows of lanes done at once, and the axis that counts them */
  int together;              /* nrow where a block has as many rows left */
  Bump bump;                 /* of the present reduction */
  int nupdate;               /* statements at the end of its lane loop that step the bump */
  Node *columns, *column;    /* a sum of terms of the bumps by itself, and its lanes; or NULL */
} Low;

/* lower.c */
int low_axis(Low *l, Scalar *extent, const char *name); /* a new kernel axis */
Scalar *low_extent(const Low *l, int axis);
Scalar *low_at(const Low *l, int axis);                 /* AXIS, or 0 where the extent is 1 */
Node *low_local(Low *l, Dtype t, int rank, Scalar **dim, const char *name);
const char *local_name(const Node *x, const char *what); /* of one made of a tensor, as x_turned */
Node *low_formal(Low *l, Node *n, bool written);        /* the PARAM that stands for n inside */
Stmt *stmt_new(StmtKind kind, Loc loc);
Stmt *stmt_add(Stmt *to, Stmt *s);                      /* returns s */
Stmt *stmt_insert(Stmt *to, int at, Stmt *s);           /* before to->body[at]; returns s */
void stmt_drop(Stmt *from, int at);                     /* takes from->body[at] out */
Stmt *stmt_for(int axis, Scalar *lo, Scalar *hi, Loc loc);
Stmt *stmt_let(Node *to, Scalar *value, Loc loc);
Stmt *stmt_var(Node *to, Scalar *value, Loc loc);
Stmt *stmt_store(Node *to, Scalar **index, Combine comb, Scalar *value, Loc loc);
Scalar *local_read(Node *local);                        /* a local of rank 0 as a Scalar */
Stmt *open_axis(Low *l, int axis, Stmt *in);            /* the loop over it, unless it has one element */

bool has_contraction(const Stmt *s);
void kernel_syms(Kernel *k, Phase *p);                  /* the run-time sizes of a phase */

/* lower_nest.c */
void lower_members(Low *l);
void lower_nests(Low *l, Stmt *in);        /* the loops of a group, without register tiles */
Stmt *open_loops(Low *l, const Member *m, int from, int to, Stmt *in); /* over its axes [from, to) */
void members_outline(Low *l);
Scalar *bind_body(Low *l, Scalar *body);   /* its reads as those of formals and locals, resolved */
Scalar *bind_at(Low *l, Scalar *body, int ndom, Scalar **by); /* the same, its axes by these */
void member_bind(Low *l, Member *m);
void store_result(Low *l, const Member *m, Scalar *value, Stmt *in);
void lower_map(Low *l, Member *m, Stmt *in);
void lower_member(Low *l, Member *m, Stmt *in);  /* binds it, and makes its loops */
void lower_each(Low *l, Stmt *in);               /* all members at one position */

Reds reduction_loops(Low *l, Member *m, bool vector_last);
Stmt *open_reds(const Reds *r, int from, int to, Stmt *in, Loc loc);
Node *member_home(Low *l, int i);
bool wants_term_lanes(const Low *l, const Member *m, const Reds *r);

const char *acc_name(const Member *m);
int fixed_lanes(Dtype t);                  /* of a sum along its terms */
void sweep_lanes(Low *l, const Member *m, int axis, Scalar *lo, Scalar *hi, Scalar *trips,
                 int nlane, Node **lane, Scalar **body, Stmt *in);
Scalar *reduce_terms(Low *l, const Member *m, const Reds *r, Stmt *in);

/* lower_chunk.c */
bool goes_along_rows(Scalar *body, int p); /* its reads along axis p are side by side, nothing is dear */
bool wants_chunks(Low *l, bool lanes);
void lower_chunks(Low *l, bool lanes, void (*body)(Low *l, bool lanes, Stmt *in));

/* lower_tail.c */
void lower_tail(Low *l);                   /* rows, and sums of columns beside them */

/* lower_lanes.c */
bool wants_lanes(const Low *l);
bool wants_rows(Low *l);
void lower_lanes(Low *l, Stmt *in);
void lower_lane_tile(Low *l, Scalar *base, Scalar *lanes, Stmt *in); /* lanes [base, base + lanes) */
bool wants_row_blocks(const Low *l);
Stmt *row_blocks(Low *l, int p, Stmt *in);
Stmt *lane_loop(Low *l, Stmt *in, Loc loc);
Scalar *lane_index(const Low *l);

/* lower_across.c */
bool lower_across(Low *l);                 /* false: no rows of a few elements */

/* lower_beside.c */
int results_beside(const Low *l);
bool lower_beside(Low *l, int first, Stmt *in); /* false: not so; nothing is done */

/* lower_scatter.c */
/* How a scatter's domain is walked: over `plain` leading axes, which it writes in place, the others,
** and innermost an axis of a few channels (0 or 1 of them, behind the plain ones), of channels that
** lie side by side (`last`: 0 or 1, the last), or of a few `parts`, the last (1: none). */
typedef struct Scattering { int plain, channels, last, parts; } Scattering;
Scattering scattering_of(const Node *n);
int place_axis(const Scattering *to, int place);   /* of the scatter, for one of the places it shares */
void lower_scatter(Low *l, Member *m, Stmt *in);
/* For a scatter at the end of a group of maps, whose first `places` axes are the places: what comes
** before the loop over axis `at`, inside those before it; and what it does with a row of places. */
void scatter_begin(Low *l, Member *m, int places, int at, Stmt *in);
void scatter_row(Low *l, Member *m, int places, Stmt *in);

/* lower_side.c */
bool lower_sides(Low *l);                       /* false: the group has no side axes */
enum { READS_LOCAL = -1 /* or no tensor at all */, READS_FORMAL = -2 };
int member_read(const Low *l, const Scalar *s); /* which member s reads, or one of these */
int64_t side_elements(const Low *l, int i);     /* of member i at one place */
void side_axes(const Low *l, int i, int64_t v, Scalar **by); /* the positions of element v of it */
Scalar *side_bound(Low *l, Scalar *s);          /* s with what is there for reads of members */

/* lower_fetch.c */
enum { MOST_PLACES = 16, MOST_CHANNELS = 4 };
typedef struct Fetch {
  int cut;                    /* the first member that reads at places; before, all is known of them */
  bool any;
  int n;
  Scalar *place[MOST_PLACES]; /* a read of a channel there, over the group's tensors; */
  Node *row[MOST_PLACES];     /* its row [lane][channel], */
  Node *value[MOST_PLACES][MOST_CHANNELS]; /* and the names of its channels at a lane; NULL: not read */
} Fetch;
/* For rows of places, so many of them: what is copied before; `any`: there is something. */
Fetch fetch_begin(Low *l, int nmap, Scalar *row);
void fetch_rows(Low *l, Fetch *f, int nmap, Stmt *in); /* the copies for the places of one row */
void fetch_names(Low *l, Fetch *f, Stmt *in);          /* what they have for the present lane */
Scalar *fetch_read(const Fetch *f, Scalar *value);     /* value with these names */

/* lower_turn.c */
bool lower_turn(Low *l);                        /* false: no maps across the order of memory */

/* lower_short.c */
bool writes_out(const Low *l);
Scalar *written_out(const Node *n, Scalar **by);
int split_parts(const Low *l);

/* lower_bump.c */
bool find_bump(Low *l, Scalar *body, Combine comb, int axis, Bump *b);
bool bump_allows(const Low *l, Scalar *body, Combine comb); /* the body to be summed in its loops, too */
/* Opens a loop over the axis of l->bump whose lanes hold the exponential in turn; returns the loop
** over lanes, whose last `*nupdate` statements step to the next k. */
Stmt *bump_loops(Low *l, Stmt *in, Loc loc, int *nupdate);
Scalar *bump_body(const Low *l, Scalar *body);  /* body with the lanes for the exponential */

/* lower_bump_sum.c */
bool lower_bump_sums(Low *l);                   /* out[.., k] = sum of bumps in k; false: no */
bool lower_bump_columns(Low *l);                /* the same beside sums over k; false: no */
void add_column(Low *l, const Member *m, Stmt *each); /* to l->columns, in the loop over bumps of m */

/* lower_tile.c */
bool lower_tiles(Low *l);                  /* false: the group is not one for register tiles */
/* Whether columns of the tiles of this contraction are far from one another where results are. */
bool columns_apart(const Node *n);
/* The loop over tiles of an axis, the last one moved back so that it does not stick out. *begin:
** where a tile starts; *fresh: the first position in it that no earlier tile covers. */
Stmt *tile_loop(Low *l, int axis, int width, Scalar **begin, Scalar **fresh, Stmt *in);

/* lower_merge.c */
typedef struct Merging Merging;
/* g, or where it is a product, the same with neighbouring axes as one wherever they can be. */
Merging *merge_axes(Arena *a, const Group *g, Group *out);
Node *before_merge(const Merging *m, Node *n); /* the tensor of g that one of *out stands for */

/* lower_index.c */
Scalar *resolve_rules(Scalar *s, int ndom, Scalar **dom); /* reads without rules, guards instead */
/* Takes from the guard of a sum those conditions that bound its loops, which run over axis[0..n)
** inwards; lo, hi are narrowed, what is left of the body returned. A condition that depends on the
** axis `lane` of `lanes` lanes (-1: none) stays, and narrows by what any of them needs. */
Scalar *tighten_bounds(Scalar *body, int n, const int *axis, int lane, Scalar *lanes, Scalar **lo,
                       Scalar **hi);

/* lower_join.c */
void lower_join(Low *l);

/* lower_apart.c */
void take_rows_apart(Low *l, Stmt *block);
bool is_plain_loop(const Stmt *s);           /* over elements from 0 on, each stored by itself */

/* lower_around.c */
void rows_around(Low *l, Stmt *block);       /* what lanes would gather, copied to rows before */

/* lower_within.c */
void names_within(Low *l);                   /* for rows of which each element stays in one trip */

/* lower_ends.c */
void cut_ends(Low *l, Stmt *block);          /* boundary rules at the ends of rows, apart */

/* lower_last.c */
void stores_last(Low *l, Stmt *block);       /* in loops that read neighbours */

/* lower_sweep.c */
void lower_sweeps(Stmt *block);              /* joins sums along the same row, and loops before them */

/* lower_power.c */
void lower_powers(Stmt *block);              /* exponentials that are squares of others */
void lower_ratios(Stmt *block);  /* lower_ratio.c: x / s is x * (1 / s) beside 1 / s */

/* lower_rest.c */
void whole_rests(Low *l, Stmt *block);       /* the last terms of rows as whole vectors */

/* lower_touch.c */
enum { MOST_TOUCHED = 64 };
typedef struct Touched {
  int n;
  const Node *node[MOST_TOUCHED];
} Touched;
void stmt_touches(const Stmt *s, Touched *reads, Touched *writes);
bool has_common(const Touched *a, const Touched *b);
bool is_apart(const Stmt *s, const Touched *reads, const Touched *writes);
bool stmt_reads(const Stmt *s, const Node *what);
bool stmt_writes(const Stmt *s, const Node *what);

/* lower_factor.c */
void lower_factors(Low *l);

/* lower_alias.c */
void lower_aliases(Kernel *k, const Group *g, bool chunks);

/* lower_let.c */
void lower_lets(Low *l);

/* lower_guard.c */
Scalar *guarded_read(const Kernel *k, Scalar *value, Scalar **always);

/* sched.c */
int access_score(Scalar *body, int axis);    /* > 0: reads go well with a vector along this axis */
enum { LONG_VECTOR = 64 }; /* bytes */
int lane_width(Scalar *extent, Dtype t);     /* lanes of a strip-mined axis */
void sched_kernel(Kernel *k);                /* simd and parallel loops */

/* phases.c */
void kernel_phases(Kernel *k);
#endif

/*
** check.h: `crescent check`: derivatives against differences, compiled code against the interpreter
*/
#ifndef CRESCENT_CHECK_H
#define CRESCENT_CHECK_H
#include "ir.h"

/* widen.c */
void graph_widen(int nparam, Node **param, Node **wide_param, int nresult, Node **result);
/* Whether a derivative under y is declared for f32 alone, so that the wide form has it no more; and
** whether an iteration on the way ends by a tolerance, which is that of f32. */
bool widen_loses(Node *y, bool *iterates);

/* sample.c: small sizes and random values for a program */
void sample_sizes(const Program *p, int64_t *size); /* by Sym.index; all demands hold */
bool sample_fits(const Program *p, const int64_t *size); /* whether they do */
void sample_values(Arena *a, const Program *p, int n, Node **param, const int64_t *size,
                   uint64_t seed, Tensor *value);
/* The values an ulp away, in one of BESIDE ways. Numbers that are equal stay equal, and multiples of
** 1/8 stay as they are: ties, kinks and whole numbers are not moved away from. */
enum {
  BESIDE = 3,
  ROUNDINGS = 8 /* a difference is rounding's if so many times what an ulp of the values does is more */
};
Tensor *sample_beside(Arena *a, int n, const Tensor *value, int way);
double sample_element(const Tensor *t, size_t k);   /* the k-th, of whatever dtype */
double sample_noise(uint64_t *state);               /* in [-1, 1) */

static const double difference_limit = 1e-5, forward_limit = 1e-9; /* relative errors that pass */
static const double coarse_limit = 1e-2, coarse_forward_limit = 1e-4;

/* check_grad.c: d y / d x of one output, with a random cotangent, along random directions */
typedef struct GradReport {
  double difference;  /* reverse mode against central differences, relative */
  double forward;     /* reverse mode against forward mode, relative */
  bool finite;        /* the value and all derivatives are */
  bool coarse;        /* a kernel on the way exists in f32 only, or ends early: the limits are wider */
} GradReport;

/* y, a cotangent and directions, and what they make of each of the PARAMs x, and of y. */
typedef struct GradGraph {
  int nx;
  Node *y, *y_bar, *y_dot, **x, **x_bar, **x_dot;
  bool coarse;
} GradGraph;
void grad_graph(Arena *a, Node *y, int nx, Node **x, GradGraph *out);
/* One report for each x. Floats must be f64; value holds what param stands for. */
void grad_compare(Arena *a, const GradGraph *graph, int nparam, Node **param, const Tensor *value,
                  const int64_t *size, GradReport *report);
void grad_check(Arena *a, Node *y, int nx, Node **x, int nparam, Node **param, const Tensor *value,
                const int64_t *size, GradReport *report);
/* Whether it passes. */
bool grad_fits(const GradReport *r);
/* Whether a derivative on the way is not that of the values: stop_gradient, custom_vjp. */
bool grad_is_declared(Node *y);

/* check.c, check_code.c: derivatives, compiled code; reports on out. false: something is wrong */
bool check_program(Program *p, FILE *out);

typedef struct CodeOptions {
  bool strict, sanitize; /* as build --strict, --sanitize */
  const char *level;     /* of the C compiler's optimisation; NULL: -O3 */
  const char *cc, *march; /* as build --cc, --march; NULL: the first clang, tiles for AVX2 */
  bool shared;        /* all loops that threads may share are, however little there is to do */
  uint64_t seed;      /* of the values; 0: 1 */
  uint64_t bits;      /* set to a hash of the compiled program's results */
} CodeOptions;
bool check_code(Program *p, int64_t *size, CodeOptions *o, FILE *out);

#endif

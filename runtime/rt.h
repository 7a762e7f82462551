/*
** rt.h: what a compiled model says about itself
**
** The C that the compiler emits for a model holds one rt_model, in its main.c, made of the model's
** public C interface only. The programs in this folder (run, train, check, bench, profile) drive
** any model through it:
**
**   int main(int argc, char **argv) { return rt_main(argc, argv, &lenet_model); }
*/
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rt_array.h"

/* An extent: k + coef * size[sym], or what eval says where it is not of this form. */
typedef struct rt_dim {
  int64_t k, coef;
  int sym;                              /* -1: the constant k; -2: eval */
  const char *text;                     /* "N", "2*N - 1", "28" */
  int64_t (*eval)(const int64_t *size); /* sym == -2 */
} rt_dim;

/* An input, an output or a state tensor. Scalars have rank 0. */
typedef struct rt_arg {
  const char *name;
  rt_dtype dtype;
  int rank;
  const rt_dim *dim;
} rt_arg;

typedef enum rt_kind { RT_ENTRY, RT_TRAIN } rt_kind;

typedef struct rt_entry {
  const char *name;
  rt_kind kind;
  int ninput, noutput;
  const rt_arg *input, *output;
  int (*call)(void *model, void *const *arg); /* inputs, then outputs; 0 or an error code */
  double (*flops)(const int64_t *size);       /* floating-point operations of one call */
  double (*bytes)(const int64_t *size);       /* bytes its kernels read and write */
  const struct rt_entry *loss;                /* RT_TRAIN: its outputs without its updates */
  const struct rt_entry
      *gradient; /* RT_TRAIN: the loss, then its derivative by each trained state */
  uint32_t some; /* bit k: it takes no size k of 0 */
} rt_entry;

/* The command `train` runs the entry so many times before it goes on to the next. */
typedef struct rt_turn {
  const rt_entry *entry;
  int times;
} rt_turn;

typedef struct rt_state {
  rt_arg arg;
  bool trained; /* a parameter; else optimizer state, running statistics, a random key */
} rt_state;

/* Every element of an input is at least 0 and below the extent, or is `other` (0: nothing else). */
typedef struct rt_range {
  const char *input;
  rt_dim extent;
  int64_t other;
  const char *text; /* "class in cross_entropy (m.lua:14)" */
} rt_range;

/* What a model is created with. */
typedef struct rt_config {
  int threads; /* 0: as many as the machine has */
  uint64_t seed;
  const int64_t *size;                             /* nsize run-time sizes */
  void (*step)(void *context, const char *kernel); /* called before every kernel, and at the end
                                                      of an entry with NULL; may be NULL */
  /* runs part 0 .. n - 1 of a loop, in any order; may be NULL: OpenMP does */
  void (*parallel)(void *context, int n, void (*part)(void *call, int k), void *call);
  void *step_context; /* of both */
} rt_config;

typedef struct rt_model {
  const char *name, *version;
  int nsize;
  const char *const *size_name;
  const int64_t *size_default; /* -1: none */
  const int64_t *size_least;   /* the smallest value the model takes; NULL: 1 */
  int nentry;
  const rt_entry *entry;
  int nstate;
  const rt_state *state;
  int (*create)(void **model, const rt_config *config);
  size_t (*memory_size)(const rt_config *config);
  int (*resize)(void *model, const int64_t *size); /* not above the sizes it was created with */
  void (*destroy)(void *model);
  void *(*data)(void *model, int state); /* the elements of a state tensor */
  const char *(*error)(int code);
  const char *(*manifest)(void);
  int nturn; /* the training schedule; 0: one train entry alone */
  const rt_turn *turn;
  int nrange;
  const rt_range *range;
} rt_model;

/* rt_main.c: the program; returns its exit status */
int rt_main(int argc, char **argv, const rt_model *model);

/* Returns an extent's value; there is nothing of N - 1 of N = 0. */
static inline int64_t rt_extent(const rt_dim *d, const int64_t *size) {
  int64_t n = d->sym == -2 ? d->eval(size) : d->k + (d->sym >= 0 ? d->coef * size[d->sym] : 0);
  return n > 0 ? n : 0;
}

#endif

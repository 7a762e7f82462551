/*
** rt_part.h: parallel loops in parts, for the threads of whoever runs a model
**
** A kernel runs part `index` of `count` of its loops. Where threads pay it is called once for every
** part, by OpenMP or NAME_config.parallel, in any order and on any threads; as every element is
** computed in one part alone, in the same way, bits do not depend on the parts. A kernel that cannot
** be cut runs its loops on `threads` threads of OpenMP itself, {threads, 0, 1}.
**
**   for (int i = rt_first(part, 10); i < rt_end(part, 10); i++)      part 1 of 3: i = 3, 4, 5
*/
#ifndef RT_PART_H
#define RT_PART_H

#include <stdint.h>

enum { RT_MOST_PARTS = 64 };

typedef struct rt_part {
  int threads, index, count;
} rt_part;

/* Where the part of a loop over 0 <= i < n begins, and where it ends. */
static inline int rt_first(rt_part p, int n) {
  return p.index == 0 ? 0 : (int)((int64_t)n * p.index / p.count);
}

static inline int rt_end(rt_part p, int n) {
  return p.index + 1 >= p.count ? n : rt_first((rt_part){p.threads, p.index + 1, p.count}, n);
}

/* The same for a loop of steps: parts begin with one of them. */
static inline int rt_first_by(rt_part p, int n, int step) {
  return p.index == 0 ? 0 : rt_first(p, (n + step - 1) / step) * step;
}

static inline int rt_end_by(rt_part p, int n, int step) {
  return p.index + 1 >= p.count ? n : rt_end(p, (n + step - 1) / step) * step;
}

/* Two nested loops share the parts like a table, whose rows are cut first: the part of the outer
** one, which has n iterations, and of the inner one. Parts that are too many come out empty. */
static inline rt_part rt_outer(rt_part p, int n) {
  if (p.count == 1) return p;
  const int rows = n < 1 ? 1 : n < p.count ? n : p.count, columns = p.count / rows;
  const int row = p.index / columns;
  return (rt_part){p.threads, row < rows ? row : rows, rows};
}

static inline rt_part rt_inner(rt_part p, int n) {
  if (p.count == 1) return p;
  const int rows = n < 1 ? 1 : n < p.count ? n : p.count, columns = p.count / rows;
  return (rt_part){p.threads, p.index % columns, columns};
}

#endif

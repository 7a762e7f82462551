/*
** rt_lattice.h: the permutohedral lattice: Gaussian filters in many dimensions, in linear time
**
**   y = S_out' B_d .. B_0 S_in v        S: barycentric weights of a point's simplex, B_j: [1/2, 1, 1/2]
**
** A point's features are laid into the plane sum x = 0 of d + 1 dimensions, where it lies in a
** simplex of d + 1 vertices. A vertex is known by its first d coordinates, in a hash table of
** bounded size; vertices are numbered as they appear, so nothing depends on threads. Adams, Baek
** and Davis 2010.
*/
#ifndef RT_LATTICE_H
#define RT_LATTICE_H
#include "rt_kernel.h"

enum { RT_LATTICE_LANES = 16, RT_LATTICE_DIMENSIONS = 32 };

/* The number of the vertex with this key; a new one, while `add`, else -1. keys {.., d} and table
** {size} of numbers, -1 where empty. */
static inline int32_t rt_lattice_vertex(int64_t d, const int32_t *key, int32_t *keys,
                                        int32_t *table, int64_t size, int32_t *count, bool add) {
  uint64_t h = 0;
  for (int64_t i = 0; i < d; i++) h = (h ^ (uint32_t)key[i]) * 0x9E3779B97F4A7C15u;
  h ^= h >> 29;
  for (int64_t at = (int64_t)(h % (uint64_t)size);; at = at + 1 < size ? at + 1 : 0) {
    const int32_t found = table[at];
    if (found < 0) {
      if (!add) return -1;
      for (int64_t i = 0; i < d; i++) keys[*count * d + i] = key[i];
      return table[at] = (*count)++;
    }
    int64_t i = 0;
    while (i < d && keys[found * d + i] == key[i]) i++;
    if (i == d) return found;
  }
}

/* The neighbours {d + 1, m, 2} of all vertices along the axes, -1 where there is none. */
static inline void rt_lattice_neighbours(int64_t d, int64_t m, int32_t *keys, int32_t *table,
                                         int32_t count, int32_t *neighbours) {
  int32_t key[RT_LATTICE_DIMENSIONS];
  for (int64_t j = 0; j <= d; j++)
    for (int64_t v = 0; v < m; v++)
      for (int side = 0; side < 2; side++) {
        const int32_t step = side ? 1 : -1;
        int32_t *to = neighbours + (j * m + v) * 2 + side;
        *to = -1;
        if (v >= count) continue;
        for (int64_t i = 0; i < d; i++) key[i] = keys[v * d + i] + step;
        if (j < d) key[j] = keys[v * d + j] - step * (int32_t)d;
        *to = rt_lattice_vertex(d, key, keys, table, 2 * m, &count, false);
      }
}

#define RT_TEXT "rt_lattice.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Where the point el {d + 1} of the plane lies: the nearest vertex of remainder 0, and the order of
** what is left, largest first. */
static inline void RT_(rt_lattice_place)(int64_t d, const RT_T *el, int32_t *near, int32_t *rank) {
  int32_t sum = 0;
  const int32_t whole = (int32_t)d + 1;
  for (int64_t i = 0; i <= d; i++) {
    const RT_T down = RT_(rt_floor)(el[i] / (RT_T)whole + (RT_T)0.5);
    near[i] = (int32_t)down * whole;
    sum += (int32_t)down;
    rank[i] = 0;
  }
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = i + 1; j <= d; j++)
      rank[el[i] - (RT_T)near[i] < el[j] - (RT_T)near[j] ? i : j]++;
  for (int64_t i = 0; i <= d; i++) {
    rank[i] += sum;
    if (rank[i] < 0) rank[i] += whole, near[i] += whole;
    else if (rank[i] > d) rank[i] -= whole, near[i] -= whole;
  }
}

/* The lattice of n points: el {n, e} in the plane, e = d + 1. Vertices `offsets` and their weights
** for each point, ranks, neighbours, the number of vertices. 1: a feature is not finite, or too
** large. */
static inline int RT_(rt_lattice)(int64_t n, int64_t e, const RT_T *el, int32_t *offsets,
                                  RT_T *weights, int32_t *rank, int32_t *neighbours, int32_t *count,
                                  int32_t *keys, int32_t *table) {
  const int64_t d = e - 1, m = n * e;
  int32_t near[RT_LATTICE_DIMENSIONS], key[RT_LATTICE_DIMENSIONS];
  *count = 0;
  if (e > RT_LATTICE_DIMENSIONS) return 2;
  for (int64_t i = 0; i < m; i++)
    if (!(RT_(rt_abs)(el[i]) < (RT_T)1e8)) return 1;
  for (int64_t i = 0; i < 2 * m; i++) table[i] = -1;
  for (int64_t p = 0; p < n; p++) {
    const RT_T *x = el + p * e;
    RT_T *b = weights + p * e;
    int32_t *r = rank + p * e;
    RT_(rt_lattice_place)(d, x, near, r);
    for (int64_t i = 0; i <= d; i++) b[i] = i == 0;
    for (int64_t i = 0; i <= d; i++) {
      const RT_T part = (x[i] - (RT_T)near[i]) / (RT_T)e;
      b[d - r[i]] += part;
      b[(e - r[i]) % e] -= part;
    }
    for (int64_t v = 0; v <= d; v++) {
      for (int64_t i = 0; i < d; i++)
        key[i] = near[i] + (int32_t)(r[i] <= d - v ? v : v - e);
      offsets[p * e + v] = rt_lattice_vertex(d, key, keys, table, 2 * m, count, true);
    }
  }
  rt_lattice_neighbours(d, m, keys, table, *count, neighbours);
  return 0;
}

/* `lanes` channels of v {n, c}, from l on, laid on the vertices {count, 16}, and blurred along all
** axes, or in the reverse order; returns which half of work {2, m, 16} holds the result. */
static inline RT_T *RT_(rt_lattice_blurred)(int64_t n, int64_t e, int64_t m, int64_t c, int64_t l,
                                            int lanes, const int32_t *offsets, const RT_T *weights,
                                            const int32_t *neighbours, int32_t count, bool reverse,
                                            const RT_T *v, RT_T *work) {
  enum { W = RT_LATTICE_LANES };
  RT_T *from = work, *to = work + m * W;
  for (int64_t i = 0; i < count * W; i++) from[i] = 0;
  for (int64_t p = 0; p < n; p++)
    for (int64_t k = 0; k < e; k++) {
      RT_T *at = from + (int64_t)offsets[p * e + k] * W;
      const RT_T w = weights[p * e + k], *x = v + p * c + l;
      for (int i = 0; i < lanes; i++) at[i] = RT_(rt_fma)(w, x[i], at[i]);
    }
  for (int64_t step = 0; step < e; step++) {
    const int32_t *near = neighbours + (reverse ? e - 1 - step : step) * m * 2;
    for (int64_t q = 0; q < count; q++) {
      const RT_T *x = from + q * W;
      RT_T sides[W] = {0}, *y = to + q * W;
      for (int side = 0; side < 2; side++)
        if (near[2 * q + side] >= 0) {
          const RT_T *z = from + (int64_t)near[2 * q + side] * W;
#pragma omp simd
          for (int i = 0; i < W; i++) sides[i] += z[i];
        }
#pragma omp simd
      for (int i = 0; i < W; i++) y[i] = RT_(rt_fma)((RT_T)0.5, sides[i], x[i]);
    }
    RT_T *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/* y {n, c}: v spread to the vertices by w_in {n, e}, blurred, and collected by w_out {n, e}. */
static inline int RT_(rt_lattice_filter)(int64_t n, int64_t e, int64_t m, int64_t c,
                                         const int32_t *offsets, const RT_T *w_in,
                                         const RT_T *w_out, const int32_t *neighbours,
                                         const int32_t *count, const int32_t *reverse,
                                         const RT_T *v, RT_T *y, RT_T *work) {
  for (int64_t l = 0; l < c; l += RT_LATTICE_LANES) {
    const int lanes = c - l < RT_LATTICE_LANES ? (int)(c - l) : RT_LATTICE_LANES;
    const RT_T *t = RT_(rt_lattice_blurred)(n, e, m, c, l, lanes, offsets, w_in, neighbours, *count,
                                            *reverse != 0, v, work);
    for (int64_t p = 0; p < n; p++)
      for (int i = 0; i < lanes; i++) {
        RT_T sum = 0;
        for (int64_t k = 0; k < e; k++)
          sum = RT_(rt_fma)(w_out[p * e + k], t[(int64_t)offsets[p * e + k] * RT_LATTICE_LANES + i],
                            sum);
        y[p * c + l + i] = sum;
      }
  }
  return 0;
}

/* The cotangent {n, e} of the weights that collect: z_p' (blurred u at the point's vertices), for
** the cotangent z {n, c} of the result. */
static inline int RT_(rt_lattice_pull)(int64_t n, int64_t e, int64_t m, int64_t c,
                                       const int32_t *offsets, const RT_T *w,
                                       const int32_t *neighbours, const int32_t *count,
                                       const int32_t *reverse, const RT_T *u, const RT_T *z,
                                       RT_T *bar, RT_T *work) {
  for (int64_t i = 0; i < n * e; i++) bar[i] = 0;
  for (int64_t l = 0; l < c; l += RT_LATTICE_LANES) {
    const int lanes = c - l < RT_LATTICE_LANES ? (int)(c - l) : RT_LATTICE_LANES;
    const RT_T *t = RT_(rt_lattice_blurred)(n, e, m, c, l, lanes, offsets, w, neighbours, *count,
                                            *reverse != 0, u, work);
    for (int64_t p = 0; p < n; p++)
      for (int64_t k = 0; k < e; k++) {
        const RT_T *at = t + (int64_t)offsets[p * e + k] * RT_LATTICE_LANES;
        for (int i = 0; i < lanes; i++)
          bar[p * e + k] = RT_(rt_fma)(z[p * c + l + i], at[i], bar[p * e + k]);
      }
  }
  return 0;
}

#endif

/*
** rt_tv_flow.h: z = argmin 1/2 |x - z|^2 + sum over edges ij. w_ij |z_i - z_j| on any graph,
** exactly
**
** z = x - div f for the flow f, |f| <= w, that makes z as even as it can be. By divide and conquer
** (Hochbaum 2001; Chambolle and Darbon 2009): in a part of the graph send all that is above the
** part's mean to what is below it, by a maximum flow. If all arrives, z is the mean there; else
** what the surplus can still reach is the part above the mean, the edges out of it are full and
** stay so, and both sides go on for themselves with the flow they have. Maximum flows are Dinic's,
** 1970.
*/
#ifndef RT_TV_FLOW_H
#define RT_TV_FLOW_H
#include <float.h>
#include "rt_kernel.h"

typedef struct rt_flow_arc { int32_t id, head; } rt_flow_arc; /* where it leads */

/* Arc 2 e leads from ends[2 e] to ends[2 e + 1], arc 2 e + 1 back. */
typedef struct rt_flow {
  int64_t n, m;
  const double *x, *w;
  const int64_t *ends;
  double *y, *edge;               /* x - div f; w and f, along arc 2 e, of each edge */
  rt_flow_arc *arc;               /* those from i are first[i] .. first[i + 1] */
  int32_t *first, *node, *stop;   /* nodes by part; where the part ends that begins in node[k] */
  int32_t *dist, *next, *queue;   /* of a search: -1 not seen yet, 0 also in other parts */
  int32_t *path;
} rt_flow;

static inline double rt_flow_room(const rt_flow *g, int64_t a) {
  const double *e = g->edge + (a & ~(int64_t)1);
  return a & 1 ? e[0] + e[1] : e[0] - e[1];
}

/* Sends d <= room along an arc; what is full is so exactly. */
static inline void rt_flow_send(rt_flow *g, int64_t a, double d) {
  double *e = g->edge + (a & ~(int64_t)1);
  if (d == rt_flow_room(g, a))
    e[1] = a & 1 ? -e[0] : e[0];
  else
    e[1] += a & 1 ? -d : d;
}

/* Lays out the arrays in work and lists the arcs of each node, loops left out. work: 4 m + 5 n +
** 1. */
static inline void rt_flow_start(rt_flow *g, double *work) {
  const int64_t n = g->n, m = g->m, *ends = g->ends;
  g->y = work, g->edge = g->y + n;
  g->arc = (rt_flow_arc *)(void *)(g->edge + 2 * m);
  g->first = (int32_t *)(void *)(g->arc + 2 * m);
  g->node = g->first + n + 1, g->stop = g->node + n, g->dist = g->stop + n;
  g->next = g->dist + n, g->queue = g->next + n, g->path = g->queue + n;
  for (int64_t i = 0; i <= n; i++) g->first[i] = 0;
  for (int64_t i = 0; i < n; i++) g->y[i] = g->x[i], g->node[i] = (int32_t)i, g->dist[i] = 0;
  for (int64_t e = 0; e < m; e++) {
    g->edge[2 * e] = g->w[e], g->edge[2 * e + 1] = 0;
    if (ends[2 * e] == ends[2 * e + 1]) continue;
    g->first[ends[2 * e] + 1]++, g->first[ends[2 * e + 1] + 1]++;
  }
  for (int64_t i = 0; i < n; i++) g->next[i] = g->first[i], g->first[i + 1] += g->first[i];
  for (int64_t a = 0; a < 2 * m; a++)
    if (ends[a] != ends[a ^ 1])
      g->arc[g->next[ends[a]]++] = (rt_flow_arc){(int32_t)a, (int32_t)ends[a ^ 1]};
}

/* Distances within nodes lo..hi from all above the level, as far as the first of those below it,
** whose distance is returned; -1: none is reached. */
static inline int64_t rt_flow_search(rt_flow *g, int64_t lo, int64_t hi, double level) {
  int64_t count = 0, found = -1;
  for (int64_t k = lo; k < hi; k++) {
    const int32_t i = g->node[k], above = g->y[i] > level;
    g->dist[i] = above - 1, g->next[i] = g->first[i];
    if (above) g->queue[count++] = i;
  }
  for (int64_t at = 0; at < count; at++) {
    const int32_t i = g->queue[at], away = g->dist[i] + 1;
    if (found >= 0 && away > found) break;
    for (int64_t k = g->first[i]; k < g->first[i + 1]; k++) {
      const int32_t j = g->arc[k].head;
      if (g->dist[j] >= 0 || !(rt_flow_room(g, g->arc[k].id) > 0)) continue;
      g->dist[j] = away;
      g->queue[count++] = j;
      if (found < 0 && g->y[j] < level) found = away;
    }
  }
  return found;
}

/* Sends what a path of `depth` arcs from s to t can take. Returns how much of the path is left to
** go on from: up to the first arc that is full, or all but the last. */
static inline int64_t rt_flow_augment(rt_flow *g, int64_t s, int64_t t, int64_t depth,
                                      double level) {
  double d = g->y[s] - level < level - g->y[t] ? g->y[s] - level : level - g->y[t];
  for (int64_t k = 0; k < depth; k++) {
    const double room = rt_flow_room(g, g->path[k]);
    if (room < d) d = room;
  }
  int64_t left = depth - 1;
  for (int64_t k = depth - 1; k >= 0; k--) {
    rt_flow_send(g, g->path[k], d);
    if (!(rt_flow_room(g, g->path[k]) > 0)) left = k;
  }
  const double ys = g->y[s] - d, yt = g->y[t] + d;
  g->y[s] = ys > level ? ys : level;
  g->y[t] = yt < level ? yt : level;
  return left;
}

/* Sends from s all that shortest paths, of `length` arcs, can take. */
static inline void rt_flow_drain(rt_flow *g, int64_t s, int64_t length, double level) {
  int64_t depth = 0, i = s;
  while (g->y[s] > level) {
    if (depth == length && g->y[i] < level) {
      depth = rt_flow_augment(g, s, i, depth, level);
      i = g->ends[g->path[depth]];
      continue;
    }
    int64_t k = depth == length ? g->first[i + 1] : g->next[i];
    for (; k < g->first[i + 1]; k++)
      if (g->dist[g->arc[k].head] == depth + 1 && rt_flow_room(g, g->arc[k].id) > 0) break;
    g->next[i] = (int32_t)k;
    if (k < g->first[i + 1]) {
      g->path[depth++] = g->arc[k].id;
      i = g->arc[k].head;
    } else if (depth == 0) {
      return;
    } else {
      i = g->ends[g->path[--depth]];
      g->next[i]++;
    }
  }
}

/* Evens out nodes lo..hi about their mean as far as edges allow. Returns where the part above the
** mean ends in node[], once it is moved to the front; hi: all are at the mean, up to rounding. */
static inline int64_t rt_flow_divide(rt_flow *g, int64_t lo, int64_t hi, double shift) {
  double level = 0, size = 0, left = 0;
  for (int64_t k = lo; k < hi; k++) {
    const double x = g->x[g->node[k]] - shift;
    level += g->y[g->node[k]] - shift;
    size += x < 0 ? -x : x;
  }
  level = shift + level / (double)(hi - lo);
  for (int64_t length; (length = rt_flow_search(g, lo, hi, level)) >= 0;)
    for (int64_t k = lo; k < hi; k++)
      if (g->y[g->node[k]] > level) rt_flow_drain(g, g->node[k], length, level);
  int64_t mid = lo, rest = 0;
  for (int64_t k = lo; k < hi; k++) {
    const int32_t i = g->node[k];
    if (g->y[i] > level) left += g->y[i] - level;
    if (g->dist[i] >= 0)
      g->node[mid++] = i;
    else
      g->queue[rest++] = i;
    g->dist[i] = 0;
  }
  for (int64_t k = 0; k < rest; k++) g->node[mid + k] = g->queue[k];
  if (mid > lo && mid < hi && left > 16 * DBL_EPSILON * size) return mid;
  for (int64_t k = lo; k < hi; k++) g->y[g->node[k]] = level;
  return hi;
}

/* Labels the components of equal neighbours by their first node, and gives each the value that
** follows from what meets at its border, which rounds less than flows do. */
static inline void rt_flow_values(rt_flow *g, double *z, int64_t *label) {
  for (int64_t i = 0; i < g->n; i++) label[i] = -1;
  for (int64_t s = 0; s < g->n; s++) {
    if (label[s] >= 0) continue;
    int64_t count = 0;
    double sum = 0;
    label[s] = s;
    g->queue[count++] = (int32_t)s;
    for (int64_t at = 0; at < count; at++) {
      const int64_t i = g->queue[at];
      sum += g->x[i] - g->x[s];
      for (int64_t k = g->first[i]; k < g->first[i + 1]; k++) {
        const int32_t j = g->arc[k].head;
        const double w = g->w[g->arc[k].id >> 1];
        if (!(w > 0)) continue;
        if (g->y[j] != g->y[i]) {
          sum += g->y[j] > g->y[i] ? w : -w;
        } else if (label[j] < 0) {
          label[j] = s;
          g->queue[count++] = j;
        }
      }
    }
    const double value = g->x[s] + sum / (double)count;
    for (int64_t at = 0; at < count; at++) z[g->queue[at]] = value;
  }
}

/* 1: a weight is negative or NaN. 2: x is not finite. 3: an edge leaves the graph. */
static inline int rt_flow_tv(rt_flow *g, double *z, int64_t *label, double *work) {
  const int64_t n = g->n;
  for (int64_t i = 0; i < n; i++)
    if (!(g->x[i] >= -DBL_MAX && g->x[i] <= DBL_MAX)) return 2;
  for (int64_t e = 0; e < g->m; e++) {
    if (!(g->w[e] >= 0)) return 1;
    for (int64_t k = 0; k < 2; k++)
      if (g->ends[2 * e + k] < 0 || g->ends[2 * e + k] >= n) return 3;
  }
  if (n == 0) return 0;
  rt_flow_start(g, work);
  const double a = g->x[0], b = g->x[n / 2], c = g->x[n - 1];
  const double low = a < b ? a : b, high = a < b ? b : a;
  const double shift = c < low ? low : c > high ? high : c;
  g->stop[0] = (int32_t)n;
  for (int64_t lo = 0; lo < n;) {
    const int64_t hi = g->stop[lo], mid = rt_flow_divide(g, lo, hi, shift);
    g->stop[lo] = (int32_t)mid;
    if (mid < hi)
      g->stop[mid] = (int32_t)hi;
    else
      lo = hi;
  }
  rt_flow_values(g, z, label);
  return 0;
}

/* work: 4 m + 5 n + 1 */
static inline int rt_tv_graph_f64(int64_t n, int64_t m, const double *x, const int64_t *edges,
                                  const double *w, double *z, int64_t *label, double *work) {
  rt_flow g = {.n = n, .m = m, .x = x, .w = w, .ends = edges};
  return rt_flow_tv(&g, z, label, work);
}

/* A grid of p x q: wh[i][j] between columns j and j + 1, wv[i][j] between rows i and i + 1.
** work: 7 m + 5 n + 1 with n = p q nodes and m = 2 p q - p - q edges. */
static inline int rt_tv2d_f64(int64_t p, int64_t q, const double *x, const double *wh,
                              const double *wv, double *z, int64_t *label, double *work) {
  if (p == 0 || q == 0) return 0;
  rt_flow g = {.n = p * q, .m = p * (q - 1) + (p - 1) * q, .x = x};
  double *w = work;
  int64_t *ends = (int64_t *)(void *)(w + g.m), e = 0;
  for (int64_t i = 0; i < p; i++)
    for (int64_t j = 0; j + 1 < q; j++, e++)
      ends[2 * e] = i * q + j, ends[2 * e + 1] = i * q + j + 1, w[e] = wh[e];
  for (int64_t k = 0; k < (p - 1) * q; k++, e++)
    ends[2 * e] = k, ends[2 * e + 1] = k + q, w[e] = wv[k];
  g.w = w, g.ends = ends;
  return rt_flow_tv(&g, z, label, work + 3 * g.m);
}

#endif

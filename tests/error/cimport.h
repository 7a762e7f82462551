/* What cr.cimport refuses, each by its line. */
#include <math.h>
struct point { double x, y; };
static double rate = 0.5;
static double chosen(int k) {
  switch (k) {
  case 0: return 1;
  default: return 2;
  }
}
static double until(double x) {
  while (x > 1) x /= 2;
  return x;
}
static double norm(struct point p) { return p.x * p.x + p.y * p.y; }
static double scaled(double x) { return rate * x; }
static double hashed(double x) {
  unsigned n = (unsigned)x;
  return n * 2654435761u;
}
static double deep(double n) { return n <= 1 ? 1 : n * deep(n - 1); }
static void set(double *x) { *x = 1; }
static double set_it(double *x) { return *x = 1; }
static double other(double x) { return drem(x, 2); }
static double outside(double x) { double a[2] = {x, 1}; return a[2]; }
static int twice(int k) { return 2 * k; }
static double sometimes(double x) {
  if (x > 0) return x;
}

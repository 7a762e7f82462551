#!/bin/sh
# cimport.sh: C functions, imported and differentiated, against the same functions compiled by cc
# timeout: 120
cat >curve.h <<'END'
#ifndef CURVE_H
#define CURVE_H
#include <math.h>
#include <stdbool.h>
static const double table[5] = {0.5, 1.5, -2.0, 4.0, 3.25};
static const double grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
static const float half = 0.5f;
enum { ROUNDS = 4 };
#define SQUARE(x) ((x) * (x))

static double rosenbrock(double x, double y) {
  double a = 1 - x, b = y - x * x;
  return a * a + 100 * SQUARE(b);
}
static double sides(double x) {
  if (x < 0) return sqrt(x * x + 1e-2);
  x *= 2;
  return x > 3 ? log1p(x) : x * x * x;
}
static double horner(double x) {
  static const double c[] = {1.0, 0.5, -0.25, 0.125};
  double y = 0;
  for (int i = 3; i >= 0; i--) y = y * x + c[i];
  return y;
}
static double mixed(double x) { /* float here, double there */
  float z = x + 0.1;
  z += 0.1;
  return z * half / 3 + (float)x * 1e-3f;
}
static int whole(int a, int b) { return a / b * 100 + a % b * 10 + (a >> 1) + (a & 3 ^ 1 | 8); }
static double lookup(int k, double x) { return table[k] * x + grid[k % 2][k % 3]; }
static double newton(double a) {
  double x = a > 1 ? a : 1 + a * a;
  for (int i = 0; i < ROUNDS; ++i) x = 0.5 * (x + (a * a + 1) / x);
  return x;
}
static double early(double x) {
  double s = 0;
  int i;
  for (i = 1; i <= 9; i++) {
    if (s > x + 1) break;
    if (i % 2) continue;
    s += i * sin(x) + 0.3;
    if (s > 6) return -s * x;
  }
  return s * x + i;
}
static double rounds(double x) {
  int n = 0;
  double y = x;
  do {
    for (int k = 0; k < 3; k++) {
      if (y * k > 2) { y = y / 2; break; }
      y += 0.25 * x;
    }
    n++;
  } while (n < 3);
  return y;
}
static double dot(const double a[3], const double *b) {
  double s = 0;
  for (int i = 0; i < 3; i++) s += a[i] * b[i];
  return s;
}
static void normalise(double *v) {
  double n = sqrt(dot(v, v));
  if (n < 1e-3) return;
  for (int i = 0; i < 3; i++) v[i] /= n;
}
static double angle(double x) {
  double u[3] = {1, x, 0.5}, w[3] = {0};
  for (int i = 0; i < 3; i++) w[i] += table[i] + x * (i == 1);
  normalise(u), normalise(w);
  return acos(fmin(fmax(dot(u, w), -1), 1));
}
static double pick(double x) { /* an array of results, and an index that depends on data */
  double v[4];
  for (int i = 0; i < 4; i++) v[i] = x * i + x * x;
  int k = (int)fabs(x) % 4;
  v[k] = v[k] * 3;
  return v[k] + v[(k + 1) % 4];
}
static double fact(int n) { return n <= 1 ? 1 : n * fact(n - 1); }
static double logic(double x) {
  bool big = x > 1 || x < -1.5;
  int n = (x > 0 && x < 2) + !(x > 1) + (3 << 2 | 1);
  return fact(5) * x + (int)x + n + (big ? x * x : 0) + (long)(x * 3) % 2 + -(x > 0.25);
}
static double many(double x) {
  double y = fabs(x) + 0.5;
  return hypot(x, y) + fmod(x, y) + copysign(x, y) + round(x) + cbrt(x) + asinh(x) + exp2(y) +
         log2(y) + log10(y) + pow(y, 1.5) + tgamma(y) + atan2(x, y) + erf(x) + acosh(y + 1) +
         atanh(x / 8) + fdim(x, 0.1) + trunc(x) + (isnan(x) ? 1 : 2) + sinh(x) + fma(x, y, 1) + lgamma(y);
}
#endif
END
cat >curve.lua <<'END'
local cr = require "crescent"
cr.default_dtype "f64"
local f = cr.cimport "curve.h"
local x, y = cr.input("x", { 9 }), cr.input("y", { 9 })
local k = cr.input("k", { 9 }, { dtype = "i32" })
local a, b = cr.input("a", { 3 }), cr.input("b", { 3 })
local i = cr.index "i"
local out = {
  rosenbrock = cr.tensor({ i }, f.rosenbrock(x(i), y(i))), sides = f.sides(x), horner = f.horner(x),
  mixed = f.mixed(x), newton = f.newton(x), early = f.early(x), rounds = f.rounds(x), angle = f.angle(x),
  pick = f.pick(x), logic = f.logic(x), many = f.many(x),
}
local names, first, second = {}, {}, {}
for name in pairs(out) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  first["d_" .. name] = cr.grad(cr.sum(out[name]), x)
  second["h_" .. name] = cr.grad(cr.sum(first["d_" .. name]), x)
end
out.whole = cr.tensor({ i }, f.whole(k(i), 3))
out.lookup = cr.tensor({ i }, f.lookup(i % 5, x(i)))
out.at = cr.tensor({ i }, f.lookup(k(i) % 5, x(i)))
out.dot = f.dot({ a(0), a(1), a(2) }, b)
out.table2 = f.rosenbrock(cr.reshape(a, { 3, 1 }), b)
return cr.program("curve", {
  value = cr.entry { inputs = { x, y, k, a, b }, outputs = out },
  slope = cr.entry { inputs = { x, y }, outputs = first },
  bend = cr.entry { inputs = { x, y }, outputs = second },
})
END
"$CRESCENT" emit curve.lua -o c
test "$(cat c/curve*.c | wc -l)" -lt 4000 # shared expressions have names, whichever result they are of
cat >native.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "c/curve.h"
#define curve_h_skip
#include "curve.h"

static double X[9] = {-2.3, -1.2, -0.4, 0.3, 0.9, 1.2, 1.9, 2.6, 3.3}, Y[9] = {1, 2, -1, 0.5, 0, 3, -2, 1, 4};
static int bad;
static void near(const char *what, int i, double got, double want, double by) {
  if (fabs(got - want) <= by * (1 + fabs(want))) return;
  printf("%s[%d]: %.17g, in C %.17g\n", what, i, got, want);
  bad = 1;
}
static int k_of_y; /* rosenbrock with the y that goes with x */
static double rosenbrock_x(double x) { return rosenbrock(x, Y[k_of_y]); }
END
awk 'BEGIN {
  n = split("angle early horner logic many mixed newton pick rosenbrock rounds sides", f, " ")
  print "typedef double (*function)(double);\nstatic const function fn[] = {"
  for (i = 1; i <= n; i++) printf "%s%s, ", f[i], f[i] == "rosenbrock" ? "_x" : ""
  print "};\nstatic const char *const name[] = {"
  for (i = 1; i <= n; i++) printf "\"%s\", ", f[i]
  print "};\nenum { N = " n " };"
}' >>native.c
cat >>native.c <<'END'
static double slope(function f, double x) { /* by Richardson, error h^6 */
  double h = 1e-3, d[3];
  for (int k = 0; k < 3; k++, h /= 2) d[k] = (f(x + h) - f(x - h)) / (2 * h);
  double e0 = (4 * d[1] - d[0]) / 3, e1 = (4 * d[2] - d[1]) / 3;
  return (16 * e1 - e0) / 15;
}
static double bend(function f, double x) {
  double h = 8e-3, d[3];
  for (int k = 0; k < 3; k++, h /= 2) d[k] = (f(x + h) - 2 * f(x) + f(x - h)) / (h * h);
  double e0 = (4 * d[1] - d[0]) / 3, e1 = (4 * d[2] - d[1]) / 3;
  return (16 * e1 - e0) / 15;
}

int main(void) {
  curve_config config = CURVE_CONFIG;
  curve *m;
  int32_t k[9] = {-7, -3, -1, 0, 1, 2, 5, 8, 100};
  double a[3] = {1, -2, 0.5}, b[3] = {0.25, 3, -1}, v[N][9], d[N][9], h[N][9];
  double at[9], dotted, lookups[9], tab[3][3];
  int64_t w[9];
  if (curve_create(&m, &config)) return 2;
  /* outputs in the order of their names */
  if (curve_value(m, X, Y, k, a, b, v[0], at, &dotted, v[1], v[2], v[3], lookups, v[4], v[5], v[6], v[7],
                  v[8], v[9], v[10], tab, w)) return 3;
  if (curve_slope(m, X, Y, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10])) return 4;
  if (curve_bend(m, X, Y, h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10])) return 5;
  for (int i = 0; i < 9; i++) {
    k_of_y = i;
    for (int n = 0; n < N; n++) {
      int single = fn[n] == mixed;
      near(name[n], i, v[n][i], fn[n](X[i]), single ? 1e-7 : 1e-13);
      if (!single) near(name[n], i, d[n][i], slope(fn[n], X[i]), 1e-7);
      if (!single) near(name[n], i, h[n][i], bend(fn[n], X[i]), 1e-4);
    }
    near("whole", i, (double)w[i], whole(k[i], 3), 0);
    near("lookup", i, lookups[i], lookup(i % 5, X[i]), 1e-15);
    near("at", i, at[i], lookup((k[i] % 5 + 5) % 5, X[i]), 1e-15);
    near("table", i, tab[i / 3][i % 3], rosenbrock(a[i / 3], b[i % 3]), 1e-14);
  }
  near("dot", 0, dotted, dot(a, b), 1e-15);
  curve_destroy(m);
  if (!bad) puts("as in C");
  return bad;
}
END
sed -i 's/#define curve_h_skip/#undef CURVE_H/' native.c
cc -std=c11 -O1 -ffp-contract=off -Wno-unused-function native.c c/curve*.c -o native -lm
./native | tee out.txt | grep -q 'as in C' || { cat out.txt; exit 1; }

# another value in the file: another program
cp c/curve.c before.c
sed -i 's/4.0, 3.25/4.0, 3.5/' curve.h
"$CRESCENT" emit curve.lua -o c
if cmp -s before.c c/curve.c; then echo "the changed file is not read again" >&2; exit 1; fi

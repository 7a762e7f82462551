/*
** rt_print.c: results on standard output, for people and as JSON
*/
#include "rt_program.h"
#include "rt_io_parts.h"

#include <inttypes.h>
#include <math.h>

/* Writes one element so that reading it gives the same value. */
static void print_element(FILE *out, const rt_array *a, int64_t i, bool json) {
  char text[64];
  double x = rt_element(a, i);
  if (json && a->dtype == RT_BOOL) {
    fputs(x != 0 ? "true" : "false", out);
  } else if (json && (isnan(x) || isinf(x))) {
    fputs(isnan(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity", out);
  } else {
    rt_print_number(text, sizeof text, a, i);
    fputs(text, out);
  }
}

/* Prints axis d and those below it, from element *at on. */
static void print_nested(FILE *out, const rt_array *a, int d, int64_t *at, bool json) {
  if (d == a->rank) {
    print_element(out, a, (*at)++, json);
    return;
  }
  fputc('[', out);
  for (int64_t k = 0; k < a->dim[d]; k++) {
    if (k) fputs(json || d == a->rank - 1 ? ", " : ",\n ", out);
    for (int pad = 0; k && !json && d < a->rank - 1 && pad < d; pad++) fputc(' ', out);
    print_nested(out, a, d + 1, at, json);
  }
  fputc(']', out);
}

/* Prints "prob {2, 3}:" and the elements; of a large array only the shape and the range. */
void rt_print_array(FILE *out, const char *name, const rt_array *a) {
  char shape[128];
  int64_t n = rt_array_count(a), at = 0;
  if (a->rank == 0) {
    fprintf(out, "%s = ", name);
    print_element(out, a, 0, false);
    fputc('\n', out);
    return;
  }
  fprintf(out, "%s %s %s", name, rt_dtype_name(a->dtype),
          rt_shape_text(shape, sizeof shape, a->rank, a->dim));
  if (n > 1000) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++)
      low = fmin(low, rt_element(a, i)), high = fmax(high, rt_element(a, i));
    fprintf(out, ": %" PRId64 " elements from %g to %g (--out %s=FILE for all)\n", n, low, high,
            name);
    return;
  }
  fputs(":\n", out);
  print_nested(out, a, 0, &at, false);
  fputc('\n', out);
}

/* Prints the array as nested JSON lists. */
void rt_print_json(FILE *out, const rt_array *a) {
  int64_t at = 0;
  print_nested(out, a, 0, &at, true);
}

/* Prints a JSON string. */
void rt_json_quote(FILE *out, const char *s) {
  fputc('"', out);
  for (; *s; s++) {
    if (*s == '"' || *s == '\\')
      fprintf(out, "\\%c", *s);
    else if ((unsigned char)*s < 32)
      fprintf(out, "\\u%04x", *s);
    else
      fputc(*s, out);
  }
  fputc('"', out);
}

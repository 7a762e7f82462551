/*
** rt_range.c: integers that stand for places, checked against what they are places in
**
**   labels.npy: row 17: y is 10, outside 0 <= y < 10: class in cross_entropy (m.lua:14)
*/
#include "rt_program.h"

#include <inttypes.h>

/* Fails with the first element of an input that is outside the range the model demands. */
int rt_range_check(const rt_model *m, const rt_sizes *size, const rt_arg *arg, const rt_array *a,
                   const char *file, rt_error *err) {
  int64_t n = rt_array_count(a), row = 1;
  for (int d = 1; d < a->rank; d++) row *= a->dim[d];
  for (int k = 0; k < m->nrange; k++) {
    const rt_range *r = &m->range[k];
    const char *x = r->input, *y = arg->name;
    while (*x && *x == *y) x++, y++;
    if (*x || *y || (r->extent.sym >= 0 && size->value[r->extent.sym] < 0)) continue;
    int64_t extent = rt_extent(&r->extent, size->value);
    for (int64_t i = 0; i < n; i++) {
      double v = rt_element(a, i);
      if ((v >= 0 && v < (double)extent) || (r->other && v == (double)r->other)) continue;
      rt_fail(err, file, "row %" PRId64 ": %s is %.17g, outside 0 <= %s < %" PRId64 ": %s",
              row > 0 ? i / row : 0, arg->name, v, arg->name, extent, r->text);
      return RT_DATA;
    }
  }
  return 0;
}

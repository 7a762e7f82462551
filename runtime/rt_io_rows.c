/*
** rt_io_rows.c: some rows of a file that is one array
**
**   test.idx:0-7     the first eight, {8, 28, 28}     test.idx:3      one, {28, 28}
**   code.npy:0,2,5-7 five, in that order              prime.txt:0-63  the first 64 letters
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <string.h>

/* Reads one part, "3" or "0-7", into the rows from..to. */
static int take_part(const char *name, const char *s, size_t length, int64_t rows, int64_t *from,
                     int64_t *to, rt_error *err) {
  const char *dash = memchr(s, '-', length);
  size_t first = dash ? (size_t)(dash - s) : length;
  bool good = rt_parse_count(s, first, from);
  *to = good ? *from : 0;
  if (good && dash) good = rt_parse_count(dash + 1, length - first - 1, to);
  if (!good || *to < *from)
    return rt_fail(err, name, "rows: '%.*s' is neither 3 nor 0-7", length < 40 ? (int)length : 40,
                   s);
  if (*to >= rows)
    return rt_fail(err, name, "rows: there is no row %" PRId64 ", the file has %" PRId64
                   " (the first is 0)", *to, rows);
  return 0;
}

/* Goes over the parts of a selection: counts its rows, and copies them where `to` is not NULL. */
static int each_part(const char *name, const char *select, const rt_array *a, size_t row, char *to,
                     int64_t *count, rt_error *err) {
  *count = 0;
  for (const char *s = select;; s++) {
    size_t length = strcspn(s, ",");
    int64_t first, last;
    if (take_part(name, s, length, a->dim[0], &first, &last, err)) return 1;
    size_t bytes = (size_t)(last - first + 1) * row;
    if (to && bytes) memcpy(to, (const char *)a->data + (size_t)first * row, bytes);
    if (to) to += bytes;
    *count += last - first + 1;
    s += length;
    if (!*s) return 0;
  }
}

/* Leaves of the array the selected rows: one range where it stands, more as a copy. A single row
** has no axis of rows any more. On failure the array is freed. */
int rt_rows_take(const char *name, const char *select, rt_array *a, rt_error *err) {
  rt_array out = {0};
  size_t row = rt_dtype_size(a->dtype);
  int64_t count = 0, shape[RT_MAX_RANK];
  for (int d = 1; d < a->rank; d++) row *= (size_t)a->dim[d];
  int bad = a->rank == 0 ? rt_fail(err, name, "rows: ':%.40s', but the file is one number", select)
                         : each_part(name, select, a, row, NULL, &count, err);
  memcpy(shape, a->dim, sizeof shape);
  shape[0] = count;
  if (!bad && !strchr(select, ',')) {
    int64_t first = 0, last;
    bad = take_part(name, select, strlen(select), a->dim[0], &first, &last, err);
    a->data = (char *)a->data + (size_t)first * row;
    a->dim[0] = count;
  } else if (!bad) {
    bad = rt_array_alloc(&out, a->dtype, a->rank, shape, name, err) ||
          each_part(name, select, a, row, out.data, &count, err);
    rt_array_free(a);
    *a = out;
  }
  if (bad) {
    rt_array_free(a);
  } else if (!strpbrk(select, ",-")) {
    a->rank--;
    memmove(a->dim, a->dim + 1, (size_t)a->rank * sizeof *a->dim);
  }
  return bad;
}

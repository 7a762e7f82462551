/*
** rt_split.c: --split 80,10,10: train, validation and test rows of the same files
**
** The rows are dealt out by a permutation drawn from the seed, or in the order of the files with
** --ordered: the first 80 of 100 train, the next 10 validate, the last 10 test.
*/
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>

enum { STREAM = -2 }; /* of the permutation: no epoch */

/* Reads two or three shares, whole numbers or fractions of any sum. */
int rt_split_shares(const char *text, double share[3], rt_error *err) {
  const char *s = text;
  int n = 0;
  share[2] = 0;
  for (; n < 3; n++) {
    char *end;
    share[n] = strtod(s, &end);
    if (end == s || !(share[n] >= 0) || share[n] > 1e15 || (*end && *end != ',')) break;
    s = end;
    if (!*end) {
      n++;
      break;
    }
    s++;
  }
  if (n >= 2 && !*s && share[0] > 0 && share[1] > 0) return 0;
  rt_fail(err, "--split", "expected shares such as 80,10,10 or 80,20, found '%s'", text);
  return RT_USAGE;
}

/* Keeps only the rows of a part. */
int rt_split_rows(rt_dataset *d, const rt_options *o, rt_part part, rt_error *err) {
  double share[3];
  if (rt_split_shares(o->split, share, err)) return RT_USAGE;
  if (d->feed == RT_WHOLE) {
    rt_fail(err, "--split", "the data have no rows to divide");
    return RT_USAGE;
  }
  double sum = share[0] + share[1] + share[2];
  int64_t from[4] = {0, 0, 0, d->rows};
  from[1] = (int64_t)((double)d->rows * share[0] / sum + 0.5);
  from[2] = share[2] > 0 ? (int64_t)((double)d->rows * (share[0] + share[1]) / sum + 0.5) : d->rows;
  int64_t n = from[part + 1] - from[part];
  if (n < 1) {
    rt_fail(err, "--split", "%s of %" PRId64 " rows leaves a part without any", o->split, d->rows);
    return RT_DATA;
  }
  int64_t *order = malloc((size_t)d->rows * sizeof *order);
  if (!order) return rt_fail(err, "--split", "out of memory"), RT_DATA;
  for (int64_t i = 0; i < d->rows; i++) order[i] = i;
  if (!o->ordered) rt_shuffle(order, d->rows, o->seed, (uint64_t)STREAM);
  for (int64_t i = 0; i < n; i++) order[i] = order[from[part] + i];
  d->subset = order;
  d->rows = n;
  return 0;
}

/*
** rt_array_grid.c: many pictures as one, side by side
**
** {N, H, W}, {N, H, W, C} or {N, C, H, W}  ->  {R * (H + 1) - 1, K * (W + 1) - 1[, C]}
**
** K pictures a row, the fewest that make the whole no higher than wide (ceil(sqrt(N)) of square
** ones), row by row, a line of zeros between them and zeros where there is no picture.
*/
#include "rt_array.h"

#include <string.h>

/* Tiles the pictures; a of other ranks is left as it is. Call it before rt_layout_image. */
int rt_layout_grid(rt_array *a, const char *name, rt_error *err) {
  const int64_t *d = a->dim;
  bool grey = a->rank == 3 && d[0] > 4 && d[2] > 4;
  if (!grey && !(a->rank == 4 && d[0] > 1)) return 0;
  bool first = !grey && d[1] <= 4 && d[3] > 4; /* channels before the rows */
  int64_t n = d[0], c = grey ? 1 : first ? d[1] : d[3];
  int64_t h = first ? d[2] : d[1], w = first ? d[3] : d[2], across = 1;
  while (across < n && across * w < (n + across - 1) / across * h) across++;
  int64_t down = (n + across - 1) / across,
          shape[3] = {down * (h + 1) - 1, across * (w + 1) - 1, c};
  rt_array out;
  if (rt_array_alloc(&out, a->dtype, c == 1 ? 2 : 3, shape, name, err)) return 1;
  size_t size = rt_dtype_size(a->dtype);
  memset(out.data, 0, (size_t)(shape[0] * shape[1] * c) * size);
  for (int64_t k = 0; k < n; k++)
    for (int64_t i = 0; i < h; i++)
      for (int64_t j = 0; j < w; j++)
        for (int64_t m = 0; m < c; m++) {
          int64_t from = first ? ((k * c + m) * h + i) * w + j : ((k * h + i) * w + j) * c + m;
          int64_t row = k / across * (h + 1) + i, column = k % across * (w + 1) + j;
          memcpy((char *)out.data + (size_t)((row * shape[1] + column) * c + m) * size,
                 (const char *)a->data + (size_t)from * size, size);
        }
  rt_array_free(a);
  *a = out;
  return 0;
}

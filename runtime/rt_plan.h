/*
** rt_plan.h: places buffers in one block of memory by their lifetimes
**
** Two buffers may share bytes when [first, last] of the one and of the other do not meet:
**
**   steps   0  1  2  3            offset
**   a       [-----]               0
**   b          [-----]            64      rt_plan(item, 3) == 128: the bytes of the block
**   c             [--]            0
**
** The compiler runs it where sizes are known, a made program in _create where they are not.
*/
#ifndef RT_PLAN_H
#define RT_PLAN_H

#include <stddef.h>

enum { RT_PLAN_ALIGN = 64 };

typedef struct rt_plan_item {
  size_t size;     /* bytes; 0 takes no place */
  int first, last; /* steps between which it is alive, both included */
  size_t offset;   /* result */
  int next;        /* the placed item with the next larger offset, -1: none */
  int placed;
} rt_plan_item;

/* Returns the smallest gap between placed items alive at the same time that holds item k. */
static inline size_t rt_plan_gap(const rt_plan_item *item, int head, int k, size_t size) {
  size_t end = 0, best = (size_t)-1, place = 0;
  for (int j = head; j >= 0; j = item[j].next) {
    if (item[j].last < item[k].first || item[k].last < item[j].first) continue;
    if (item[j].offset >= end && item[j].offset - end >= size && item[j].offset - end < best) {
      best = item[j].offset - end;
      place = end;
    }
    size_t stop =
        (item[j].offset + item[j].size + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;
    if (stop > end) end = stop;
  }
  return best == (size_t)-1 ? end : place;
}

/* Gives every item its offset, a multiple of RT_PLAN_ALIGN, the largest first, and returns the
** bytes of the block that holds them all. */
static inline size_t rt_plan(rt_plan_item *item, int n) {
  size_t total = 0;
  int head = -1;
  for (int i = 0; i < n; i++) item[i].placed = 0, item[i].offset = 0, item[i].next = -1;
  for (int round = 0; round < n; round++) {
    int k = -1;
    for (int i = 0; i < n; i++)
      if (!item[i].placed && (k < 0 || item[i].size > item[k].size)) k = i;
    item[k].placed = 1;
    if (item[k].size == 0) continue;
    size_t size = (item[k].size + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;
    item[k].offset = rt_plan_gap(item, head, k, size);
    int before = -1, after = head;
    while (after >= 0 && item[after].offset <= item[k].offset)
      before = after, after = item[after].next;
    item[k].next = after;
    if (before < 0)
      head = k;
    else
      item[before].next = k;
    if (item[k].offset + size > total) total = item[k].offset + size;
  }
  return total;
}

#endif

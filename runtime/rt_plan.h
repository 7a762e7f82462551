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

enum {
  RT_PLAN_ALIGN = 64,
  RT_PLAN_PAGE = 4096, /* what is a multiple of it apart has one place in the first cache, and */
  RT_PLAN_NEAR = 224,  /* what is about so, a few trips later */
  RT_PLAN_APART = 7 * 64
};

typedef struct rt_plan_item {
  size_t size;     /* bytes; 0 takes no place */
  int first, last; /* steps between which it is alive, both included */
  size_t offset;   /* result */
  int next;        /* the next placed item: by offset, -1: none */
  int then;        /* the next item to place: by size */
  /* placed: steps between which it, or one that has its place right before or after, is alive */
  int from, to;
} rt_plan_item;

/* A row of a model's table: an item's first and last step, and its bytes: `times` by[by]. */
typedef struct rt_plan_need {
  int first, last, by;
  size_t times;
} rt_plan_need;

/* Makes a list of all items, the largest first, equal ones in their order; returns its head. */
static inline int rt_plan_sort(rt_plan_item *item, int n) {
  int head = -1;
  for (int i = n - 1; i >= 0; i--) item[i].then = head, head = i;
  for (int width = 1; width < n; width *= 2) { /* runs of `width` become runs of twice that */
    int *tail = &head, x = head;
    while (x >= 0) {
      int y = x, nx = 0, ny = width;
      while (y >= 0 && nx < width) y = item[y].then, nx++;
      while (nx > 0 || (ny > 0 && y >= 0)) {
        int first = nx > 0 && (ny == 0 || y < 0 || item[x].size >= item[y].size);
        int k = first ? x : y;
        if (first)
          x = item[x].then, nx--;
        else
          y = item[y].then, ny--;
        *tail = k;
        tail = &item[k].then;
      }
      x = y;
    }
    *tail = -1;
  }
  return head;
}

/* How many items of at least a page, alive with item k, begin about as far into a page as `at` does. */
static inline int rt_plan_meets(const rt_plan_item *item, int head, int k, size_t at) {
  int n = 0;
  for (int j = head; j >= 0; j = item[j].next) {
    size_t apart = (at - item[j].offset + RT_PLAN_NEAR) % RT_PLAN_PAGE;
    if (item[j].to < item[k].first || item[k].last < item[j].from) continue;
    n += item[j].size >= RT_PLAN_PAGE && apart < 2 * RT_PLAN_NEAR;
  }
  return n;
}

/* Where item k, if it has a page or more, meets the fewest others, from `end` on, at most `room`
** bytes further: many arrays of [1024] right behind each other would push each other out of the
** cache. */
static inline size_t rt_plan_apart(const rt_plan_item *item, int head, int k, size_t end,
                                   size_t room) {
  size_t best = end;
  int least = item[k].size < RT_PLAN_PAGE ? 0 : rt_plan_meets(item, head, k, end);
  for (size_t at = end; least > 0 && at <= end + room; at += RT_PLAN_APART) {
    int n = rt_plan_meets(item, head, k, at);
    if (n < least) least = n, best = at;
  }
  return best;
}

/* Returns the smallest gap between placed items alive at the same time that holds item k. */
static inline size_t rt_plan_gap(const rt_plan_item *item, int head, int k, size_t size) {
  size_t end = 0, best = (size_t)-1, place = 0;
  for (int j = head; j >= 0; j = item[j].next) {
    if (item[j].to < item[k].first || item[k].last < item[j].from) continue;
    if (item[j].offset >= end && item[j].offset - end >= size && item[j].offset - end < best) {
      best = item[j].offset - end;
      place = end;
    }
    size_t stop =
        (item[j].offset + item[j].size + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;
    if (stop > end) end = stop;
  }
  if (best == (size_t)-1) return rt_plan_apart(item, head, k, end, RT_PLAN_PAGE - 1);
  size_t room = best - size;
  return rt_plan_apart(item, head, k, place, room < RT_PLAN_PAGE ? room : RT_PLAN_PAGE - 1);
}

/* Adds item k, whose offset is known, to those that are placed; returns the head of their list.
** What is alive right before or after another in the very same place lengthens that one, so that
** the list stays short. */
static inline int rt_plan_place(rt_plan_item *item, int head, int k) {
  int before = -1, after = head;
  item[k].from = item[k].first, item[k].to = item[k].last;
  for (; after >= 0 && item[after].offset <= item[k].offset;
       before = after, after = item[after].next) {
    rt_plan_item *p = &item[after];
    if (p->offset != item[k].offset || p->size != item[k].size) continue;
    if (p->to + 1 != item[k].first && item[k].last + 1 != p->from) continue;
    if (p->to < item[k].first)
      p->to = item[k].last;
    else
      p->from = item[k].first;
    return head;
  }
  item[k].next = after;
  if (before < 0) return k;
  item[before].next = k;
  return head;
}

/* Gives every item its offset, a multiple of RT_PLAN_ALIGN, the largest first, and returns the
** bytes of the block that holds them all. */
static inline size_t rt_plan(rt_plan_item *item, int n) {
  size_t total = 0;
  int head = -1;
  for (int i = 0; i < n; i++) item[i].offset = 0;
  for (int k = rt_plan_sort(item, n); k >= 0 && item[k].size > 0; k = item[k].then) {
    size_t size = (item[k].size + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;
    item[k].offset = rt_plan_gap(item, head, k, size);
    head = rt_plan_place(item, head, k);
    if (item[k].offset + size > total) total = item[k].offset + size;
  }
  return total;
}

/* Plans for what n items need; their offsets go to at. */
static inline size_t rt_plan_needs(const rt_plan_need *need, const size_t *by, rt_plan_item *item,
                                   int n, size_t *at) {
  for (int i = 0; i < n; i++)
    item[i] = (rt_plan_item){
        .size = need[i].times * by[need[i].by], .first = need[i].first, .last = need[i].last};
  size_t total = rt_plan(item, n);
  for (int i = 0; i < n; i++) at[i] = item[i].offset;
  return total;
}

#endif

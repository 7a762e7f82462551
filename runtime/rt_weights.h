/*
** rt_weights.h: a model's parameters from and to safetensors, for the C interface
**
**   8 bytes: length n of the header;  n bytes of JSON;  the elements
**   {"w": {"dtype": "F32", "shape": [10, 64], "data_offsets": [0, 2560]}, ...}
**
** Reading works on memory and allocates nothing, so that it serves where there are no files. What
** is not exactly so is refused. The program around a model uses rt_io.h, which says what is wrong.
*/
#ifndef RT_WEIGHTS_H
#define RT_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct rt_weight {
  const char *name, *dtype; /* "f32" */
  size_t element;           /* bytes */
  int rank;
  int64_t dim[8];
  void *data;
  bool trained; /* must be there when loading */
  bool found;   /* while it is looked for in a file */
} rt_weight;

static inline size_t rt_weight_count(const rt_weight *w) {
  size_t n = 1;
  for (int d = 0; d < w->rank; d++) n *= (size_t)w->dim[d];
  return n;
}

/* A place in the header; `bad` once something was not as expected. */
typedef struct rt_scan {
  const char *at, *end;
  bool bad;
} rt_scan;

static inline char rt_scan_peek(rt_scan *s) {
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
    s->at++;
  if (s->at < s->end) return *s->at;
  s->bad = true;
  return 0;
}

static inline bool rt_scan_take(rt_scan *s, char c) {
  if (s->bad || rt_scan_peek(s) != c) return false;
  s->at++;
  return true;
}

static inline void rt_scan_expect(rt_scan *s, char c) {
  if (!rt_scan_take(s, c)) s->bad = true;
}

/* Passes a string, and says whether it is `want`, which has no escapes. */
static inline bool rt_scan_string(rt_scan *s, const char *want) {
  rt_scan_expect(s, '"');
  const char *begin = s->at;
  while (!s->bad && s->at < s->end && *s->at != '"') s->at += *s->at == '\\' ? 2 : 1;
  if (s->at >= s->end) s->bad = true;
  if (s->bad) return false;
  size_t n = (size_t)(s->at++ - begin);
  return want && strlen(want) == n && memcmp(begin, want, n) == 0;
}

static inline int64_t rt_scan_count(rt_scan *s) {
  int64_t v = 0;
  rt_scan_peek(s);
  const char *begin = s->at;
  for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
    if (v > INT64_MAX / 10 - 1)
      s->bad = true;
    else
      v = v * 10 + (*s->at - '0');
  }
  if (s->at == begin) s->bad = true;
  return v;
}

/* Passes {"key": "text", ...}: the metadata. */
static inline void rt_scan_metadata(rt_scan *s) {
  rt_scan_expect(s, '{');
  if (rt_scan_take(s, '}')) return;
  do {
    rt_scan_string(s, NULL);
    rt_scan_expect(s, ':');
    rt_scan_string(s, NULL);
  } while (rt_scan_take(s, ','));
  rt_scan_expect(s, '}');
}

/* Reads a tensor's description; returns whether it is of the weight's dtype and shape. */
static inline bool rt_scan_tensor(rt_scan *s, const rt_weight *w, int64_t range[2]) {
  char type[8] = "";
  bool same = true;
  unsigned seen = 0;
  for (int i = 0; w && i < 7 && w->dtype[i]; i++)
    type[i] = (char)(w->dtype[i] >= 'a' && w->dtype[i] <= 'z' ? w->dtype[i] - 32 : w->dtype[i]);
  range[0] = range[1] = -1;
  rt_scan_expect(s, '{');
  do {
    rt_scan before = *s;
    bool dtype = rt_scan_string(s, "dtype"), shape, offsets;
    rt_scan again = before;
    shape = rt_scan_string(&again, "shape");
    again = before;
    offsets = rt_scan_string(&again, "data_offsets");
    unsigned bit = dtype ? 1 : shape ? 2 : offsets ? 4 : 0;
    if (!bit || seen & bit) s->bad = true;
    seen |= bit;
    rt_scan_expect(s, ':');
    if (dtype) {
      if (!rt_scan_string(s, type)) same = false;
    } else if (shape || offsets) {
      int n = 0;
      rt_scan_expect(s, '[');
      if (!rt_scan_take(s, ']')) {
        do {
          int64_t v = rt_scan_count(s);
          if (offsets && n < 2) range[n] = v;
          if (shape && w && (n >= w->rank || w->dim[n] != v)) same = false;
          n++;
        } while (!s->bad && rt_scan_take(s, ','));
        rt_scan_expect(s, ']');
      }
      if (shape && w && n != w->rank) same = false;
      if (offsets && n != 2) s->bad = true;
    }
  } while (!s->bad && rt_scan_take(s, ','));
  rt_scan_expect(s, '}');
  if (seen != 7) s->bad = true;
  return same && !s->bad;
}

/* Goes through the header; with `store` the elements are copied, else only checked. Returns 0, 1
** for what is no safetensors file, 2 where a parameter is missing or of another shape or dtype. */
static inline int rt_weights_pass(rt_weight *w, int n, const char *data, size_t size,
                                  bool store) {
  uint64_t length = 0;
  if (size < 8) return 1;
  for (int i = 0; i < 8; i++) length |= (uint64_t)(unsigned char)data[i] << (8 * i);
  if (length > size - 8) return 1;
  rt_scan s = {data + 8, data + 8 + length, false};
  size_t room = size - 8 - (size_t)length;
  const char *elements = s.end;
  int found = 0, wanted = 0, wrong = 0;
  for (int k = 0; k < n; k++) wanted += w[k].trained, w[k].found = false;
  rt_scan_expect(&s, '{');
  bool empty = rt_scan_take(&s, '}');
  while (!empty && !s.bad) {
    rt_scan key = s;
    rt_weight *one = NULL;
    bool metadata = rt_scan_string(&s, "__metadata__");
    for (int k = 0; k < n && !one; k++) {
      rt_scan again = key;
      if (rt_scan_string(&again, w[k].name)) one = &w[k];
    }
    rt_scan_expect(&s, ':');
    if (metadata) {
      rt_scan_metadata(&s);
    } else {
      int64_t range[2];
      bool same = rt_scan_tensor(&s, one, range);
      if (s.bad || range[0] < 0 || range[1] < range[0] || (uint64_t)range[1] > room) return 1;
      size_t bytes = one ? rt_weight_count(one) * one->element : 0;
      if (one && (!same || bytes != (size_t)(range[1] - range[0])))
        wrong++;
      else if (one && store && bytes)
        memcpy(one->data, elements + range[0], bytes);
      if (one && one->found) return 1;
      if (one) one->found = true;
      if (one && one->trained) found++;
    }
    if (rt_scan_take(&s, ',')) continue;
    rt_scan_expect(&s, '}');
    break;
  }
  if (s.bad) return 1;
  return wrong || found != wanted ? 2 : 0;
}

/* Loads the weights, all or none; see rt_weights_pass for what is returned. */
static inline int rt_weights_load(rt_weight *w, int n, const void *data, size_t size) {
  int status = rt_weights_pass(w, n, (const char *)data, size, false);
  return status ? status : rt_weights_pass(w, n, (const char *)data, size, true);
}

#endif

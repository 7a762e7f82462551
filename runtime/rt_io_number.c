/*
** rt_io_number.c: numbers in text, correctly rounded, in any locale
**
** Up to 19 digits that make an integer below 2^53, times or over a power of ten up to 10^22, is one
** exact operation (Clinger 1990); the rest goes to strtod, with the locale's decimal point put in.
*/
#include "rt_io_parts.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1000 };

static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Whether s is the word, in letters of either case. */
static bool word(const char *s, size_t length, const char *want) {
  if (strlen(want) != length) return false;
  for (size_t i = 0; i < length; i++)
    if ((s[i] | 0x20) != want[i]) return false;
  return true;
}

/* Parses through strtod; the text has the form of a number already. */
static rt_number parse_slowly(const char *s, size_t length, double *out) {
  char text[LONGEST + 16];
  const char *point = localeconv()->decimal_point;
  size_t n = 0, extra = strlen(point);
  if (length > LONGEST || extra > 8) return RT_NUMBER_BAD;
  for (size_t i = 0; i < length; i++) {
    if (s[i] == '.') {
      memcpy(text + n, point, extra);
      n += extra;
    } else {
      text[n++] = s[i];
    }
  }
  text[n] = 0;
  char *end;
  *out = strtod(text, &end);
  if (end != text + n) return RT_NUMBER_BAD;
  return isinf(*out) ? RT_NUMBER_LARGE : RT_NUMBER_OK;
}

/* Parses the whole of s, a decimal number such as -1.5e3, or nan or inf with or without a sign.
** RT_NUMBER_LARGE is a number beyond the range; one too small gives 0 or a denormal. */
rt_number rt_parse_f64(const char *s, size_t length, double *out) {
  size_t i = 0;
  bool minus = i < length && s[i] == '-';
  if (i < length && (s[i] == '-' || s[i] == '+')) i++;
  if (word(s + i, length - i, "nan")) return *out = (double)NAN, RT_NUMBER_OK;
  if (word(s + i, length - i, "inf") || word(s + i, length - i, "infinity"))
    return *out = minus ? -(double)INFINITY : (double)INFINITY, RT_NUMBER_OK;
  uint64_t digits = 0;
  int seen = 0, significant = 0, scale = 0;
  for (bool fraction = false; i < length; i++) {
    if (s[i] == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (s[i] < '0' || s[i] > '9') break;
    seen = 1;
    if (digits || s[i] != '0') significant++;
    if (significant <= 19) digits = digits * 10 + (uint64_t)(s[i] - '0');
    if (fraction && scale > -LONGEST) scale--;
  }
  if (!seen) return RT_NUMBER_BAD;
  if (i < length && (s[i] | 0x20) == 'e') {
    bool down = ++i < length && s[i] == '-';
    if (i < length && (s[i] == '-' || s[i] == '+')) i++;
    if (i == length) return RT_NUMBER_BAD;
    int power = 0;
    for (; i < length && s[i] >= '0' && s[i] <= '9'; i++)
      if (power < 100000) power = power * 10 + (s[i] - '0');
    scale += down ? -power : power;
  }
  if (i != length) return RT_NUMBER_BAD;
  if (FLT_EVAL_METHOD != 0 || significant > 19 || digits > (uint64_t)1 << 53 || scale < -22 ||
      scale > 22)
    return parse_slowly(s, length, out);
  double x = (double)digits;
  x = scale < 0 ? x / powers[-scale] : x * powers[scale];
  *out = minus ? -x : x;
  return RT_NUMBER_OK;
}

/* Parses the whole of s as an integer from 0 on, digits only; false where it is none, or large. */
bool rt_parse_count(const char *s, size_t length, int64_t *out) {
  if (length == 0 || length > 18) return false;
  *out = 0;
  for (size_t i = 0; i < length; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    *out = *out * 10 + (s[i] - '0');
  }
  return true;
}

/* Prints a floating-point number with the fewest digits, from `least` on, that read back the same.
 */
static void print_float(char *out, size_t size, double x, int least, bool single) {
  if (x != x || isinf(x)) {
    snprintf(out, size, "%s", x != x ? "nan" : x < 0 ? "-inf" : "inf");
    return;
  }
  for (int digits = least;; digits++) {
    snprintf(out, size, "%.*g", digits, x);
    double back = strtod(out, NULL);
    if (digits >= least + 3 || (single ? (double)(float)back == x : back == x)) break;
  }
  const char *point = localeconv()->decimal_point;
  char *found = strstr(out, point);
  if (!found || strcmp(point, ".") == 0) return;
  *found = '.';
  memmove(found + 1, found + strlen(point), strlen(found + strlen(point)) + 1);
}

/* Prints element `at` of the array so that reading it back gives the same number. */
void rt_print_number(char *out, size_t size, const rt_array *a, int64_t at) {
  switch (a->dtype) {
  case RT_F32:
    print_float(out, size, ((const float *)a->data)[at], 6, true);
    break;
  case RT_F64:
    print_float(out, size, ((const double *)a->data)[at], 15, false);
    break;
  case RT_I32:
    snprintf(out, size, "%" PRId32, ((const int32_t *)a->data)[at]);
    break;
  case RT_I64:
    snprintf(out, size, "%" PRId64, ((const int64_t *)a->data)[at]);
    break;
  default:
    snprintf(out, size, "%d", ((const uint8_t *)a->data)[at]);
  }
}

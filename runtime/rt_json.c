/*
** rt_json.c: a strict reader of JSON, pulled along by the caller, who knows what must come
**
**   rt_json_open(j, '{');
**   for (bool first = true; rt_json_next(j, '}', &first);) {
**     const char *key = rt_json_key(j);  ... one value, by what the key asks for ...
**   }
** There is no tree and no recursion, so no depth to run out of: an object where a number belongs is
** an error at once. After the first error everything returns false, NULL or 0, and j->bad is set.
*/
#include "rt_io_parts.h"

#include <string.h>

/* Begins reading; strings must have room for size bytes. */
void rt_json_start(rt_json *j, const char *file, const void *text, size_t size, char *strings,
                   rt_error *err) {
  memset(j, 0, sizeof *j);
  j->file = file;
  j->start = j->at = text;
  j->end = j->start + size;
  j->strings = strings;
  j->err = err;
}

/* Reports what is wrong at the present byte, unless something already was. */
void rt_json_fail(rt_json *j, const char *what) {
  if (!j->bad) rt_fail(j->err, j->file, "header byte %zu: %s", (size_t)(j->at - j->start), what);
  j->bad = true;
}

static void skip_space(rt_json *j) {
  while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
    j->at++;
}

/* Takes the character, with space before it. */
static bool take(rt_json *j, char c) {
  if (j->bad) return false;
  skip_space(j);
  if (j->at == j->end || *j->at != (unsigned char)c) return false;
  j->at++;
  return true;
}

/* Takes an opening '{' or '['. */
bool rt_json_open(rt_json *j, char bracket) {
  if (take(j, bracket)) return true;
  rt_json_fail(j, bracket == '{' ? "'{' was expected" : "'[' was expected");
  return false;
}

/* Whether another element comes before the closing bracket, which is taken otherwise. *first is
** true before the first call for an object or array. */
bool rt_json_next(rt_json *j, char bracket, bool *first) {
  if (take(j, bracket) || j->bad) return false;
  if (!*first && !take(j, ',')) {
    rt_json_fail(j, bracket == '}' ? "',' or '}' was expected" : "',' or ']' was expected");
    return false;
  }
  *first = false;
  return true;
}

/* Takes the four digits of a \u escape. */
static bool hex4(rt_json *j, uint32_t *code) {
  *code = 0;
  for (int i = 0; i < 4; i++, j->at++) {
    int c = j->at < j->end ? *j->at : 0, low = c | 0x20;
    if (c >= '0' && c <= '9')
      *code = *code << 4 | (uint32_t)(c - '0');
    else if (low >= 'a' && low <= 'f')
      *code = *code << 4 | (uint32_t)(low - 'a' + 10);
    else
      return rt_json_fail(j, "four hexadecimal digits were expected"), false;
  }
  return true;
}

/* Takes what follows \u, a second escape too where the first is half of a pair; puts UTF-8. */
static bool unicode_escape(rt_json *j) {
  uint32_t c, low;
  if (!hex4(j, &c)) return false;
  if (c >= 0xd800 && c < 0xdc00) {
    if (j->end - j->at < 2 || j->at[0] != '\\' || j->at[1] != 'u')
      return rt_json_fail(j, "half of a surrogate pair stands alone"), false;
    j->at += 2;
    if (!hex4(j, &low)) return false;
    if (low < 0xdc00 || low > 0xdfff)
      return rt_json_fail(j, "half of a surrogate pair stands alone"), false;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  } else if (c >= 0xdc00 && c < 0xe000) {
    return rt_json_fail(j, "half of a surrogate pair stands alone"), false;
  }
  if (c == 0) return rt_json_fail(j, "a string has a zero character"), false;
  unsigned char *out = (unsigned char *)j->strings + j->used;
  int extra = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static const unsigned char lead[4] = {0, 0xc0, 0xe0, 0xf0};
  for (int i = extra; i > 0; i--, c >>= 6) out[i] = (unsigned char)(0x80 | (c & 0x3f));
  out[0] = (unsigned char)(lead[extra] | c);
  j->used += (size_t)extra + 1;
  return true;
}

/* The length of the UTF-8 character at p, in its shortest form and no surrogate; 0 if it is none.
 */
static int utf8_length(const unsigned char *p, const unsigned char *end) {
  int n = p[0] < 0x80   ? 1
          : p[0] < 0xc2 ? 0
          : p[0] < 0xe0 ? 2
          : p[0] < 0xf0 ? 3
          : p[0] < 0xf5 ? 4
                        : 0;
  if (n == 0 || end - p < n) return 0;
  for (int i = 1; i < n; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if (p[0] == 0xe0 && p[1] < 0xa0) return 0;
  if (p[0] == 0xed && p[1] > 0x9f) return 0;
  if (p[0] == 0xf0 && p[1] < 0x90) return 0;
  if (p[0] == 0xf4 && p[1] > 0x8f) return 0;
  return n;
}

/* Takes an escape after its backslash. */
static bool escape(rt_json *j) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  int c = j->at < j->end ? *j->at : 0;
  if (c == 'u') {
    j->at++;
    return unicode_escape(j);
  }
  const char *found = c ? strchr(from, c) : NULL;
  if (!found) return rt_json_fail(j, "an unknown escape"), false;
  j->strings[j->used++] = to[found - from];
  j->at++;
  return true;
}

/* Takes a string; it is unescaped, checked to be UTF-8, and ended by a zero. NULL on error. */
const char *rt_json_string(rt_json *j) {
  if (!take(j, '"')) return rt_json_fail(j, "a string was expected"), NULL;
  char *string = j->strings + j->used;
  for (;;) {
    if (j->at == j->end) return rt_json_fail(j, "the string does not end"), NULL;
    if (*j->at == '"') break;
    if (*j->at == '\\') {
      j->at++;
      if (!escape(j)) return NULL;
      continue;
    }
    int n = utf8_length(j->at, j->end);
    if (n == 0) return rt_json_fail(j, "not UTF-8"), NULL;
    if (*j->at < 0x20) return rt_json_fail(j, "a control character inside a string"), NULL;
    memcpy(j->strings + j->used, j->at, (size_t)n);
    j->used += (size_t)n;
    j->at += n;
  }
  j->at++;
  j->strings[j->used++] = 0;
  return string;
}

/* Takes a string and the colon after it. NULL on error. */
const char *rt_json_key(rt_json *j) {
  const char *key = rt_json_string(j);
  if (!key) return NULL;
  if (!take(j, ':')) return rt_json_fail(j, "':' was expected"), NULL;
  return key;
}

/* Takes an integer from 0 to 2^63 - 1, without sign, fraction, exponent or leading zeros. */
int64_t rt_json_count(rt_json *j) {
  if (j->bad) return 0;
  skip_space(j);
  const unsigned char *from = j->at;
  int64_t x = 0;
  for (; j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++) {
    int digit = *j->at - '0';
    if (x > (INT64_MAX - digit) / 10) return rt_json_fail(j, "the number is too large"), 0;
    x = x * 10 + digit;
  }
  bool odd = j->at < j->end && strchr(".eE+-", *j->at) && *j->at;
  if (j->at == from || odd || (j->at - from > 1 && *from == '0'))
    return rt_json_fail(j, "a whole number from 0 on was expected"), 0;
  return x;
}

/* Checks that nothing but space follows. */
bool rt_json_finish(rt_json *j) {
  if (j->bad) return false;
  skip_space(j);
  if (j->at != j->end) rt_json_fail(j, "something follows the closing bracket");
  return !j->bad;
}

/*
** rt_io_deflate.c: the uses of zlib: deflated members of .npz, and .gz in and out
**
** The room for what comes out is fixed beforehand, so a bomb fills nothing.
*/
#include "rt_io_parts.h"

#ifndef RT_HAVE_ZLIB

static int without(const char *name, rt_error *err) {
  return rt_fail(err, name, "compression: this program was built without zlib");
}

int rt_inflate(const char *name, const void *in, size_t size, void *out, size_t want,
               rt_error *err) {
  (void)in, (void)size, (void)out, (void)want;
  return without(name, err);
}

int rt_gunzip(const char *name, const void *in, size_t size, void *out, size_t room, size_t *got,
              bool *more, rt_error *err) {
  (void)in, (void)size, (void)out, (void)room, (void)got, (void)more;
  return without(name, err);
}

int rt_gzip_put(rt_out *o, const char *name, const void *head, size_t head_size, const void *data,
                size_t size) {
  (void)head, (void)head_size, (void)data, (void)size;
  o->failed = true;
  return without(name, o->err);
}

#else

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

enum { RAW = -15, GZIP = 15 + 16 };

typedef struct Source {
  z_stream z;
  const unsigned char *in, *in_end;
  unsigned char *out, *out_end;
} Source;

/* Gives zlib the next part of the input and of the room; its counts are 32 bit. */
static void feed(Source *s) {
  const size_t most = 1u << 30;
  size_t in = (size_t)(s->in_end - s->in), out = (size_t)(s->out_end - s->out);
  s->z.next_in = s->in;
  s->z.avail_in = (uInt)(in < most ? in : most);
  s->z.next_out = s->out;
  s->z.avail_out = (uInt)(out < most ? out : most);
}

/* One step; returns zlib's code, Z_BUF_ERROR where input or room has run out. */
static int step(Source *s) {
  feed(s);
  int code = inflate(&s->z, Z_NO_FLUSH);
  s->in = s->z.next_in;
  s->out = s->z.next_out;
  return code;
}

/* Inflates to the end of the stream or of the room, whichever comes first; *code is zlib's last.
** When the room is full, one more byte is tried for, to see whether the stream goes on. */
static void run(Source *s, int *code, bool *more) {
  *more = false;
  do *code = step(s);
  while (*code == Z_OK && s->out < s->out_end);
  if (*code != Z_OK) return;
  unsigned char spare, *out = s->out, *out_end = s->out_end;
  s->out = &spare;
  s->out_end = &spare + 1;
  do *code = step(s);
  while (*code == Z_OK && s->out < s->out_end);
  *more = s->out == s->out_end;
  s->out = out;
  s->out_end = out_end;
}

static const char *wrong(int code) {
  if (code == Z_BUF_ERROR) return "it ends too early";
  if (code == Z_MEM_ERROR) return "out of memory";
  if (code == Z_NEED_DICT) return "it needs a dictionary";
  return "it is damaged";
}

static int start(Source *s, int bits, const void *in, size_t size, void *out, size_t room) {
  memset(s, 0, sizeof *s);
  s->in = in;
  s->in_end = s->in + size;
  s->out = out;
  s->out_end = s->out + room;
  return inflateInit2(&s->z, bits);
}

/* Inflates a raw stream that must give exactly `want` bytes and end with the input. */
int rt_inflate(const char *name, const void *in, size_t size, void *out, size_t want,
               rt_error *err) {
  Source s;
  int code = start(&s, RAW, in, size, out, want);
  if (code != Z_OK) return rt_fail(err, name, "deflated data: %s", wrong(code));
  bool more;
  run(&s, &code, &more);
  inflateEnd(&s.z);
  if (more) return rt_fail(err, name, "deflated data: more than the %zu bytes declared", want);
  if (code != Z_STREAM_END) return rt_fail(err, name, "deflated data: %s", wrong(code));
  if (s.out != s.out_end) return rt_fail(err, name, "deflated data: less than declared");
  if (s.in != s.in_end) return rt_fail(err, name, "deflated data: something follows it");
  return 0;
}

/* Unpacks a .gz file, of one member or several, into at most `room` bytes. *got says how many came;
** *more that there are others, where the rest, its checksum too, was not looked at. */
int rt_gunzip(const char *name, const void *in, size_t size, void *out, size_t room, size_t *got,
              bool *more, rt_error *err) {
  Source s;
  unsigned char *begin = out;
  int code = start(&s, GZIP, in, size, out, room);
  if (code != Z_OK) return rt_fail(err, name, "gzip: %s", wrong(code));
  for (;;) {
    run(&s, &code, more);
    if (*more || code != Z_STREAM_END || s.in == s.in_end) break;
    if (s.in_end - s.in < 2 || s.in[0] != 0x1f || s.in[1] != 0x8b) break;
    inflateReset(&s.z);
  }
  inflateEnd(&s.z);
  *got = (size_t)(s.out - begin);
  if (*more) return 0;
  if (code != Z_STREAM_END) return rt_fail(err, name, "gzip: %s", wrong(code));
  if (s.in != s.in_end) return rt_fail(err, name, "gzip: something follows the packed data");
  return 0;
}

/* Writes the two pieces as one packed stream. */
int rt_gzip_put(rt_out *o, const char *name, const void *head, size_t head_size, const void *data,
                size_t size) {
  z_stream z = {0};
  if (deflateInit2(&z, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    o->failed = true;
    return rt_fail(o->err, name, "gzip: out of memory");
  }
  const unsigned char *piece[2] = {head, data};
  size_t left[2] = {head_size, size};
  int code = Z_OK;
  while (code != Z_STREAM_END && !o->failed) {
    unsigned char out[1 << 14];
    int k = left[0] ? 0 : 1;
    size_t part = left[k] < 1u << 30 ? left[k] : 1u << 30;
    z.next_in = piece[k];
    z.avail_in = (uInt)part;
    z.next_out = out;
    z.avail_out = sizeof out;
    code = deflate(&z, k == 1 && part == left[1] ? Z_FINISH : Z_NO_FLUSH);
    part -= z.avail_in;
    left[k] -= part;
    piece[k] += part;
    rt_out_put(o, out, sizeof out - z.avail_out);
  }
  deflateEnd(&z);
  return o->failed;
}

#endif

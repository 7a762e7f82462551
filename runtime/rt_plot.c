/*
** rt_plot.c: the curves of a training run as an SVG or PNG picture
**
** The loss of every entry of the round, on a logarithmic axis where all of it is positive, as means
** over the stretches of rt_curve.c, and the validation's values as dots.
*/
#include "rt_program.h"
#include "rt_io_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 440, LEFT = 70, RIGHT = 20, TOP = 40, BOTTOM = 50 };

/* What is drawn on: SVG text, or pixels. */
typedef struct canvas {
  uint8_t *pixel; /* NULL: SVG */
  char *text;
  size_t used, room;
} canvas;

static void svg(canvas *c, const char *format, ...) {
  if (c->pixel || !c->text) return;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(c->text + c->used, c->room - c->used, format, args);
  va_end(args);
  if (n > 0 && (size_t)n < c->room - c->used) c->used += (size_t)n;
}

static void dot(canvas *c, int x, int y, uint32_t colour) {
  if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT) return;
  for (int k = 0; k < 3; k++) c->pixel[(y * WIDTH + x) * 3 + k] = (uint8_t)(colour >> (16 - 8 * k));
}

static void line(canvas *c, double x0, double y0, double x1, double y1, uint32_t colour, int wide) {
  svg(c, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#%06x' stroke-width='%d'/>\n", x0,
      y0, x1, y1, (unsigned)colour, wide);
  if (!c->pixel) return;
  int n = (int)(fmax(fabs(x1 - x0), fabs(y1 - y0)) + 1) * 2;
  for (int i = 0; i <= n; i++) {
    int x = (int)(x0 + (x1 - x0) * i / n), y = (int)(y0 + (y1 - y0) * i / n);
    for (int k = 0; k < wide * wide; k++) dot(c, x + k % wide, y + k / wide, colour);
  }
}

/* Characters of three by five pixels: rows from the top as octal digits; letters are capitals. */
static unsigned glyph(char ch) {
  static const uint16_t digit[10] = {075557, 026227, 071747, 071717, 055711,
                                     074717, 074757, 071222, 075757, 075717};
  static const uint16_t letter[26] = {025755, 065656, 034443, 065556, 074647, 074644, 034553,
                                      055755, 072227, 011152, 055655, 044447, 057755, 065555,
                                      025552, 065644, 025563, 065655, 034216, 072222, 055557,
                                      055552, 055775, 055255, 055222, 071247};
  if (ch >= '0' && ch <= '9') return digit[ch - '0'];
  if (ch >= 'a' && ch <= 'z') return letter[ch - 'a'];
  if (ch >= 'A' && ch <= 'Z') return letter[ch - 'A'];
  switch (ch) {
  case '-': return 000700;
  case '+': return 002720;
  case '.': return 000002;
  case ':': return 002020;
  case '_': return 000007;
  default: return 0;
  }
}

/* Writes text; anchor 0 begins, 1 is centred, 2 ends at x. PNG has capitals only. */
static void text(canvas *c, double x, double y, int anchor, int size, const char *s) {
  static const char *const name[] = {"start", "middle", "end"};
  svg(c, "<text x='%.1f' y='%.1f' font-family='sans-serif' font-size='%d' text-anchor='%s'>", x, y,
      size, name[anchor]);
  for (const char *p = s; *p; p++) {
    if (*p == '<' || *p == '&')
      svg(c, "&#%d;", *p);
    else
      svg(c, "%c", *p);
  }
  svg(c, "</text>\n");
  if (!c->pixel) return;
  double from = x - (double)anchor / 2 * 8 * (double)strlen(s);
  for (size_t k = 0; s[k]; k++)
    for (int b = 0; b < 15; b++)
      if (glyph(s[k]) >> (14 - b) & 1)
        for (int d = 0; d < 4; d++)
          dot(c, (int)from + (int)k * 8 + b % 3 * 2 + d % 2, (int)y - 10 + b / 3 * 2 + d / 2, 0);
}

/* The axes' ranges. */
typedef struct frame {
  double x0, x1, y0, y1;
  bool log;
} frame;

static double place_x(const frame *f, double x) {
  return LEFT + (x - f->x0) / (f->x1 - f->x0) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const frame *f, double y) {
  double v = f->log ? log10(y) : y;
  return HEIGHT - BOTTOM - (v - f->y0) / (f->y1 - f->y0) * (HEIGHT - TOP - BOTTOM);
}

/* A step of 1, 2 or 5 times a power of ten that divides the range into about n. */
static double nice(double range, int n) {
  double raw = range / n, power = pow(10, floor(log10(raw))), part = raw / power;
  return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static double step_of(const rt_stretch *s) { return s->steps / (double)s->points; }
static double value_of(const rt_stretch *s) { return s->sum / (double)s->points; }

/* Finds the ranges of the points. */
static frame frame_of(const rt_curve *c) {
  frame f = {.x0 = INFINITY, .x1 = -INFINITY, .y0 = INFINITY, .y1 = -INFINITY, .log = true};
  for (int k = 0; k < RT_SERIES; k++)
    for (int i = 0; i < c->series[k].count; i++) {
      const rt_stretch *s = &c->series[k].at[i];
      f.x0 = fmin(f.x0, step_of(s));
      f.x1 = fmax(f.x1, step_of(s));
      f.y0 = fmin(f.y0, value_of(s));
      f.y1 = fmax(f.y1, value_of(s));
    }
  if (!(f.x1 > f.x0)) f.x1 = f.x0 + 1;
  if (!isfinite(f.y0)) f.y0 = 0, f.y1 = 1;
  f.log = f.y0 > 0 && f.y1 / f.y0 > 3;
  if (f.log) f.y0 = log10(f.y0), f.y1 = log10(f.y1);
  double pad = (f.y1 - f.y0) * 0.05;
  if (!(pad > 0)) pad = fabs(f.y0) * 0.1 + 1e-9;
  f.y0 -= pad;
  f.y1 += pad;
  return f;
}

/* One line across at the value v, and its number. */
static void level(canvas *c, const frame *f, double v) {
  char s[32];
  line(c, LEFT, place_y(f, v), WIDTH - RIGHT, place_y(f, v), 0xe4e4e4, 1);
  snprintf(s, sizeof s, "%.3g", v);
  text(c, LEFT - 6, place_y(f, v) + 4, 2, 12, s);
}

/* Levels of a logarithmic axis: powers of ten, and 2 and 5 times them where few are in sight. */
static void log_levels(canvas *c, const frame *f) {
  static const double times[] = {1, 2, 5, 3, 7, 1.5};
  double decades = f->y1 - f->y0;
  int n = decades > 4 ? 1 : decades > 1.2 ? 3 : 6;
  for (int power = (int)floor(f->y0); power <= (int)ceil(f->y1); power++)
    for (int k = 0; k < n; k++) {
      double v = times[k] * pow(10, power), at = log10(v);
      if (at >= f->y0 && at <= f->y1) level(c, f, v);
    }
}

/* Draws the box, the ticks and their numbers. */
static void axes(canvas *c, const frame *f, const char *title) {
  char s[32];
  text(c, WIDTH / 2.0, 24, 1, 15, title);
  text(c, WIDTH / 2.0, HEIGHT - 10, 1, 12, "step");
  double dx = nice(f->x1 - f->x0, 6), dy = nice(f->y1 - f->y0, 6);
  for (double x = ceil(f->x0 / dx) * dx; x <= f->x1; x += dx) {
    line(c, place_x(f, x), TOP, place_x(f, x), HEIGHT - BOTTOM, 0xe4e4e4, 1);
    snprintf(s, sizeof s, "%g", x);
    text(c, place_x(f, x), HEIGHT - BOTTOM + 18, 1, 12, s);
  }
  if (f->log) log_levels(c, f);
  for (double y = ceil(f->y0 / dy) * dy; !f->log && y <= f->y1; y += dy)
    level(c, f, fabs(y) < dy * 1e-9 ? 0 : y);
  line(c, LEFT, TOP, LEFT, HEIGHT - BOTTOM, 0x444444, 1);
  line(c, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, 0x444444, 1);
}

static const uint32_t colours[RT_SERIES] = {0x1f5fa8, 0xc8882b, 0x3a8f4a, 0x8a4fa3, 0xc8442b};

/* Draws one series as a line through the means of its stretches. */
static void draw_line(canvas *c, const frame *f, const rt_series *s, uint32_t colour) {
  for (int i = 1; i < s->count; i++) {
    const rt_stretch *a = &s->at[i - 1], *b = &s->at[i];
    line(c, place_x(f, step_of(a)), place_y(f, value_of(a)), place_x(f, step_of(b)),
         place_y(f, value_of(b)), colour, 2);
  }
}

/* A spot around a point. */
static void spot(canvas *c, double x, double y, uint32_t colour) {
  svg(c, "<circle cx='%.1f' cy='%.1f' r='3' fill='#%06x'/>\n", x, y, (unsigned)colour);
  for (int k = 0; c->pixel && k < 25; k++) dot(c, (int)x - 2 + k % 5, (int)y - 2 + k / 5, colour);
}

/* Draws every series, with its name where there are several. */
static void curves(canvas *c, const frame *f, const rt_curve *r) {
  int drawn = 0, k = 0;
  for (int s = 0; s < RT_LINES; s++) draw_line(c, f, &r->series[s], colours[s]);
  for (int i = 0; i < r->series[RT_DOTS].count; i++) {
    const rt_stretch *p = &r->series[RT_DOTS].at[i];
    spot(c, place_x(f, step_of(p)), place_y(f, value_of(p)), colours[RT_DOTS]);
  }
  for (int s = 0; s < RT_SERIES; s++) drawn += r->series[s].count > 0;
  for (int s = 0; drawn > 1 && s < RT_SERIES; s++) {
    if (!r->series[s].count || !r->name[s]) continue;
    double y = TOP + 16 + 18 * k++;
    spot(c, WIDTH - RIGHT - 10, y - 4, colours[s]);
    text(c, WIDTH - RIGHT - 20, y, 2, 12, r->name[s]);
  }
}

/* Whether a picture can have that name. */
int rt_plot_check(const char *path, rt_error *err) {
  if (rt_format_of(path) == RT_FILE_PNG || rt_ends_with(path, strlen(path), ".svg")) return 0;
  return rt_fail(err, path, "a plot is .svg or .png"), RT_USAGE;
}

/* Writes the picture of the curve. */
int rt_plot(const char *path, const char *title, const rt_curve *r, rt_error *err) {
  bool png = rt_format_of(path) == RT_FILE_PNG;
  int status = rt_plot_check(path, err);
  if (status) return status;
  canvas c = {.room = (size_t)200 * (RT_SERIES * RT_STRETCHES + 200)};
  if (png)
    c.pixel = malloc((size_t)WIDTH * HEIGHT * 3);
  else
    c.text = malloc(c.room);
  if (!c.pixel && !c.text) return rt_fail(err, path, "out of memory"), RT_DATA;
  if (png) memset(c.pixel, 255, (size_t)WIDTH * HEIGHT * 3);
  svg(&c,
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'>\n"
      "<rect width='100%%' height='100%%' fill='white'/>\n",
      WIDTH, HEIGHT, WIDTH, HEIGHT);
  frame f = frame_of(r);
  axes(&c, &f, title);
  curves(&c, &f, r);
  svg(&c, "</svg>\n");
  if (png) {
    rt_array a = {.dtype = RT_U8, .rank = 3, .dim = {HEIGHT, WIDTH, 3}, .data = c.pixel};
    status = rt_write(path, &a, err);
  } else {
    status = rt_file_put(path, c.text, c.used, err);
  }
  free(c.pixel);
  free(c.text);
  return status ? RT_DATA : 0;
}

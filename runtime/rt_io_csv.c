/*
** rt_io_csv.c: tables of numbers in text
**
** # comment lines, then perhaps a header, come first
** x, y, "z, in cm"
** 1, 2.5, -3e4            gives f64 {rows, columns}
** The first of , ; tab in the first line separates, else spaces do, as np.savetxt writes them. A
*first
** line without any number is a header. Read twice: once to check and count, once to keep.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 1 << 20, LONGEST_LINE = 1 << 24 };

typedef struct Table {
  const char *file;
  rt_error *err;
  const char *at, *end; /* of the text */
  char separator;
  int64_t line; /* from 1 on */
  int64_t rows, columns;
  const char *header, *header_end;
  unsigned char *keep; /* a flag a column; NULL: every one */
  int64_t kept;
} Table;

typedef struct Cell {
  const char *text;
  size_t length;
  bool quoted;
} Cell;

static int line_fail(Table *t, const char *what) {
  return rt_fail(t->err, t->file, "line %" PRId64 ": %s", t->line, what);
}

static bool blank(char c) {
  return c == ' ' || c == '\t';
}

/* Takes the next line, without its end and the spaces around it; 0 after the last, -1 on error. */
static int next_line(Table *t, const char **from, const char **to) {
  if (t->at == t->end) return 0;
  *from = t->at;
  const char *limit = t->end - t->at > LONGEST_LINE ? t->at + LONGEST_LINE : t->end;
  t->line++;
  while (t->at < limit && *t->at != '\n' && *t->at != '\r' && *t->at) t->at++;
  if (t->at < limit && *t->at == 0) return line_fail(t, "a zero byte"), -1;
  if (t->at == limit && limit < t->end) return line_fail(t, "longer than 2^24 bytes"), -1;
  *to = t->at;
  if (t->at < t->end && *t->at++ == '\r' && t->at < t->end && *t->at == '\n') t->at++;
  while (*to > *from && (*to)[-1] == ' ') --*to;
  while (*from < *to && **from == ' ') ++*from;
  return 1;
}

/* Takes a quoted cell's text; *p is behind the opening quote, and ends behind the closing one. */
static int take_quoted(Table *t, const char **p, const char *end, Cell *c) {
  c->text = *p;
  for (; *p < end; ++*p) {
    if (**p != '"') continue;
    if (end - *p > 1 && (*p)[1] == '"')
      ++*p;
    else
      break;
  }
  if (*p == end) return line_fail(t, "a quote is not closed");
  c->length = (size_t)(*p - c->text);
  c->quoted = true;
  ++*p;
  return 0;
}

/* Takes a cell from *p, which ends behind the separator; *last where the line ends with it. */
static int take_cell(Table *t, const char **p, const char *end, Cell *c, bool *last) {
  char s = t->separator;
  while (*p < end && **p != s && blank(**p)) ++*p;
  *c = (Cell){.text = *p};
  if (*p < end && **p == '"') {
    ++*p;
    if (take_quoted(t, p, end, c)) return 1;
    while (*p < end && **p != s && blank(**p)) ++*p;
    if (*p < end && **p != s) return line_fail(t, "something follows a closing quote");
  } else {
    while (*p < end && **p != s) ++*p;
    c->length = (size_t)(*p - c->text);
    while (c->length && blank(c->text[c->length - 1])) c->length--;
  }
  if (s == ' ')
    while (*p < end && blank(**p)) ++*p;
  *last = *p == end;
  if (!*last && s != ' ') ++*p;
  return 0;
}

/* Names the cell that is no number. */
static int cell_fail(Table *t, int64_t column, const Cell *c, const char *what) {
  return rt_fail(t->err, t->file, "line %" PRId64 ", column %" PRId64 ": '%.*s' %s", t->line,
                 column, (int)(c->length < 40 ? c->length : 40), c->text, what);
}

/* Reads a row; its kept numbers go to *out, which moves on, unless out is NULL. */
static int read_row(Table *t, const char *p, const char *end, double **out) {
  int64_t column = 0;
  for (bool last = false; !last; column++) {
    Cell c;
    double x = 0;
    if (column == MOST_COLUMNS) return line_fail(t, "more than 2^20 columns");
    if (take_cell(t, &p, end, &c, &last)) return 1;
    if (c.length == 0 && !c.quoted) return cell_fail(t, column, &c, "is empty");
    rt_number got = rt_parse_f64(c.text, c.length, &x);
    if (got == RT_NUMBER_BAD) return cell_fail(t, column, &c, "is no number");
    if (got == RT_NUMBER_LARGE) return cell_fail(t, column, &c, "is too large for f64");
    if (out && (!t->keep || (column < t->columns && t->keep[column]))) *(*out)++ = x;
  }
  if (t->columns == 0) t->columns = column;
  if (column == t->columns) return 0;
  return rt_fail(t->err, t->file, "line %" PRId64 ": %" PRId64 " cells, and %" PRId64 " above it",
                 t->line, column, t->columns);
}

/* Decides what separates cells by the first line. */
static char find_separator(const char *p, const char *end) {
  static const char separators[] = ",;\t";
  for (int k = 0; k < 3; k++)
    if (memchr(p, separators[k], (size_t)(end - p))) return separators[k];
  return ' ';
}

/* Whether the line is a header: no cell of it is a number, but where one is quoted. */
static int is_header(Table *t, const char *p, const char *end, bool *header) {
  *header = true;
  for (bool last = false; !last;) {
    Cell c;
    double x;
    if (take_cell(t, &p, end, &c, &last)) return 1;
    if (!c.quoted && c.length && rt_parse_f64(c.text, c.length, &x) != RT_NUMBER_BAD)
      *header = false;
  }
  return 0;
}

/* Skips a byte order mark, comments and the header, and finds the separator. */
static int read_top(Table *t) {
  if (t->end - t->at >= 3 && memcmp(t->at, "\xef\xbb\xbf", 3) == 0) t->at += 3;
  for (;;) {
    const char *from, *to, *before = t->at;
    int got = next_line(t, &from, &to);
    if (got < 0) return 1;
    if (got == 0) return rt_fail(t->err, t->file, "rows: there are none");
    if (from < to && *from == '#') continue;
    bool header;
    t->separator = find_separator(from, to);
    if (from == to) return line_fail(t, "an empty line");
    if (is_header(t, from, to, &header)) return 1;
    if (header) {
      t->header = from;
      t->header_end = to;
    } else {
      t->at = before;
      t->line--;
    }
    return 0;
  }
}

/* Reads every row; empty lines may only end the file. */
static int read_rows(Table *t, double *out) {
  const char *from, *to;
  double **keep = out ? &out : NULL;
  bool ended = false;
  int got;
  t->rows = 0;
  while ((got = next_line(t, &from, &to)) > 0) {
    if (from == to) {
      ended = true;
      continue;
    }
    if (ended) return line_fail(t, "an empty line comes before it");
    if (read_row(t, from, to, keep)) return 1;
    t->rows++;
  }
  if (got < 0) return 1;
  return t->rows ? 0 : rt_fail(t->err, t->file, "rows: there are none");
}

/* The column the header calls by that name; -1 where none is. */
static int64_t named_column(Table *t, const char *name, size_t length) {
  if (!t->header) return -1;
  const char *p = t->header;
  for (int64_t column = 0;; column++) {
    Cell c;
    bool last;
    if (take_cell(t, &p, t->header_end, &c, &last)) return -1;
    if (c.length == length && memcmp(c.text, name, length) == 0) return column;
    if (last) return -1;
  }
}

/* Reads one part of a selection, "3", "0-3" or a header's name, into a range. */
static int select_part(Table *t, const char *s, size_t length, int64_t *from, int64_t *to) {
  const char *dash = memchr(s, '-', length);
  size_t head = dash ? (size_t)(dash - s) : length;
  bool number = rt_parse_count(s, head, from);
  *to = *from;
  if (dash && number) number = rt_parse_count(dash + 1, length - head - 1, to);
  if (!number) *from = *to = named_column(t, s, length);
  if (*from < 0 || *from > *to || *to >= t->columns)
    return rt_fail(t->err, t->file, "columns: '%.*s' is not among the %" PRId64 ", from 0",
                   (int)(length < 40 ? length : 40), s, t->columns);
  return 0;
}

/* Marks the selected columns. */
static int select_columns(Table *t, const char *select) {
  t->kept = t->columns;
  if (!select) return 0;
  t->keep = calloc((size_t)t->columns, 1);
  if (!t->keep) return rt_fail(t->err, t->file, "out of memory");
  t->kept = 0;
  for (const char *s = select;; s++) {
    size_t length = strcspn(s, ",");
    int64_t from, to;
    if (select_part(t, s, length, &from, &to)) return 1;
    for (int64_t i = from; i <= to; i++) {
      if (t->keep[i]) return rt_fail(t->err, t->file, "columns: %" PRId64 " twice", i);
      t->keep[i] = 1;
      t->kept++;
    }
    s += length;
    if (*s == 0) return 0;
  }
}

/* Reads a table's bytes, or its selected columns, in the order of the file. */
int rt_csv_parse(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                 rt_error *err) {
  Table t = {.file = name, .err = err, .at = (const char *)b->data};
  t.end = t.at + b->size;
  if (read_top(&t)) return 1;
  const char *first = t.at;
  int64_t line = t.line;
  int bad = read_rows(&t, NULL) || select_columns(&t, select);
  bool column = select && t.kept == 1 && !strchr(select, ',');
  int64_t shape[2] = {t.rows, t.kept};
  if (!bad) bad = rt_array_alloc(out, RT_F64, column ? 1 : 2, shape, name, err);
  if (!bad) {
    t.at = first;
    t.line = line;
    bad = read_rows(&t, out->data);
    if (bad) rt_array_free(out);
  }
  free(t.keep);
  return bad;
}

/* Writes an array of up to two axes, a row a line, so that it reads back the same. */
int rt_csv_write(const char *path, const rt_array *a, rt_error *err) {
  if (a->rank > 2) return rt_fail(err, path, "shape: %d axes, and a table has two", a->rank);
  int64_t count = rt_array_count(a), columns = a->rank == 2 ? a->dim[1] : 1;
  char separator = rt_ends_with(path, strlen(path), ".tsv") ? '\t' : ',';
  rt_out o;
  if (count == 0) return rt_fail(err, path, "shape: a table without numbers cannot be written");
  if (rt_out_open(&o, path, 0, err)) return 1;
  for (int64_t i = 0; i < count; i++) {
    char text[40];
    rt_print_number(text, sizeof text - 1, a, i);
    size_t n = strlen(text);
    text[n] = (i + 1) % columns ? separator : '\n';
    rt_out_put(&o, text, n + 1);
  }
  return rt_out_commit(&o);
}

/*
** test_io_csv.c: tables in text, good and bad, and the numbers in them
*/
#include "test_io.h"
#include "rt_io_parts.h"

#include <locale.h>
#include <math.h>

static void accept(const char *text, const char *select, int rank, int64_t rows, int64_t columns,
                   const double *want) {
  rt_array a;
  if (reads(RT_FILE_CSV, select, text, strlen(text), &a, text, 0)) {
    CHECK(a.dtype == RT_F64 && a.rank == rank && a.dim[0] == rows);
    CHECK(rank == 1 || a.dim[1] == columns);
    if (rt_array_count(&a) == rows * columns)
      for (int64_t i = 0; i < rows * columns; i++)
        if (!CHECK(((double *)a.data)[i] == want[i])) printf("  %s: %d\n", text, (int)i);
  }
  rt_array_free(&a);
}

static void test_accepted(void) {
  static const double x[6] = {1, 2, 3, 4, 5, 6};
  accept("1,2,3\n4,5,6\n", NULL, 2, 2, 3, x);
  accept("1,2,3\n4,5,6", NULL, 2, 2, 3, x);
  accept("1,2,3\r\n4,5,6\r\n", NULL, 2, 2, 3, x);
  accept("1,2,3\r4,5,6\r", NULL, 2, 2, 3, x);
  accept("\xef\xbb\xbf"
         "a,b,c\n1,2,3\n4,5,6\n\n\n",
         NULL, 2, 2, 3, x);
  accept(" 1 ,\t2, 3 \n4,5,6  \n", NULL, 2, 2, 3, x);
  accept("# made by hand\n# twice\n\"a\",\"b, \"\"c\"\"\",d\n1,2,3\n\"4\", \"5\" ,6\n", NULL, 2, 2,
         3, x);
  accept("1;2;3\n4;5;6\n", NULL, 2, 2, 3, x);
  accept("1\t2\t3\n4\t5\t6\n", NULL, 2, 2, 3, x);
  accept("1 2  3\n  4 5 6\n", NULL, 2, 2, 3, x);
  accept("1.000000000000000000e+00 2e0 .3e1\n40E-1 5. +6\n", NULL, 2, 2, 3, x);
  accept("1\n2\n3\n4\n5\n6\n", NULL, 2, 6, 1, x);
  accept("\"2019\",\"2020\"\n1,2\n3,4\n", NULL, 2, 2, 2, x);
  accept(",a,b\n1,2,3\n4,5,6\n", NULL, 2, 2, 3, x);
}

static void test_columns(void) {
  static const char table[] = "x,the \"y\",z\n1,2,3\n4,5,6\n";
  static const double c1[] = {2, 5}, c01[] = {1, 2, 4, 5}, c02[] = {1, 3, 4, 6};
  accept(table, "1", 1, 2, 1, c1);
  accept(table, "1-1", 1, 2, 1, c1);
  accept(table, "0-1", 2, 2, 2, c01);
  accept(table, "0,2", 2, 2, 2, c02);
  accept(table, "x,z", 2, 2, 2, c02);
  refuses(RT_FILE_CSV, "3", table, strlen(table), "columns: '3' is not among the 3", __FILE__,
          __LINE__);
  refuses(RT_FILE_CSV, "w", table, strlen(table), "columns: 'w'", __FILE__, __LINE__);
  refuses(RT_FILE_CSV, "2-1", table, strlen(table), "columns: '2-1'", __FILE__, __LINE__);
  refuses(RT_FILE_CSV, "0-3", table, strlen(table), "columns: '0-3'", __FILE__, __LINE__);
  refuses(RT_FILE_CSV, "0,0", table, strlen(table), "columns: 0 twice", __FILE__, __LINE__);
  refuses(RT_FILE_CSV, "", table, strlen(table), "columns: ''", __FILE__, __LINE__);
}

static void test_refused(void) {
  static const struct {
    const char *text, *want;
  } bad[] = {
      {"", "rows: there are none"},
      {"\xef\xbb\xbf", "rows: there are none"},
      {"a,b,c\n", "rows: there are none"},
      {"# only a comment\n", "rows: there are none"},
      {"1,2,3\n4,5\n", "line 2: 2 cells, and 3 above it"},
      {"1,2\n4,5,6\n", "line 2: 3 cells, and 2 above it"},
      {"a,b\n1,2\n\n3,4\n", "line 4: an empty line comes before it"},
      {"\n1,2\n", "line 1: an empty line"},
      {"1,2\n3,\n", "line 2, column 1: '' is empty"},
      {"1,,2\n", "line 1, column 1: '' is empty"},
      {"1,two\n", "line 1, column 1: 'two' is no number"},
      {"1,2\n0x10,3\n", "'0x10' is no number"},
      {"1,2\n1e999,3\n", "line 2, column 0: '1e999' is too large"},
      {"1,2\n-1e309,3\n", "too large"},
      {"1,5;2,5\n", "'5;2' is no number"},
      {"1,2\n1 000,3\n", "'1 000' is no number"},
      {"1,2\n\"1,3\n", "line 2: a quote is not closed"},
      {"1,2\n\"1\"2,3\n", "line 2: something follows a closing quote"},
      {"1,2\n1e,3\n", "'1e'"},
      {"1,2\n1e+,3\n", "'1e+'"},
      {"1,2\n.,3\n", "'.'"},
      {"1,2\n-,3\n", "'-'"},
      {"1,2\n1.2.3,3\n", "'1.2.3'"},
      {"1,2\n--1,3\n", "'--1'"},
      {"1,2\nnanx,3\n", "'nanx'"},
      {"1,2\n\x01\x02,3\n", "'?"
                            "?' is no number"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    REFUSES(RT_FILE_CSV, bad[i].text, strlen(bad[i].text), bad[i].want);
  REFUSES(RT_FILE_CSV, "1,2\n3\0,4\n", 9, "line 2: a zero byte");
  REFUSES(RT_FILE_CSV,
          "\xff\xfe"
          "1\0,\0",
          6, "a zero byte");
  size_t n = (1 << 24) + 100;
  char *line = malloc(n);
  memset(line, '1', n);
  REFUSES(RT_FILE_CSV, line, n, "line 1: longer than 2^24 bytes");
  for (size_t i = 1; i < n; i += 2) line[i] = ',';
  REFUSES(RT_FILE_CSV, line, (1 << 22) + 1, "line 1: more than 2^20 columns");
  memset(line, '1', 5000);
  memcpy(line, "x\n", 2);
  REFUSES(RT_FILE_CSV, line, 5000, "is no number");
  free(line);
}

static void test_numbers(void) {
  static const struct {
    const char *text;
    double want;
  } good[] = {
      {"0", 0},
      {"-0", 0},
      {"9007199254740993", 9007199254740992.0},
      {"0.1", 0.1},
      {"1e22", 1e22},
      {"1e23", 1e23},
      {"123456789012345678901234567890", 123456789012345678901234567890.0},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"5e-324", 5e-324},
      {"1e-400", 0},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"0.000000000000000000000000000000000000000000000000001", 1e-51},
      {"179769313486231580793728971405301e276", 179769313486231580793728971405301e276},
      {"0e99999999999", 0},
  };
  double x;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    CHECK(rt_parse_f64(good[i].text, strlen(good[i].text), &x) == RT_NUMBER_OK);
    if (!CHECK(x == good[i].want)) printf("  %s\n", good[i].text);
  }
  CHECK(rt_parse_f64("NaN", 3, &x) == RT_NUMBER_OK && x != x);
  CHECK(rt_parse_f64("-Inf", 4, &x) == RT_NUMBER_OK && x == -HUGE_VAL);
  CHECK(rt_parse_f64("+infinity", 9, &x) == RT_NUMBER_OK && x == HUGE_VAL);
  uint64_t state = 1;
  for (int i = 0; i < 100000; i++) {
    char text[40];
    state = state * 6364136223846793005u + 1442695040888963407u;
    double want;
    memcpy(&want, &state, 8);
    if (!isfinite(want)) continue;
    snprintf(text, sizeof text, i & 1 ? "%.17g" : "%.9g", want);
    double rounded = strtod(text, NULL);
    char *comma = strchr(text, ',');
    if (comma) *comma = '.';
    rt_number got = rt_parse_f64(text, strlen(text), &x);
    CHECK(x == rounded && got == (isinf(rounded) ? RT_NUMBER_LARGE : RT_NUMBER_OK));
  }
}

static void test_round_trip(void) {
  rt_array a[16], back;
  rt_error err = {""};
  int n = samples(a);
  for (int i = 0; i < n; i++) {
    if (a[i].dtype == RT_I64) continue;
    int bad = rt_write(in_folder("x.csv"), &a[i], &err);
    if (a[i].rank > 2) {
      CHECK(bad);
      CHECK_TEXT(err.text, "axes, and a table has two");
      continue;
    }
    CHECK(!bad);
    CHECK(rt_read(in_folder("x.csv"), &back, &err) == 0);
    CHECK(rt_convert(&back, a[i].dtype, a[i].dtype == RT_F32, "x", &err) == 0);
    CHECK(rt_array_count(&back) == rt_array_count(&a[i]));
    CHECK(memcmp(back.data, a[i].data, (size_t)rt_array_count(&back) * rt_dtype_size(back.dtype)) ==
          0);
    rt_array_free(&back);
  }
  static const int64_t whole[] = {INT64_MIN, 7};
  rt_array w = view(RT_I64, 1, (const int64_t[]){2}, whole);
  Bytes b;
  CHECK(rt_write(in_folder("w.tsv"), &w, &err) == 0);
  slurp(in_folder("w.tsv"), &b);
  CHECK(b.size == 23 && memcmp(b.data, "-9223372036854775808\n7\n", 23) == 0);
  static const double special[] = {NAN, HUGE_VAL, -HUGE_VAL};
  static const int64_t dim[] = {1, 3};
  rt_array s = view(RT_F64, 2, dim, special);
  CHECK(rt_write(in_folder("s.csv"), &s, &err) == 0);
  slurp(in_folder("s.csv"), &b);
  CHECK(b.size == 13 && memcmp(b.data, "nan,inf,-inf\n", 13) == 0);
}

int main(void) {
  test_accepted();
  test_columns();
  test_refused();
  test_numbers();
  test_round_trip();
  if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "de_DE")) {
    test_accepted();
    test_numbers();
    test_round_trip();
  }
  return failures();
}

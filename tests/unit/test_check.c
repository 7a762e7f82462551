/*
** test_check.c: libclang's diagnostics of emitted C name the script's lines
*/
#include <stdio.h>
#include <string.h>
#include "build.h"
#include "libclang.h"

static int bad;

/* Checks one text; `expect` is what the report holds, NULL for none. */
static void check(const char *c, const char *expect) {
  Text report = {0};
  CheckFile file[] = {{"net.c", c, strlen(c)}, {"net.h", "typedef float real;\n", 20}};
  int n = check_emitted(file, 2, 0, 1, &report);
  bool found = expect && report.s && strstr(report.s, expect);
  int ok = expect ? found && (n > 0) == (strstr(expect, "error") != NULL) : n == 0 && !report.n;
  if (!ok) printf("%s\n  %d diagnostics: %s\n  expected: %s\n", c, n, report.s, expect);
  bad += !ok;
  text_free(&report);
}

int main(void) {
  if (!libclang_load()) {
    printf("no libclang here: nothing to test\n");
    return 0;
  }
  check("#include \"net.h\"\n#include \"rt_math.h\"\n#include <stdint.h>\nreal f(real x);\nreal "
        "f(real x) { return x; }\n",
        NULL);
  check("#line 19 \"net.lua\"\nint x = y_bar;\n",
        "net.lua:19: error: use of undeclared identifier 'y_bar'\n    in net.c:2:9\n");
  check("void f(int n, float *x);\nvoid f(int n, float *x) {\n#pragma omp parallel for\n#line 7 "
        "\"net.lua\"\n"
        "for (int i = 0; i < n; i++) x[i] = 0, q = 1;\n}\n",
        "net.lua:7: error: use of undeclared identifier 'q'");
  check("int f(void);\n#line 3 \"net.lua\"\nint f(void) { int unused = 1; return 0; }\n",
        "net.lua:3: warning: unused variable 'unused'");
  check("#include \"nowhere.h\"\n", "net.c:1: error: 'nowhere.h' file not found");
  printf("%d defects\n", bad);
  return bad != 0;
}

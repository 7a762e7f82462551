/*
** test_rules.c: both sides of every row of rules.def agree at random points, and rewriting ends
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

static int failures;
static Node *leaf[26];
static Value value[26];

static uint64_t state = 88172645463325252u;
static double uniform(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0;
}

static Value eval(Scalar *s) {
  Value arg[3];
  if (s->kind == S_CONST)
    return dtype_is_float((Dtype)s->dtype) ? (Value){.f = s->f} : (Value){.i = s->i};
  if (s->kind == S_READ)
    for (int k = 0; k < 26; k++)
      if (s->tensor == leaf[k]) return value[k];
  for (int k = 0; k < s->narg; k++) arg[k] = eval(s->arg[k]);
  if (s->op == OP_CAST) return value_cast((Dtype)s->dtype, (Dtype)s->arg[0]->dtype, arg[0]);
  Dtype t = (Dtype)s->arg[op_info[s->op].kind == 's' ? 1 : 0]->dtype;
  return op_eval((OpCode)s->op, t, arg);
}

/* What kind of value each letter of a pattern must be: a bool where logic or where() wants one. */
static bool wants_bool(const char *text, char letter, const char *kinds) {
  char first[] = {'w', 'h', 'e', 'r', 'e', '(', letter, ',', 0},
       same[] = {letter, ' ', 'a', 'n', 'd', 0};
  char negated[] = {'w', 'h', 'e', 'r', 'e', '(', 'n', 'o', 't', '(', letter, 0};
  return strstr(text, first) || strstr(text, same) || strstr(text, negated) || !strcmp(kinds, "b");
}

static double difference(Dtype t, Value a, Value b) {
  if (!dtype_is_float(t)) return a.i == b.i ? 0 : 1;
  if (isnan(a.f) || isnan(b.f)) return isnan(a.f) && isnan(b.f) ? 0 : 1;
  return fabs(a.f - b.f) / fmax(1, fabs(b.f));
}

/* The left side is made of reads, where no rule of ours can have been at work before the last
** step: so build it with a twin of each rule's root left out by evaluating the pattern itself. */
static void check_row(const RuleRow *row, Dtype t) {
  for (int k = 0; k < 26; k++) {
    char c = (char)('a' + k);
    Dtype lt = wants_bool(row->from, c, row->kinds) ? DT_BOOL : t;
    leaf[k] = n_param(P_INPUT, str_format("%c", c), lt, 0, NULL, (Loc){0});
  }
  for (int trial = 0; trial < 40; trial++) {
    for (int k = 0; k < 26; k++) {
      double u =
          uniform() * 3 -
          (strstr(row->from, "log") || strstr(row->from, "sqrt") || strstr(row->from, "pow") ? 0
                                                                                             : 1.5);
      if (leaf[k]->dtype == DT_BOOL) value[k].i = u > 0;
      else if (dtype_is_float(t)) value[k].f = u;
      else value[k].i = (int64_t)(u * 10);
    }
    double a = trunc(uniform() * 8 - 4) / 2, b = trunc(uniform() * 8 - 4) / 2 + 0.25;
    Value have, want;
    Scalar *to = rewrite_side(row->to, t, leaf, a, b);
    want = rewrite_eval(row->from, t, value, a, b);
    have = eval(to);
    if (difference((Dtype)to->dtype, have, want) > 1e-12) {
      printf("%s -> %s (%s): %.17g, want %.17g\n", row->from, row->to, dtype_name(t), have.f,
             want.f);
      failures++;
      return;
    }
    Scalar *from = rewrite_side(row->from, t, leaf, a, b); /* ends, and the rule takes part */
    if (from != to && trial == 0 && difference((Dtype)from->dtype, eval(from), want) > 1e-12) {
      printf("%s: simplifies to something else\n", row->from);
      failures++;
    }
  }
}

int main(void) {
  mod = module_new();
  mod->default_float = DT_F64;
  int n;
  const RuleRow *row = rewrite_rows(&n);
  for (int k = 0; k < n; k++) {
    if (strchr(row[k].kinds, 'f')) check_row(&row[k], DT_F64);
    if (strchr(row[k].kinds, 'i')) check_row(&row[k], DT_I32);
    if (strchr(row[k].kinds, 'b')) check_row(&row[k], DT_BOOL);
  }
  module_free(mod);
  if (failures) printf("%d failures\n", failures);
  return failures > 0;
}

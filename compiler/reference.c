/*
** reference.c: the pages of `crescent ops`, from the tables that define the operations
*/
#include <string.h>
#include "driver.h"

/* What an operation takes and gives, by the kind column of ops.def. */
static const char *kind_text(char kind) {
  switch (kind) {
  case 'f':
    return "floats";
  case 'n':
    return "numbers";
  case 'b':
    return "numbers, giving booleans";
  case 'p':
    return "floats, giving booleans";
  case 'l':
    return "booleans";
  case 'i':
    return "integers";
  case 's':
    return "a boolean and two values";
  default:
    return "any type";
  }
}

/* Prints one operation's page on stdout; false where there is none of that name. */
bool reference_op(const char *name) {
  OpCode op = op_find(name);
  if (op == OP_COUNT) return false;
  const OpInfo *o = &op_info[op];
  printf("%s(", o->name);
  for (int k = 0; k < o->arity; k++) printf("%s%c", k ? ", " : "", "xyz"[k]);
  printf(")   %s\n\n  takes       %s\n  in C        %s\n", o->doc, kind_text(o->kind), o->value);
  for (int k = 0; k < o->arity; k++)
    printf("  d/d%c         %s\n", "xyz"[k], o -> partial[k][0] ? o -> partial[k] : "0");
  printf("\n  elementwise, with NumPy's broadcasting; x y z are the arguments, r the result\n");
  return true;
}

/* Prints one line on each operation on stdout. */
void reference_all(void) {
  for (int op = 0; op < OP_COUNT; op++) printf("%-14s %s\n", op_info[op].name, op_info[op].doc);
}

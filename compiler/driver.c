/*
** driver.c: the whole path from a script to C
**
** host (script) -> Program -> passes -> prog -> codegen
*/
#include "driver.h"

/* Runs the script and returns the program that it gives. */
Program *driver_load(const DriverOptions *o) {
  diag_error((Loc){o->script, 0}, "the compiler's middle is not linked into this executable yet");
}

/* Writes the model's C, and all it needs, into a folder that exists. */
void driver_emit(Program *p, const DriverOptions *o, const char *dir) {
  (void)p, (void)dir;
  diag_error((Loc){o->script, 0}, "the compiler's middle is not linked into this executable yet");
}

/* Prints formulas, kernels, flops, bytes and the memory plan. */
void driver_explain(Program *p, const DriverOptions *o) {
  (void)p;
  diag_error((Loc){o->script, 0}, "the compiler's middle is not linked into this executable yet");
}

/* Compares derivatives with differences, and compiled code with the interpreter. */
bool driver_check(Program *p, const DriverOptions *o) {
  (void)p;
  diag_error((Loc){o->script, 0}, "the compiler's middle is not linked into this executable yet");
}

/*
** rt_main.c: the program around a compiled model
**
**   int main(int argc, char **argv) { return rt_main(argc, argv, &lenet_model); }
**
** Exit status: 0 done, 1 the data is wrong, 2 the command line is wrong, 3 a defect of ours, 130
** stopped by Ctrl-C.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <signal.h>
#include <string.h>

/* Runs the command line against the model. */
int rt_main(int argc, char **argv, const rt_model *model) {
  static const struct {
    const char *name;
    int (*run)(const rt_options *o, rt_error *err);
  } table[] = {{"info", rt_info},   {"run", rt_run},     {"train", rt_train},
               {"check", rt_check}, {"bench", rt_bench}, {"profile", rt_profile}};
  rt_options o;
  rt_error err = {""};
  signal(SIGPIPE, SIG_IGN);
#ifdef SIGXFSZ
  signal(SIGXFSZ, SIG_IGN);
#endif
  rt_catch_bus();
  int status = rt_options_read(&o, model, argc, argv, &err);
  if (!status && strcmp(o.command, "help") == 0) {
    rt_usage(stdout, model);
    return RT_DONE;
  }
  if (!status && strcmp(o.command, "version") == 0) {
    printf("%s (crescent %s)\n", model->name, model->version);
    return RT_DONE;
  }
  for (size_t i = 0; !status && i < sizeof table / sizeof *table; i++)
    if (strcmp(o.command, table[i].name) == 0) {
      status = table[i].run(&o, &err);
      break;
    }
  if (fflush(stdout) != 0 && !status) {
    rt_fail(&err, "standard output", "cannot be written");
    status = RT_DATA;
  }
  if (status && err.text[0]) fprintf(stderr, "%s\n", err.text);
  return status;
}

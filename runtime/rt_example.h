/*
** rt_example.h: an entry ready to be called on made-up inputs, for check, bench and profile
*/
#ifndef RT_EXAMPLE_H
#define RT_EXAMPLE_H

#include "rt_program.h"

typedef struct rt_example {
  const rt_entry *entry;
  rt_session s;
  void *arg[2 * RT_MAX_PAIRS]; /* inputs, then outputs */
  rt_array in[RT_MAX_PAIRS], out[RT_MAX_PAIRS];
} rt_example;

int rt_example_open(rt_example *x, const rt_options *o, const rt_entry *e, const rt_config *more,
                    rt_error *err);
void rt_example_close(rt_example *x);

#endif

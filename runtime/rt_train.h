/*
** rt_train.h: a training run, shared by its loop (rt_train.c) and its reports (rt_report.c)
*/
#ifndef RT_TRAIN_H
#define RT_TRAIN_H

#include "rt_program.h"

typedef struct rt_trainer {
  const rt_options *o;
  const rt_entry *entry, *valid_entry; /* valid_entry NULL: none */
  rt_session s;
  rt_dataset data, valid;
  rt_progress p;
  const char *save;   /* where checkpoints go, NULL: nowhere */
  int64_t epochs;     /* -1: as many as the steps need */
  int64_t saved_step; /* of the last checkpoint, -1: none */
  void *arg[2 * RT_MAX_PAIRS], *valid_arg[2 * RT_MAX_PAIRS];
  rt_array out[RT_MAX_PAIRS], valid_out[RT_MAX_PAIRS];
  double valid_mean[RT_MAX_PAIRS];
  /* rt_report.c */
  bool terminal;
  double started, shown;
  int64_t rows_done, first_step, total_steps, every;
  double loss, epoch_sum;
  int64_t epoch_steps;
  rt_curve curve;
  char *log;
  size_t log_used, log_room;
} rt_trainer;

void rt_report_start(rt_trainer *t);
void rt_report_step(rt_trainer *t, double loss);
void rt_report_epoch(rt_trainer *t);
void rt_report_end(rt_trainer *t, int status);
int rt_report_files(rt_trainer *t, rt_error *err);
void rt_report_free(rt_trainer *t);

/* rt_resume.c */
int rt_resume_options(rt_options *o, char **kept, rt_error *err);
int rt_check_data_names(const rt_trainer *t, rt_error *err);
void rt_options_text(const rt_options *o, char *out, size_t room);

#endif

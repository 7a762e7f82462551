/*
** rt_train.h: a training run, shared by its parts
**
** rt_train.c steps, rt_train_open.c opens what it needs, rt_valid.c measures, rt_report.c says how
** it goes, rt_resume.c and rt_checkpoint.c take it up again.
*/
#ifndef RT_TRAIN_H
#define RT_TRAIN_H

#include "rt_program.h"

enum { RT_MAX_TURNS = 16, RT_MAX_METRICS = 2 * RT_MAX_PAIRS };

/* One entry of the round of training steps, run `times` times in a row. */
typedef struct rt_turn_state {
  const rt_entry *entry;
  int times;
  bool eats;                  /* takes rows of the data, and so moves on in them */
  int series;                 /* of the curve, where its loss is drawn; RT_LINES: nowhere */
  int column[RT_MAX_PAIRS];   /* of the data set, for each input */
  void *arg[2 * RT_MAX_PAIRS];
  rt_array out[RT_MAX_PAIRS];
} rt_turn_state;

/* A scalar output, as the reports call it. */
typedef struct rt_metric {
  char name[128];
  rt_array *value;
} rt_metric;

/* A data set that is measured on, by one entry. */
typedef struct rt_measure {
  const rt_entry *entry; /* NULL: none */
  rt_dataset data;
  rt_batch batch;
  void *arg[2 * RT_MAX_PAIRS];
  rt_array out[RT_MAX_PAIRS];
  double mean[RT_MAX_PAIRS];
} rt_measure;

/* What the options of a resumed run point to. */
typedef struct rt_kept {
  char *text;      /* the lines of the checkpoint, cut into names and values */
  char *target[3]; /* best, log, plot */
} rt_kept;

typedef struct rt_ranks rt_ranks; /* the processes of a run under mpirun */

typedef struct rt_trainer {
  rt_ranks *ranks; /* NULL: one process */
  const rt_options *o;
  int nturn;
  rt_turn_state turn[RT_MAX_TURNS];
  int64_t round; /* steps in a round */
  rt_entry all;  /* the inputs of all turns */
  rt_arg all_input[RT_MAX_PAIRS];
  rt_session s;
  rt_dataset data;
  rt_ahead *ahead;
  rt_measure valid, test;
  rt_progress p;
  const char *save;   /* where checkpoints go, NULL: nowhere */
  int64_t epochs;     /* -1: as many as the steps need */
  int64_t saved_step; /* of the last checkpoint, -1: none */
  double saved_time;
  int watch;          /* the output of the validation that says which parameters are best */
  bool watch_max;     /* a larger one is better */
  double *norm;       /* of every state tensor when last looked at, before a loss went wrong */
  int64_t norm_step;
  double norm_next;   /* when to look again */
  char *undo;         /* the state before a step, with --skip */
  int64_t skipped, in_a_row; /* steps whose loss was no number */
  rt_batch batch;
  rt_batch widest;    /* of a turn that takes no rows: every size as large as it gets */
  /* rt_report.c */
  int nmetric;
  rt_metric metric[RT_MAX_METRICS];
  double value[RT_MAX_METRICS + 2]; /* of the metrics, the epoch's sum of losses, and its steps */
  const char *loss_name;
  bool terminal;
  double started, shown, before; /* seconds of the run's earlier parts, by the log */
  int64_t rows_done, first_step, total_steps, every;
  double loss, epoch_sum;
  int64_t epoch_steps;
  rt_curve curve;
  int dots;           /* the output of the validation that is drawn */
  char dots_name[140];
  char *log;
  size_t log_used, log_room;
} rt_trainer;

/* rt_train_open.c */
int rt_train_open(rt_trainer *t, rt_error *err);
void rt_train_close(rt_trainer *t);
int rt_train_sizes(rt_trainer *t, const rt_batch *b, rt_error *err);

/* rt_valid.c */
int rt_valid_find(rt_trainer *t, rt_error *err);
int rt_measure_open(rt_trainer *t, rt_measure *m, int part, rt_sizes *size, rt_error *err);
int rt_measure_run(rt_trainer *t, rt_measure *m, rt_error *err);
int rt_valid_needed(const rt_trainer *t, rt_error *err);
bool rt_valid_better(rt_trainer *t);
bool rt_valid_tired(const rt_trainer *t);

/* rt_report.c */
void rt_report_start(rt_trainer *t);
void rt_report_step(rt_trainer *t, double loss, const rt_turn_state *turn);
void rt_report_epoch(rt_trainer *t);
void rt_report_keep(rt_trainer *t, bool back);
void rt_report_end(rt_trainer *t, int status);
int rt_report_files(rt_trainer *t, rt_error *err);
int rt_report_log(const rt_trainer *t, rt_error *err);
void rt_report_free(rt_trainer *t);

/* rt_resume.c */
int rt_resume_options(rt_options *o, rt_kept *kept, rt_error *err);
int rt_resume_note(const rt_options *o, const char *save, rt_error *err);
void rt_resume_free(rt_kept *kept);
int rt_check_data_names(const rt_trainer *t, rt_error *err);
char *rt_options_text(const rt_options *o);

/* rt_mpi.c: a program built with --mpi */
#ifdef RT_HAVE_MPI
int rt_ranks_open(rt_trainer *t, rt_options *o, rt_error *err);
void rt_ranks_quiet(const rt_trainer *t, rt_options *o);
bool rt_ranks_first(const rt_trainer *t);
bool rt_ranks_stop(const rt_trainer *t);
int rt_ranks_reserve(rt_trainer *t, rt_error *err);
int rt_ranks_step(rt_trainer *t, const rt_turn_state *turn, const rt_batch *b, bool stop,
                  int status, rt_error *err);
int rt_ranks_close(rt_trainer *t, int status, rt_error *err);
#else
static inline int rt_ranks_open(rt_trainer *t, rt_options *o, rt_error *err) {
  return (void)t, (void)o, (void)err, 0;
}
static inline void rt_ranks_quiet(const rt_trainer *t, rt_options *o) {
  (void)t, (void)o;
}
static inline bool rt_ranks_first(const rt_trainer *t) {
  return (void)t, true;
}
static inline bool rt_ranks_stop(const rt_trainer *t) {
  return (void)t, false;
}
static inline int rt_ranks_reserve(rt_trainer *t, rt_error *err) {
  return (void)t, (void)err, 0;
}
static inline int rt_ranks_step(rt_trainer *t, const rt_turn_state *turn, const rt_batch *b,
                                bool stop, int status, rt_error *err) {
  return (void)t, (void)turn, (void)b, (void)stop, (void)err, status;
}
static inline int rt_ranks_close(rt_trainer *t, int status, rt_error *err) {
  return (void)t, (void)err, status;
}
#endif

/* rt_norms.c */
void rt_norms_look(rt_trainer *t);
void rt_norms_text(const rt_trainer *t, char *out, size_t room);
void rt_norms_rows(const rt_trainer *t, const rt_turn_state *turn, char *out, size_t room);

#endif

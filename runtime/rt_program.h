/*
** rt_program.h: what the files of the generic program share among themselves
**
** rt_main.c reads the command line into rt_options; a command makes a session (a model with sizes,
** weights and seed) and works on it. Functions that can fail return 0, or an exit status (1 data,
** 2 command line) with the message in err.
*/
#ifndef RT_PROGRAM_H
#define RT_PROGRAM_H

#include <stdio.h>
#include "rt.h"
#include "rt_io.h"

enum {
  RT_DONE = 0,
  RT_DATA = 1,
  RT_USAGE = 2,
  RT_DEFECT = 3,
  RT_MAX_PAIRS = 512, /* inputs or outputs of an entry; dsl/program.lua takes no more */
  RT_MAX_SIZES = 32
};

/* NAME=VALUE of --in, --out, --dim, --data, --valid; other files of the same name follow. */
typedef struct rt_pair {
  const char *name, *value;
} rt_pair;

typedef struct rt_pairs {
  int count;
  rt_pair at[RT_MAX_PAIRS];
} rt_pairs;

typedef struct rt_options {
  const rt_model *model;
  const char *command, *entry;
  rt_pairs in, out, dim, data, valid, lengths, valid_lengths;
  int threads;
  uint64_t seed;
  const char *weights, *save, *resume, *log, *plot, *valid_entry, *best, *watch, *split;
  /* -1: not given */
  int64_t epochs, steps, batch, checkpoint_every, patience, bucket, repeat, cache, skip, shards;
  bool quiet, json, lossy, partial, seeded, ordered;
} rt_options;

void rt_catch_bus(void); /* rt_bus.c; before OpenMP begins */

/* rt_options.c */
int rt_options_read(rt_options *o, const rt_model *m, int argc, char **argv, rt_error *err);
const char *rt_pair_find(const rt_pairs *p, const char *name);
void rt_usage(FILE *out, const rt_model *m);

/* Run-time sizes, and where each came from. */
typedef struct rt_sizes {
  int64_t value[RT_MAX_SIZES]; /* -1: not known yet */
  bool most[RT_MAX_SIZES];     /* it may be less too, as N where N - 1 of something is nothing */
  char from[RT_MAX_SIZES][160];
} rt_sizes;

/* rt_sizes.c */
int rt_sizes_start(const rt_options *o, rt_sizes *s, rt_error *err);
int rt_sizes_match(const rt_model *m, rt_sizes *s, const rt_arg *arg, rt_array *a, const char *file,
                   rt_error *err);
int rt_sizes_finish(const rt_model *m, const rt_entry *e, rt_sizes *s, rt_error *err);
int rt_shape_known(const rt_arg *arg, const rt_sizes *s, int64_t *dim);
void rt_shape(const rt_arg *arg, const int64_t *size, int64_t *dim);
size_t rt_arg_bytes(const rt_arg *arg, const int64_t *size);
char *rt_arg_text(char *out, size_t room, const rt_arg *arg);
char *rt_arg_names(char *out, size_t room, const rt_arg *arg, int n);
bool rt_is_picture(const char *file);

/* A model that is ready. */
typedef struct rt_session {
  const rt_options *o;
  const rt_model *m;
  void *model;
  rt_sizes size;
} rt_session;

/* rt_session.c */
const rt_entry *rt_entry_named(const rt_options *o, const char *name, rt_kind kind, rt_error *err);
int rt_session_open(rt_session *s, const rt_options *o, const rt_sizes *size, const rt_config *more,
                    rt_error *err);
void rt_session_close(rt_session *s);
int rt_call(const rt_session *s, const rt_entry *e, void *const *arg, rt_error *err);
int rt_read_input(const rt_options *o, rt_sizes *s, const rt_arg *arg, const char *value,
                  rt_array *a, rt_error *err);
double rt_element(const rt_array *a, int64_t i);
bool rt_may_round(const rt_options *o, const char *file, rt_dtype t);

/* rt_print.c: small results as text, and as JSON */
void rt_print_array(FILE *out, const char *name, const rt_array *a);
void rt_print_json(FILE *out, const rt_array *a);
void rt_json_quote(FILE *out, const char *s);

/* rt_info.c, rt_run.c, rt_bench.c, rt_check.c, rt_train.c: the commands */
int rt_info(const rt_options *o, rt_error *err);
int rt_run(const rt_options *o, rt_error *err);
int rt_bench(const rt_options *o, rt_error *err);
int rt_profile(const rt_options *o, rt_error *err);
int rt_check(const rt_options *o, rt_error *err);
int rt_train(const rt_options *o, rt_error *err);

/* How far a training run has come. */
typedef struct rt_progress {
  uint64_t seed;
  int64_t step, epoch, row; /* steps done; the epoch being read and its next row */
  int64_t rows, batch;      /* of the data set, checked when resuming */
  int64_t best_step, waits; /* of the best validation, -1: none; validations since */
  double best;              /* its value */
  struct rt_curve *curve;
  int nvalue; /* of the last step's metrics, for the log */
  double *value;
} rt_progress;

/* rt_checkpoint.c */
int rt_checkpoint_name(const char *path, rt_error *err);
int rt_checkpoint_save(const rt_session *s, const char *path, const rt_progress *p, rt_error *err);
int rt_checkpoint_load(const rt_session *s, const char *path, rt_progress *p, rt_error *err);

/* One input of a training entry: how the rows of its data become its values. */
typedef enum rt_feed {
  RT_WHOLE,   /* the same value every step */
  RT_ROWS,    /* its leading axis is the batch */
  RT_EXAMPLE, /* one row a step, without its leading axis */
} rt_feed;

/* The pictures of a column: files, of which as many are kept decoded as there is room for. */
typedef struct rt_pictures {
  int64_t count;
  char **file;           /* with their options, "cat/1.png:grey" */
  int64_t (*size)[2];    /* height and width */
  rt_array *kept;        /* decoded, as the entry wants its channels; data NULL: not kept */
  int64_t room;          /* bytes that may still be kept */
  int rank, threads;     /* 2 or 3 axes; threads that decode */
  int64_t channels;
  bool looked; /* every file has been looked at */
} rt_pictures;

/* One of several files whose rows follow one another. */
typedef struct rt_shard {
  rt_array array;
  int64_t first; /* its first row's place among all */
  char *file;
} rt_shard;

typedef struct rt_column {
  const rt_arg *arg;
  rt_feed feed;
  rt_array array;    /* the rows; of shards the shape alone; pictures: unused */
  rt_shard *shard;   /* several files, NULL: one */
  int shards;
  bool lossy;        /* numbers of another dtype are converted with a batch, and may be rounded */
  rt_pictures *picture; /* one a row, of any size {H, W} or {H, W, C}: cropped at random */
  const char *file;   /* for messages */
  rt_array batch[2];  /* what the entry gets, and the next */
  bool channel_first; /* pictures: {C, H, W} of {H, W, C} */
  int64_t ragged;     /* rows that have a length, 0: all are alike */
  int64_t *length, *start, longest, inner; /* in elements of `inner` numbers each */
  rt_array flat;      /* ragged: the file as it is; array then says {rows, longest, ...} */
  bool shared;        /* array and pictures belong to another data set */
} rt_column;

typedef struct rt_dataset {
  int ncolumn;
  rt_column column[RT_MAX_PAIRS];
  int64_t rows, batch; /* rows an epoch; rows a step */
  const char *rows_of; /* the file that said how many rows, for messages */
  rt_feed feed;        /* of the first column */
  int batch_sym;       /* the run-time size that is the batch, -1: fixed */
  bool ordered;        /* no shuffling */
  uint64_t seed;
  int64_t *order, order_epoch;
  int64_t bucket;  /* batches in a window that is sorted by length, 0: no sorting */
  int64_t *subset; /* which of the files' rows these are, NULL: all */
} rt_dataset;

/* What an entry is called with, and the run-time sizes of this batch, -1 where as declared. */
typedef struct rt_batch {
  int64_t rows; /* -1: they could not be read, see err */
  rt_error err;
  void *arg[RT_MAX_PAIRS];
  int64_t size[RT_MAX_SIZES];
} rt_batch;

/* The parts of --split. */
typedef enum rt_part { RT_PART_ALL = -1, RT_PART_TRAIN, RT_PART_VALID, RT_PART_TEST } rt_part;

/* rt_data.c */
int rt_dataset_open(rt_dataset *d, const rt_options *o, const rt_entry *e, const rt_pairs *files,
                    rt_part part, const rt_dataset *from, rt_sizes *size, rt_error *err);
int rt_dataset_reserve(rt_dataset *d, const rt_model *m, const rt_sizes *size, rt_error *err);
int64_t rt_dataset_row(const rt_dataset *d, int64_t epoch, int64_t at);
int64_t rt_dataset_rows(const rt_dataset *d, int64_t row);
int64_t rt_dataset_fill(rt_dataset *d, int64_t epoch, int64_t row, int which, rt_batch *b);

/* rt_ahead.c: a thread that gathers the next batch while a step runs */
typedef struct rt_ahead rt_ahead;
rt_ahead *rt_ahead_start(rt_dataset *d);
int64_t rt_ahead_take(rt_ahead *a, int64_t epoch, int64_t row, rt_batch *b);
void rt_ahead_stop(rt_ahead *a);

/* rt_lengths.c: rows of different length */
int rt_lengths_open(rt_column *c, const rt_options *o, const char *file, rt_error *err);
int64_t rt_lengths_longest(const rt_column *c, int64_t n, const int64_t *row);
void rt_lengths_fill(const rt_column *c, rt_array *batch, int64_t n, const int64_t *row,
                     int64_t extent);
int rt_lengths_bucket(const rt_column *c, int64_t *order, int64_t rows, int64_t batch,
                      int64_t window, uint64_t seed, uint64_t epoch);

/* rt_range.c, rt_data_folder.c */
int rt_range_check(const rt_model *m, const rt_sizes *size, const rt_arg *arg, const rt_array *a,
                   const char *file, rt_error *err);
int rt_list_classes(const char *where, char ***list, int *count, rt_array *labels, rt_error *err);

/* rt_split.c: train, validation and test rows of the same files */
int rt_split_shares(const char *text, double share[3], rt_error *err);
int rt_split_rows(rt_dataset *d, const rt_options *o, rt_part part, rt_error *err);
void rt_dataset_close(rt_dataset *d);

/* rt_data_read.c: the files behind a column */
int rt_column_read(rt_column *c, const rt_options *o, const char *value, rt_error *err);
int rt_column_convert(rt_column *c, const rt_options *o, rt_error *err);
int rt_column_ranges(const rt_column *c, const rt_model *m, const rt_sizes *size, rt_error *err);
int rt_column_join(rt_column *c, rt_error *err);
void rt_column_shuffled(const rt_column *c);
void rt_column_free(rt_column *c);
void rt_column_fill(rt_column *c, rt_array *batch, int64_t n, const int64_t *row);

/* rt_pictures.c */
rt_pictures *rt_pictures_of(char **file, int count, const rt_options *o);
int rt_pictures_open(rt_column *c, rt_feed feed, const rt_model *m, rt_sizes *size, rt_error *err);
int rt_pictures_fill(const rt_column *c, rt_array *batch, int64_t n, const int64_t *row,
                     uint64_t seed, uint64_t epoch, rt_error *err);
void rt_pictures_free(rt_pictures *p);

/* rt_random.c */
uint64_t rt_random(uint64_t seed, uint64_t stream, uint64_t counter);
void rt_shuffle(int64_t *order, int64_t n, uint64_t seed, uint64_t epoch);

/* Values by step, in several series: lines, and the last one dots. */
enum { RT_LINES = 4, RT_DOTS = RT_LINES, RT_SERIES, RT_STRETCHES = 512 };
typedef struct rt_stretch {
  double steps; /* the sum of its points' steps */
  int64_t points;
  double sum; /* of their values */
} rt_stretch;
typedef struct rt_series {
  int64_t length; /* points of a stretch; the last may have fewer */
  int count;
  rt_stretch at[RT_STRETCHES];
} rt_series;
typedef struct rt_curve {
  rt_series series[RT_SERIES];
  const char *name[RT_SERIES]; /* NULL: there is no such series */
} rt_curve;

/* rt_curve.c */
void rt_curve_add(rt_curve *c, int series, int64_t step, double value);
char *rt_curve_text(const rt_curve *c);
void rt_curve_read(rt_curve *c, const char *text);

/* rt_plot.c */
int rt_plot_check(const char *path, rt_error *err);
int rt_plot(const char *path, const char *title, const rt_curve *c, rt_error *err);

double rt_seconds(void); /* rt_session.c: a steady clock */

#endif

/*
** rt_mpi.c: a training run shared by the processes of mpirun
**
**   mpirun -n 4 ./lenet train --data X=x.idx --data y=y.idx --batch 256 --shards 8
**
** A batch is cut into a fixed number of shards, whatever the number of processes. Each process
** works out its own shards (entry NAME_shard: loss, metrics, gradients, next states); all of them
** then hold all results, add them in the order of the shards, weighted by rows, and take the same
** step (NAME_step). So every process keeps the same bits, and they are those of one process too.
** The first process alone writes files and reports.
*/
#define _GNU_SOURCE /* sched_getaffinity */
#include "rt_train.h"

#ifdef RT_HAVE_MPI
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The two parts of a turn's entry. What one gives are the inputs of the other. */
typedef struct Parts {
  const rt_entry *shard, *step;
  int64_t *at; /* of every result in a shard's bytes; at the end their sum */
  int report[RT_MAX_PAIRS]; /* the turn's output that a result is, -1: none */
} Parts;

struct rt_ranks {
  int rank, count;
  int64_t shards;
  bool stop;    /* some process was asked to stop */
  bool failed;  /* some process could not go on, and all know it */
  Parts parts[RT_MAX_TURNS];
  char *all, *mean; /* the results of every shard, and their mean */
  void *arg[2 * RT_MAX_PAIRS];
};

bool rt_ranks_first(const rt_trainer *t) {
  return t->ranks->rank == 0;
}

/* The processors this process may use: its own, or its share of those that all may use. */
static int processors(int local) {
  cpu_set_t set;
  int all = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int mine = sched_getaffinity(0, sizeof set, &set) ? all : CPU_COUNT(&set);
  if (mine >= all) mine = all / local;
  return mine > 1 ? mine : 1;
}

/* Joins the other processes. */
int rt_ranks_open(rt_trainer *t, rt_options *o, rt_error *err) {
  int got, local;
  MPI_Comm node;
  rt_ranks *r = t->ranks = calloc(1, sizeof *r);
  if (!r) return rt_fail(err, "train", "out of memory"), RT_DATA;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &got);
  MPI_Comm_rank(MPI_COMM_WORLD, &r->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &r->count);
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &local);
  MPI_Comm_free(&node);
  if (o->threads <= 0) o->threads = processors(local);
  return 0;
}

/* Leaves files and reports to the first process. */
void rt_ranks_quiet(const rt_trainer *t, rt_options *o) {
  if (rt_ranks_first(t)) return;
  o->best = o->log = o->plot = NULL;
  o->quiet = true;
  o->json = false;
}

/* The worst status of all processes. Of those with an error only the first says which; the first of
** all says that there was one. Every process calls this in turn, until one has failed. */
static int agree(rt_ranks *r, int status, rt_error *err) {
  int mine[2] = {status, status ? r->count - r->rank : 0}, all[2];
  if (r->failed) return status;
  MPI_Allreduce(mine, all, 2, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  if (!all[0]) return 0;
  r->failed = true;
  if (!status && r->rank == 0)
    rt_fail(err, "train", "process %d stopped with an error", r->count - all[1]);
  else if (!status || all[1] != r->count - r->rank)
    err->text[0] = 0;
  return all[0];
}

/* Whether to stop, which all processes decide together. */
bool rt_ranks_stop(const rt_trainer *t) {
  return t->ranks->stop;
}

/* Finds the parts of a turn, and where their results stand. */
static int find_parts(rt_trainer *t, const rt_turn_state *turn, Parts *p, rt_error *err) {
  char name[2][300];
  snprintf(name[0], sizeof name[0], "%.280s_shard", turn->entry->name);
  snprintf(name[1], sizeof name[1], "%.280s_step", turn->entry->name);
  p->shard = rt_entry_named(t->o, name[0], RT_ENTRY, err);
  p->step = rt_entry_named(t->o, name[1], RT_ENTRY, err);
  if (!p->shard || !p->step) return RT_DEFECT;
  p->at = calloc((size_t)p->shard->noutput + 1, sizeof *p->at);
  if (!p->at) return rt_fail(err, "train", "out of memory"), RT_DATA;
  for (int i = 0; i < p->shard->noutput; i++) {
    const rt_arg *arg = &p->shard->output[i];
    int64_t bytes = (int64_t)rt_arg_bytes(arg, t->s.size.value);
    p->at[i + 1] = p->at[i] + (bytes + 15) / 16 * 16;
    p->report[i] = -1;
    for (int k = 0; k < turn->entry->noutput; k++)
      if (!strcmp(turn->entry->output[k].name, arg->name)) p->report[i] = k;
  }
  return 0;
}

/* A batch can be cut where all its columns are rows of a size that may change. */
static int check_cut(const rt_trainer *t, rt_error *err) {
  for (int i = 0; i < t->data.ncolumn; i++) {
    const rt_column *c = &t->data.column[i];
    if (c->feed == RT_WHOLE || (c->feed == RT_ROWS && t->data.batch_sym >= 0)) continue;
    rt_fail(err, c->arg->name, "processes cannot share a batch of fixed size: declare its leading "
                               "axis with cr.dim");
    return RT_DATA;
  }
  return 0;
}

/* Makes room for the results of all shards, once the model is there. */
int rt_ranks_reserve(rt_trainer *t, rt_error *err) {
  rt_ranks *r = t->ranks;
  int64_t most = 1;
  r->shards = t->o->shards > 0 ? t->o->shards : 8;
  if (r->shards < r->count)
    return rt_fail(err, "--shards", "%d processes cannot share %d shards", r->count,
                   (int)r->shards), RT_USAGE;
  int status = check_cut(t, err);
  for (int k = 0; k < t->nturn && !status; k++) {
    Parts *p = &r->parts[k];
    status = find_parts(t, &t->turn[k], p, err);
    if (!status && p->at[p->shard->noutput] > most) most = p->at[p->shard->noutput];
  }
  if (status) return status;
  r->all = most <= INT32_MAX ? calloc((size_t)r->shards, (size_t)most) : NULL;
  r->mean = malloc((size_t)most);
  return r->all && r->mean ? 0 : (rt_fail(err, "train", "out of memory"), RT_DATA);
}

/* The first row of a shard of the batch; shards differ by at most one row. */
static int64_t first_row(const rt_ranks *r, int64_t rows, int64_t shard) {
  return rows / r->shards * shard + rows % r->shards * shard / r->shards;
}

/* The first shard of a process. */
static int64_t first_shard(const rt_ranks *r, int rank) {
  return r->shards * rank / r->count;
}

/* Calls the shard's entry on its rows. */
static int work_out(rt_trainer *t, const rt_turn_state *turn, const Parts *p, const rt_batch *b,
                    int64_t shard, char *result, rt_error *err) {
  rt_ranks *r = t->ranks;
  rt_batch part = *b;
  int64_t from = first_row(r, b->rows, shard);
  part.rows = first_row(r, b->rows, shard + 1) - from;
  if (turn->eats) part.size[t->data.batch_sym] = part.rows;
  if (rt_train_sizes(t, &part, err)) return RT_DATA;
  for (int i = 0; i < turn->entry->ninput; i++) {
    bool rows = t->data.column[turn->column[i]].feed == RT_ROWS;
    size_t bytes = rt_arg_bytes(&turn->entry->input[i], t->s.size.value);
    r->arg[i] = (char *)turn->arg[i] + (rows ? from * (int64_t)bytes / part.rows : 0);
  }
  int n = turn->entry->ninput;
  if (p->shard->ninput > n) r->arg[n++] = &shard; /* it draws random numbers of its own */
  for (int i = 0; i < p->shard->noutput; i++) r->arg[n + i] = result + p->at[i];
  return rt_call(&t->s, p->shard, r->arg, err);
}

/* Adds weight times a shard's result i to the mean; of integers the first shard's count. */
static void add_result(const Parts *p, int i, const char *x, double weight, bool first, char *sum) {
  const rt_arg *arg = &p->shard->output[i];
  int64_t bytes = p->at[i + 1] - p->at[i];
  x += p->at[i];
  sum += p->at[i];
  if (arg->dtype == RT_F32)
    for (int64_t k = 0; k < bytes / 4; k++)
      ((float *)sum)[k] = (first ? 0 : ((float *)sum)[k]) + (float)weight * ((const float *)x)[k];
  else if (arg->dtype == RT_F64)
    for (int64_t k = 0; k < bytes / 8; k++)
      ((double *)sum)[k] = (first ? 0 : ((double *)sum)[k]) + weight * ((const double *)x)[k];
  else if (first)
    memcpy(sum, x, (size_t)bytes);
}

/* Gives every process the results of all. */
static void gather(rt_ranks *r, int64_t bytes) {
  int *count = calloc(2 * (size_t)r->count, sizeof *count), *at = count + r->count;
  MPI_Datatype one;
  if (!count) MPI_Abort(MPI_COMM_WORLD, RT_DATA);
  MPI_Type_contiguous((int)bytes, MPI_BYTE, &one);
  MPI_Type_commit(&one);
  for (int k = 0; k < r->count; k++) {
    at[k] = (int)first_shard(r, k);
    count[k] = (int)first_shard(r, k + 1) - at[k];
  }
  MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, r->all, count, at, one, MPI_COMM_WORLD);
  MPI_Type_free(&one);
  free(count);
}

/* One step of a turn on a batch, or what kept this process from it (`status` and err). */
int rt_ranks_step(rt_trainer *t, const rt_turn_state *turn, const rt_batch *b, bool stop,
                  int status, rt_error *err) {
  rt_ranks *r = t->ranks;
  const Parts *p = &r->parts[turn - t->turn];
  int64_t bytes = p->at[p->shard->noutput], shards = turn->eats ? r->shards : 1;
  int64_t last = turn->eats ? first_shard(r, r->rank + 1) : 1;
  for (int64_t k = turn->eats ? first_shard(r, r->rank) : 0; k < last && !status; k++)
    if (!turn->eats || first_row(r, b->rows, k) < first_row(r, b->rows, k + 1))
      status = work_out(t, turn, p, b, k, r->all + k * bytes, err);
  if (agree(r, status, err)) return RT_DATA;
  int asked = stop;
  MPI_Allreduce(MPI_IN_PLACE, &asked, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  r->stop = asked;
  if (turn->eats) gather(r, bytes);
  bool first = true;
  for (int64_t k = 0; k < shards; k++) {
    int64_t rows = first_row(r, b->rows, k + 1) - first_row(r, b->rows, k);
    double weight = turn->eats ? (double)rows / (double)b->rows : 1;
    if (turn->eats && rows == 0) continue;
    for (int i = 0; i < p->shard->noutput; i++)
      add_result(p, i, r->all + k * bytes, weight, first, r->mean);
    first = false;
  }
  for (int i = 0; i < p->shard->noutput; i++) {
    r->arg[i] = r->mean + p->at[i];
    if (p->report[i] >= 0)
      memcpy(turn->out[p->report[i]].data, r->arg[i], rt_dtype_size(p->shard->output[i].dtype));
  }
  return rt_call(&t->s, p->step, r->arg, err);
}

/* Ends together: with the worst status of all, and one message. It is written before any process
** ends, for mpirun kills the others when the first ends with an error. */
int rt_ranks_close(rt_trainer *t, int status, rt_error *err) {
  rt_ranks *r = t->ranks;
  if (!r) return status;
  int worst = agree(r, status, err);
  if (worst && err->text[0]) fprintf(stderr, "%s\n", err->text);
  err->text[0] = 0;
  MPI_Barrier(MPI_COMM_WORLD);
  for (int k = 0; k < RT_MAX_TURNS; k++) free(r->parts[k].at);
  free(r->all);
  free(r->mean);
  free(r);
  t->ranks = NULL;
  MPI_Finalize();
  return worst;
}
#endif

/*
** test_verify.c: the verifier passes what is right, and stops each kind of damage with status 3
**
** Every case damages one field of a good graph in a process of its own.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ir.h"

static const char text[] =
    "size N = 8\n"
    "func step(h: f32, x: f32) -> (h1) { h1: f32 = h + x }\n"
    "func f(x: f32[N], id: i32[N], w: f32[3]) -> (y, z, h) {\n"
    "  y[i]: f32[N] = sum k < 3.  w[k] * zero_outside(x)[i + k]    # m.lua:4\n"
    "  z: f32[5] = scatter i < N.  z[id[i]] += y[i]\n"
    "  s: f32 = w[1] + 1\n"
    "  carry h: f32 = loop step(carry s, slice y) for N steps\n"
    "}\n";

static Node *named(const Func *f, const char *name) {
  for (int k = 0; k < f->nresult; k++)
    if (!strcmp(f->result[k]->name, name)) return f->result[k];
  abort();
}

static void good(Func *f) { (void)f; }
static void body_dtype(Func *f) { named(f, "y")->dtype = DT_F64; }
static void axis_free(Func *f) { named(f, "y")->ndom = 1; }
static void args_extra(Func *f) { named(f, "z")->narg = 1; }
static void args_order(Func *f) {
  Node *y = named(f, "y"), *first = y->arg[0];
  y->arg[0] = y->arg[1];
  y->arg[1] = first;
}
static void rule_unknown(Func *f) { ((uint8_t *)(uintptr_t)named(f, "z")->wrule)[0] = 9; }
static void foreign_param(Func *f) { f->nparam = 2; }
static void trip_other(Func *f) {
  Node *loop = named(f, "h")->arg[0];
  loop->trip = s_add(loop->trip, s_int(1));
}
static void carries(Func *f) { named(f, "h")->arg[0]->ncarry = 2; }
static void proj_range(Func *f) { named(f, "h")->k = 1; }
static void extent_axis(Func *f) { named(f, "z")->dim[0] = s_axis(0); }
static void reduction_left(Func *f) {
  Node *y = named(f, "y");
  Scalar *k = s_axis(1);
  y->body = s_reduce(C_SUM, y->body, 1, &k);
}
static void outside(Func *f) {
  Node *w = f->param[2];
  Scalar *at = s_int(3);
  f->result[0] = n_map(0, NULL, s_read(w, &at, NULL));
}

static const struct {
  const char *name;
  void (*damage)(Func *f);
  const char *message; /* NULL: nothing is wrong */
} cases[] = {
    {"good", good, NULL},
    {"body dtype", body_dtype, "m.lua:4: after gather, in f: y: a body of another dtype"},
    {"free axis", axis_free, "y: axis 1 is free"},
    {"missing argument", args_extra, "z: its list of arguments is not what its body reads"},
    {"argument order", args_order, "y: its list of arguments is not what its body reads"},
    {"boundary rule", rule_unknown, "z: boundary rule 9 on a write"},
    {"foreign parameter", foreign_param, "w: a parameter that is not the function's"},
    {"trip", trip_other, "slice 0 has not one row a step"},
    {"carries", carries, "a LOOP whose counts do not fit step"},
    {"projection", proj_range, "result 1 of 1"},
    {"extent", extent_axis, "z: an extent that is no expression over sizes"},
    {"reduction", reduction_left, "y: a reduction left in a body"},
    {"range", outside, "a read at [3, 3] of an axis of 3"},
};

/* Runs one case in a child; returns its exit status, and what it wrote on stderr. */
static int run(int k, char *out, size_t size) {
  int fd[2], status = -1;
  if (pipe(fd)) abort();
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(fd[1], 2);
    mod = module_new();
    Func *f = parse_func(text, "t.ir");
    cases[k].damage(f);
    verify_func(f, "gather");
    exit(0);
  }
  close(fd[1]);
  size_t n = 0;
  for (ssize_t got; n + 1 < size && (got = read(fd[0], out + n, size - 1 - n)) > 0;)
    n += (size_t)got;
  out[n] = 0;
  close(fd[0]);
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void) {
  int bad = 0;
  for (int k = 0; k < (int)(sizeof cases / sizeof *cases); k++) {
    char out[4096];
    const char *want = cases[k].message;
    int status = run(k, out, sizeof out);
    if (status == (want ? 3 : 0) && (!want || strstr(out, want))) continue;
    printf("%s: status %d\n%s\nwanted: %s\n", cases[k].name, status, out, want ? want : "");
    bad++;
  }
  printf("%d defects\n", bad);
  return bad != 0;
}

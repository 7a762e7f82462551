/*
** diag.h: messages to the user, and defects of our own
**
** The user's mistakes:  diag_note(where_declared, "'%s' was declared here", name);
**                       diag_error(loc, "index %s: '%s' has %d labels here, but '%s' has %d", ...);
** Ours:                 ICE(n->loc, "axis %d is free in a lowered body", p);
*/
#ifndef CRESCENT_DIAG_H
#define CRESCENT_DIAG_H

#include <stdio.h>

typedef struct Loc {
  const char *file; /* as the user wrote it; NULL: no place is known */
  int line;         /* from 1; 0: the whole file */
} Loc;

struct lua_State;

/* diag.c */
_Noreturn void diag_error(Loc loc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_note(Loc loc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void diag_raise(const char *message);
int diag_protect(void (*f)(void *ctx), void *ctx);
char *diag_try(void (*f)(void *ctx), void *ctx);
void diag_print(const char *message);
const char *diag_place(const char *message, char *file, size_t size, int *line);
struct lua_State *diag_lua(struct lua_State *L);
void diag_on_ice(void (*dump)(FILE *out));
void diag_while(const char *activity);
_Noreturn void diag_ice(const char *file, int line, Loc loc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define ICE(loc, ...) diag_ice(__FILE__, __LINE__, (loc), __VA_ARGS__)

#endif

#ifndef CRESCENT_DIAG_H
#define CRESCENT_DIAG_H
typedef struct Loc { const char *file; int line; } Loc;
_Noreturn void diag_error(Loc loc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#endif

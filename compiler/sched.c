/*
** sched.c: which loops are vectors, and which run on threads
*/
#include "lower.h"

void sched_kernel(Low *l) { (void)l; }

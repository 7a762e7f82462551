#ifndef PAIRS_H
#define PAIRS_H
#include <stdint.h>
#define SMALLER(m, n) ((m) < (n) ? (m) : (n))
#endif

/*
** stable.h: products of exponentials, for stable.c
**
** exp(plus - minus) * num / den, where a sum of exponentials has given its largest one:
**
**   sum k. exp(a[i, k])   =   exp(m[i]) * sum k. exp(a[i, k] - m[i]),    m[i] = max k. a[i, k]
*/
#ifndef CRESCENT_STABLE_H
#define CRESCENT_STABLE_H

#include "ir.h"

enum { MAX_TERMS = 12 };

typedef struct Barrier { /* tensors not to look through */
  int n;
  Node **node;
  bool bounded; /* sums of exponentials that have a maximum subtracted, if another one's, stay */
  bool logged; /* a log is taken of what is divided: what is as small as it likes counts */
  Scalar *over; /* the exponents of what is divided by, see stable_summed; NULL: there are none */
} Barrier;

typedef struct Split {
  bool exp;                /* an exponential is a factor */
  bool sum;                /* a sum of exponentials is */
  bool positive;           /* num and den are */
  int nplus, nminus;
  Scalar *plus[MAX_TERMS], *minus[MAX_TERMS];
  Scalar *num, *den;       /* NULL is 1 */
} Split;

/* s seen through tensors that only show another one in another shape. */
Scalar *stable_view(const Barrier *b, Scalar *s);
/* s, or what the maps it reads compute. */
Scalar *stable_look(const Barrier *b, Scalar *s);
/* The exponents that s, a sum of exponentials and no weights, is over, with axes of their own for those
** that are summed; NULL: it is none. */
Scalar *stable_summed(const Barrier *b, Scalar *s);
/* s as a product of exponentials and the rest; false where that is not worth while. */
bool stable_split(const Barrier *b, Scalar *s, Split *out);
/* The same of the sum of n terms with signs, each an exponential or a constant. */
bool stable_split_sum(const Barrier *b, Scalar *s, Split *out);
/* The exponents of s = exp(e[0]) + exp(e[1]) + ..., or 0: it is none. */
int stable_exponents(const Barrier *b, Scalar *s, Scalar **e);
Scalar *split_exponent(const Split *x, Dtype t); /* plus - minus, 0 if there is none */
Scalar *split_rest(const Split *x, Dtype t);     /* num / den */
bool split_divide(Split *x, const Split *by);    /* x / by; false: too many terms */
/* Adds the terms of x - minus where `negative` - to the exponent; equal ones cancel. */
bool split_add(const Barrier *b, Split *x, Scalar *term, bool negative);

/* stable_hand.c: what the script subtracted from the exponents e[], which then are without it, where that
** is the largest of them; NULL: none. guarded: 0 where that is infinite, as we write it. */
Scalar *stable_by_hand(const Barrier *b, int n, Scalar **e, bool *guarded);

/* stable_product.c: the log of a product of matrices, or of that and a number, where log_of gives its
** stable form; NULL: arg is none. */
Scalar *stable_product_log(const Barrier *b, Scalar *arg,
                           Scalar *(*log_of)(const Barrier *b, Scalar *arg));

#endif

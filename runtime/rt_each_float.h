/*
** rt_each_float.h: one text of a kernel, compiled for f32 and for f64
**
**   #ifndef RT_X_H               static inline RT_T RT_(rt_half)(RT_T x) { return x / 2; }
**   #define RT_X_H                    becomes rt_half_f32 and rt_half_f64
**   #define RT_TEXT "rt_x.h"
**   #include "rt_each_float.h"   where RT_X_H is known and RT_T too, rt_x.h is that text
**
** Inside: RT_T the type, RT_(name) the name for it, RT_VEC and RT_V(load) its vectors of RT_WIDE
** lanes, RT_EPS the distance from 1 to the next number, RT_SMALL and RT_LARGE the bounds within
** which a sum of squares neither underflows nor overflows.
*/
#define RT_T float
#define RT_(name) name##_f32
#define RT_V(name) rt_##name##_f32x16
#define RT_VEC rt_f32x16
#define RT_WIDE 16
#define RT_EPS 1.1920929e-7f
#define RT_SMALL 1e-16f
#define RT_LARGE 1e16f
#include RT_TEXT
#undef RT_T
#undef RT_
#undef RT_V
#undef RT_VEC
#undef RT_WIDE
#undef RT_EPS
#undef RT_SMALL
#undef RT_LARGE

#define RT_T double
#define RT_(name) name##_f64
#define RT_V(name) rt_##name##_f64x8
#define RT_VEC rt_f64x8
#define RT_WIDE 8
#define RT_EPS 2.220446049250313e-16
#define RT_SMALL 1e-140
#define RT_LARGE 1e140
#include RT_TEXT
#undef RT_T
#undef RT_
#undef RT_V
#undef RT_VEC
#undef RT_WIDE
#undef RT_EPS
#undef RT_SMALL
#undef RT_LARGE
#undef RT_TEXT

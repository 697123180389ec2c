/* The reference in both precisions. */
#include "reference.h"

#include <math.h>

#define REAL       float
#define FMA        fmaf
#define NAME(name) name##_f32
#define BITS       32
#include "reference_body.inl"
#undef REAL
#undef FMA
#undef NAME
#undef BITS

#define REAL       double
#define FMA        fma
#define NAME(name) name##_f64
#define BITS       64
#include "reference_body.inl"

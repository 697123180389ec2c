/* The plain reference of every kernel: naive loops in the order kernels.h states, one lane at a time, with fma() where
 * the order says "fused". Slow, and meant to be read. It fills the same table as a tier, so one test body runs both;
 * activations that need an elementary function have no slot here (test_activations.c measures those). */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "kernels.h"

extern const gp_kernels reference_f32, reference_f64;

#endif

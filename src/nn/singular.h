/* Singular values by one-sided Jacobi rotations in a fixed order (Hestenes 1958): the same bits everywhere, and small
 * values as accurate as the columns allow (Demmel and Veselic 1992). */
#ifndef GP_SINGULAR_H
#define GP_SINGULAR_H

#include "kernels.h"

/* All min(rows, cols) singular values of a matrix, falling, into sigma; NaN when an entry is not finite. a is taken as
 * `cols` vectors of `rows` entries one after the other (a matrix and its transpose have the same values), rows >= cols,
 * and is overwritten. Only k64->dot and k64->sum_squares are used. */
void gp_singular_values(double *sigma, double *a, int64_t rows, int64_t cols, const gp_kernels *k64);

/* The same of w (out, in), row-major, of any shape; a (out in) is scratch. */
void gp_singular_matrix(double *sigma, const double *w, int64_t out, int64_t in, double *a,
                        const gp_kernels *k64);

/* exp of the entropy of sigma / sum sigma: how many directions a matrix uses (Roy and Vetterli 2007). */
double gp_effective_rank(const double *sigma, int64_t count);

#endif

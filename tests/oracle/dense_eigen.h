/* Eigenvalues by two-sided Jacobi rotations in long double: shares nothing with the one-sided rotations, QL and Lanczos of
 * src/. */
#ifndef DENSE_EIGEN_H
#define DENSE_EIGEN_H

/* Eigenvalues of a symmetric matrix (n, n), rising. */
void dense_eigen(double *out, const double *matrix, int n);

#endif

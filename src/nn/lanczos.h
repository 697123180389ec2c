/* The largest eigenvalues of a symmetric matrix that is only known by its products (Lanczos 1950), with full
 * re-orthogonalisation: without it, rounding makes copies of converged eigenvalues (Paige 1971).
 *
 * All sums in the house order, all loops in a fixed order, the starting vector from the counter-based generator: the same
 * bits everywhere. */
#ifndef GP_LANCZOS_H
#define GP_LANCZOS_H

#include "arena.h"
#include "kernels.h"
#include "rng.h"

/* out (n) = A v (n). */
typedef void gp_symmetric(void *context, double *out, const double *v);

typedef struct gp_lanczos {
  int64_t n;        /* size of the matrix */
  int most;         /* products at most; never more than n */
  int wanted;       /* eigenvalues, the largest first; at most `most` */
  double tolerance; /* of an eigenvalue, relative to the largest magnitude in the spectrum */
  gp_stream start;  /* where the starting vector comes from */
  const gp_kernels *k64;
  double *basis;          /* (most + 1, n): orthonormal vectors */
  double *alpha, *beta;   /* (most): diagonal and off-diagonal of the projected matrix */
  double *theta, *bottom; /* (most): its eigenvalues, and the last entry of each eigenvector */
  double *work;           /* (most): off-diagonal, used up */
} gp_lanczos;

/* Takes the memory; n, most (cut to n) and wanted are set before. */
void gp_lanczos_layout(gp_lanczos *lanczos, gp_arena *arena);

/* top[0 .. wanted) receives the largest eigenvalues, falling; NaN beyond n, and everywhere when a product is not
 * finite. Returns how many products were spent. A true eigenvalue lies within *bound (may be NULL) of each of them: at
 * most tolerance times the spectrum's size unless the products ran out first. Eigenvalues that coincide count as often
 * as they occur only when the whole space is searched: when more than one is wanted and `most` is n. */
int gp_lanczos_run(gp_lanczos *lanczos, gp_symmetric *apply, void *context, double *top, double *bound);

/* Eigenvalues of the symmetric tridiagonal matrix with diagonal d (n) and off-diagonal e (n - 1 used, destroyed): d
 * becomes the eigenvalues, falling, and bottom[i] the last entry of the unit eigenvector of d[i]. Implicit QL (Golub and
 * Van Loan, section 8.3). False when it does not converge (something is not finite). */
bool gp_tridiagonal_eigen(double *d, double *e, double *bottom, int n);

#endif

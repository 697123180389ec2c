/* Measurements on the double twin: curvature of the loss, input-output Jacobian, tangent kernel, pairs of examples,
 * singular values, underflow. They go lane by lane: gp_second_load gives the twin the weights of one lane, then each
 * function measures that network. What several probes share is computed once per load.
 *
 * Examples are the first rows of the training set, in file order (underflow: the batch that the network holds). The twin's
 * memory and that of every measurement is laid out only when asked for. */
#ifndef GP_SECOND_H
#define GP_SECOND_H

#include "lanczos.h"
#include "twin.h"

/* What is to be measured, and how much of it. Bits of `needs`: */
enum {
  GP_NEED_HESSIAN = 1,
  GP_NEED_JACOBIAN = 2,
  GP_NEED_NTK = 4,
  GP_NEED_PAIRS = 8,
  GP_NEED_SINGULAR = 16,
  GP_NEED_PRODUCT = 32,
  GP_NEED_UNDERFLOW = 64,
  GP_NEED_EIGENVALUES = 128 /* more than the largest of the Hessian */
};

typedef struct gp_second_settings {
  unsigned needs;
  int64_t hessian_samples;    /* rows the loss is taken over; 0: the whole training set */
  int64_t hessian_count;      /* with GP_NEED_EIGENVALUES: how many, the largest first */
  int64_t hessian_iterations; /* products at most */
  double hessian_tolerance;   /* relative to the spectrum's size */
  int64_t jacobian_samples;   /* rows averaged over */
  int64_t jacobian_draws;     /* 0: exact; else random directions for the moments (Hutchinson 1989) */
  int64_t ntk_samples;
  int64_t pair_samples; /* every pair of these rows */
} gp_second_settings;

/* The defaults; nothing is needed. */
gp_second_settings gp_second_default(void);

typedef struct gp_second {
  gp_twin twin;
  gp_second_settings set;
  gp_examples train; /* of the lane being measured; `rows` is all of them */
  uint64_t seed;     /* of its run */
  const gp_net *net; /* the running network and the lane of it */
  int lane;
  int64_t batch;
  bool coupled; /* an example's outputs depend on the others of its batch */
  gp_lanczos hessian, jacobian, ntk;
  int64_t columns_at_once; /* of a Jacobian */
  double *seeds;           /* (n_L, capacity) */
  double *gradient;        /* (P) */
  double *columns;         /* (widest, pair_samples): examples as vectors */
  double *sigma;           /* (largest min(out, in)) */
  double *matrix;          /* (largest matrix): scratch of singular values */
  int64_t places;          /* singular values of the matrix that has most of them */
  double *product[2];      /* (widest, n_0): products of weights */
  double moments[3];       /* of the Jacobian, when `jacobian_known` */
  double *eigenvalues; /* (hessian_count) of the Hessian, and how far off they may be, when `hessian_known` */
  double hessian_bound;
  int singular_known; /* the layer `sigma` belongs to; 0: none */
  bool jacobian_known, hessian_known;
} gp_second;

/* Takes all memory for a network of that shape, trained on `rows` examples in batches whose probes see `batch`. The
 * settings' sample counts are cut to what there is. */
void gp_second_layout(gp_second *second, gp_arena *arena, const gp_tier *tier, const gp_net_shape *shape,
                      const gp_second_settings *settings, int64_t rows, int64_t batch);

/* Makes the twin lane `lane` of a network that holds a batch of that many examples. */
void gp_second_load(gp_second *second, const gp_net *net, int lane, int64_t batch, const gp_examples *train,
                    uint64_t seed);

/* The largest eigenvalues of the Hessian of the training loss, falling: one, or hessian_count of them with
 * GP_NEED_EIGENVALUES, NaN beyond the number of parameters or of products. A true eigenvalue lies within second->hessian_bound
 * of each. Valid until the next load. */
const double *gp_second_hessian(gp_second *second);

/* Moments (1/n) tr (J J^T)^k for k = 1, 2 and the largest singular value of the input-output Jacobian J (n_L, n_0), n =
 * n_L its rows, the outputs before softmax or sigmoid of the loss; means over the rows. */
void gp_second_jacobian(gp_second *second, double out[static 3]);

/* Trace and largest eigenvalue of the tangent kernel J J^T, J (rows n_L, P) the outputs' Jacobian with respect to all
 * parameters (Jacot et al. 2018). */
double gp_second_ntk_trace(gp_second *second);
double gp_second_ntk_eigenvalue(gp_second *second);

/* Per layer (L): mean over all pairs of rows of the cosine between their pre-activations (Poole et al. 2016), or between
 * their deltas (Schoenholz et al. 2017). Pairs with a vector of zeros are left out; NaN when none is left. */
void gp_second_pairs(gp_second *second, double *out, bool deltas);

/* Singular values of the weight matrix of layer 1..L, falling; *count of them. Valid until the next load or layer. */
const double *gp_second_singular(gp_second *second, int layer, int64_t *count);

/* The same of the end-to-end product m_L W_L ... m_1 W_1. */
const double *gp_second_product(gp_second *second, int64_t *count);

/* Per layer (L): share of the deltas, non-zero in double, that are zero or subnormal in the run's own precision. NaN
 * where all are zero in double. */
void gp_second_underflow(gp_second *second, double *out);

#endif

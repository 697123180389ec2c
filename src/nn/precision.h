/* Precisions: which kernels compute, and how a network's arrays are stored between them.
 *
 * float32 and float64 are stored as they are computed. bfloat16 and float16 are emulated the way a mixed-precision
 * accelerator works: operands are numbers of the format, sums and products are float32, and a result is rounded once when
 * it is stored (to nearest even, with the format's subnormals and infinities). Stored are
 *
 *   x, W, b and every other trained array; z, u, a, h of every layer; delta; dC/dx; the gradients of trained arrays
 *
 * and not rounded are: phi'(z) and whatever lives inside one layer only (statistics of a normalisation, the gradient that
 * runs along a connection), the loss and the prediction (double), the optimiser's state, the master weights. Micikevicius et
 * al. 2018, sections 3.1 and 3.3. */
#ifndef GP_PRECISION_H
#define GP_PRECISION_H

#include "net.h"

enum { GP_FLOAT32, GP_FLOAT64, GP_BFLOAT16, GP_FLOAT16, GP_PRECISION_COUNT };

typedef struct gp_precision {
  const char *name;
  int bits;               /* of the kernels: 32 or 64 */
  bool emulated;          /* stored in `format` */
  int format;             /* gp_format; only if emulated */
  double smallest_normal; /* below it numbers lose digits; what underflow is measured by */
} gp_precision;

extern const char *const gp_precision_words[GP_PRECISION_COUNT + 1];

const gp_precision *gp_precision_at(int index);

/* Rounds `count` reals of every lane to the network's storage format; nothing when it has none, or x is NULL. */
void gp_net_store(const gp_net *net, void *x, int64_t count);

/* The smallest delta of a lane that keeps all its digits in the backward pass: the storage's smallest normal number over the
 * loss scale. */
double gp_net_smallest_normal(const gp_net *net, int lane);

/* Trained arrays after they were drawn or changed by an update: what the network computes with is the rounded copy of the
 * master, or the rounded array itself where there is no master. */
void gp_net_store_parameter(const gp_net *net, const gp_parameter *p);

/* The gradients that a backward pass left: rounded, then freed of the loss scale; deltas and dx as well. */
void gp_net_store_gradients(gp_net *net, int64_t batch, bool input);

#endif

/* The table of activations: one item per file of kernel/act_*.inl, in its order. */
#include "activation.h"

#include <math.h>

#include "elementary.h"
#include "kernels.h"

/* The second derivative of a piecewise linear activation, wherever it has one. */
static double gp_act_flat(double z, double h, double d, const double *options) {
  (void)z, (void)h, (void)d, (void)options;
  return 0;
}

/* z kept within +-limit, where phi'' is 0 or constant, so that no infinity meets a 0; NaN stays. */
static double gp_act_within(double z, double limit) {
  return z > limit ? limit : z < -limit ? -limit : z;
}

#define GP_ACT_ITEM
#include "act_all.inl"
#undef GP_ACT_ITEM

static const gp_item *const items[] = {
#define GP_ACT_ENTRY(name) &activation_##name.item,
#include "act_all.inl"
#undef GP_ACT_ENTRY
    NULL};

const gp_family gp_activation_family = {"activation", "what a hidden unit does to its input", items};

static const gp_item output_auto = {"auto", "by the loss: softmax, sigmoid or linear", "", NULL};

static const gp_item *const output_items[] = {&output_auto,
#define GP_ACT_ENTRY(name) &activation_##name.item,
#include "act_all.inl"
#undef GP_ACT_ENTRY
                                              NULL};

const gp_family gp_output_family = {"output", "what the output layer does", output_items};

void gp_activation_eval(const gp_choice *choice, const double *z, double *h, double *d, size_t n) {
  const gp_activation *activation = (const gp_activation *)(const void *)choice->item;
  const gp_kernels *portable = gp_tier_find("portable")->f64;
  enum { BLOCK = 256 };
  double x[BLOCK], value[BLOCK], slope[BLOCK];
  for (size_t i = 0; i < n; i += BLOCK) {
    size_t part = n - i < BLOCK ? n - i : BLOCK;
    for (size_t j = 0; j < part; j++) x[j] = z[i + j];
    portable->activate[activation->slot](x, value, slope, NULL, choice->options, 1, (ptrdiff_t)part, 1);
    for (size_t j = 0; j < part; j++) {
      if (h != NULL) h[i + j] = value[j];
      if (d != NULL) d[i + j] = slope[j];
    }
  }
}

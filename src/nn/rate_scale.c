#include "rate_scale.h"

#include <math.h>

static double by_fan_in(double base, double fan_in, double fan_out, bool first, bool last) {
  (void)fan_out, (void)first, (void)last;
  return base / fan_in;
}

static double by_root_fan_in(double base, double fan_in, double fan_out, bool first, bool last) {
  (void)fan_out, (void)first, (void)last;
  return sqrt(base / fan_in);
}

/* Yang et al. 2022, table 3, row "SGD LR": input weights n, hidden 1, output 1/n; a single layer has no width. */
static double by_mup_sgd(double base, double fan_in, double fan_out, bool first, bool last) {
  if (first) return last ? 1 : fan_out / base;
  return last ? base / fan_in : 1;
}

/* The same, row "Adam LR": input 1, hidden and output 1/n. */
static double by_mup_adam(double base, double fan_in, double fan_out, bool first, bool last) {
  (void)fan_out, (void)last;
  return first ? 1 : base / fan_in;
}

static const gp_option options[] = {GP_REAL(gp_rate_scale_options, base, "base", 1, 0, 1e7,
                                            "width at which a layer has the configured rate",
                                            .flags = GP_NUMERIC | GP_OPEN_MIN),
                                    GP_OPTIONS_END};

static const gp_rate_scale none = {{"none", "every layer has the rate as configured", "", NULL}, NULL};
static const gp_rate_scale fan_in = {{"fan_in", "base/fan_in", "", options}, by_fan_in};
static const gp_rate_scale root_fan_in = {
    {"sqrt_fan_in", "sqrt(base/fan_in)", "LeCun et al. 1998, section 4.7", options}, by_root_fan_in};
static const gp_rate_scale mup_sgd = {
    {"mup_sgd", "first layer fan_out/base, hidden 1, output base/fan_in; for sgd and momentum",
     "Yang et al. 2022, table 3", options},
    by_mup_sgd};
static const gp_rate_scale mup_adam = {{"mup_adam",
                                        "first layer 1, others base/fan_in; for adam and its relatives",
                                        "Yang et al. 2022, table 3", options},
                                       by_mup_adam};

static const gp_item *const items[] = {&none.item,    &fan_in.item,   &root_fan_in.item,
                                       &mup_sgd.item, &mup_adam.item, NULL};

const gp_family gp_rate_scale_family = {"rate_scale", "factor on a layer's learning rate, by its width",
                                        items};

double gp_rate_scale_factor(const gp_choice *choice, int number, int layers, int64_t fan_in_,
                            int64_t fan_out) {
  const gp_rate_scale *item = (const gp_rate_scale *)(const void *)choice->item;
  const gp_rate_scale_options *o = (const gp_rate_scale_options *)(const void *)choice->options;
  if (item->factor == NULL) return 1;
  return item->factor(o->base, (double)fan_in_, (double)fan_out, number == 1, number == layers);
}

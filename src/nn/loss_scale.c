#include "loss_scale.h"

#define LIMIT 0x1p100

#define SCALE(label, preset, help)                                                                           \
  GP_REAL(gp_loss_scale_options, scale, label, preset, 1 / LIMIT, LIMIT, help, .flags = GP_NUMERIC)

static const gp_option static_options[] = {
    SCALE("scale", 1024, "factor on the loss; a power of two costs no rounding"), GP_OPTIONS_END};
/* Defaults of the frameworks (PyTorch's GradScaler; Apex and TensorFlow differ in the start only). */
static const gp_option dynamic_options[] = {
    SCALE("initial", 65536, "factor on the loss at the start"),
    GP_REAL(gp_loss_scale_options, growth, "growth", 2, 1, 1e6,
            "factor on the scale after `interval` good steps", .flags = GP_NUMERIC),
    GP_REAL(gp_loss_scale_options, backoff, "backoff", 0.5, 0, 1,
            "factor on the scale after a step that overflowed", .flags = GP_NUMERIC | GP_OPEN_MIN),
    GP_INT(gp_loss_scale_options, interval, "interval", 2000, 1, 1e9,
           "steps without overflow until the scale grows", .flags = GP_NUMERIC),
    GP_OPTIONS_END};

static const gp_loss_scale none = {{"none", "the loss as it is; no step is skipped", "", NULL}, false, false};
static const gp_loss_scale fixed = {{"static", "one scale; a step whose gradient is not finite is skipped",
                                     "Micikevicius et al. 2018, section 3.2", static_options},
                                    true,
                                    false};
static const gp_loss_scale dynamic = {
    {"dynamic", "a scale that grows while gradients are finite; else it falls and the step is skipped",
     "Micikevicius et al. 2018, section 3.2", dynamic_options},
    true,
    true};

static const gp_item *const items[] = {&none.item, &fixed.item, &dynamic.item, NULL};

const gp_family gp_loss_scale_family = {"loss_scale", "factor on the loss in the backward pass", items};

static const gp_loss_scale_options *options_of(const gp_choice *choice) {
  return (const gp_loss_scale_options *)(const void *)choice->options;
}

double gp_loss_scale_start(const gp_choice *choice) {
  return gp_loss_scale_of(choice)->scales ? options_of(choice)->scale : 1;
}

static double limited(double scale) {
  return scale < 1 / LIMIT ? 1 / LIMIT : scale > LIMIT ? LIMIT : scale;
}

double gp_loss_scale_next(const gp_choice *choice, double scale, bool overflow, int64_t *good) {
  const gp_loss_scale_options *o = options_of(choice);
  if (!gp_loss_scale_of(choice)->dynamic) return scale;
  *good = overflow ? 0 : *good + 1;
  if (overflow) return limited(scale * o->backoff);
  if (*good < o->interval) return scale;
  *good = 0;
  return limited(scale * o->growth);
}

#include "clip.h"

#include <math.h>

#define MAX(help) GP_REAL(gp_clip_options, max, "max", 1, 0, 1e300, help, .flags = GP_NUMERIC | GP_OPEN_MIN)

static const gp_option norm_options[] = {MAX("largest 2-norm of the gradient of all parameters"),
                                         GP_OPTIONS_END};
static const gp_option layer_options[] = {MAX("largest 2-norm of a layer's gradient, bias included"),
                                          GP_OPTIONS_END};
static const gp_option value_options[] = {MAX("largest absolute value of an entry"), GP_OPTIONS_END};

static const gp_clip none = {{"none", "gradients as they are", "", NULL}, GP_CLIP_NONE};
static const gp_clip norm = {
    {"norm", "scale the whole gradient down to a norm", "Pascanu et al. 2013, algorithm 1", norm_options},
    GP_CLIP_NETWORK};
static const gp_clip layer_norm = {
    {"layer_norm", "scale every layer's gradient down to a norm", "", layer_options}, GP_CLIP_LAYER};
static const gp_clip value = {{"value", "cut every entry of the gradient", "Mikolov 2012", value_options},
                              GP_CLIP_VALUE};

static const gp_item *const items[] = {&none.item, &norm.item, &layer_norm.item, &value.item, NULL};

const gp_family gp_clip_family = {"clip", "what is done to large gradients before an update", items};

double gp_clip_factor(double square, double max) {
  double length = sqrt(square);
  if (isnan(length)) return length;
  return length > max ? max / length : 1;
}

/* The charts of lines as rows: what each draws, and how its finding is said. */
#include <math.h>
#include <string.h>

#include "chart_trace.h"
#include "plot_words.h"
#include "stability.h"
#include "statistics.h"

typedef gp_trace_drawn trace;

static const char *const by_step[] = {"step", NULL}, *const by_layer[] = {"layer", NULL},
                         *const by_size[] = {"depth", "width", "*", NULL},
                         *const activations[] = {"activation", "#", "*", NULL},
                         *const rates[] = {"learning_rate", "*", NULL},
                         *const depths[] = {"depth", "#", NULL}, *const initial[] = {"#", NULL},
                         *const start_and_end[] = {"step", NULL};

/* ---- phrases ---- */

static size_t line_of(const trace *g, size_t row, size_t panel, size_t color) {
  return (row * g->panels + panel) * g->cast.colors + color;
}

/* The largest of a number of a panel's lines; NaN when none has one. */
static double largest(const trace *g, size_t row, size_t panel,
                      double (*of)(const gp_point *last, const gp_point *most)) {
  double found = NAN;
  for (size_t c = 0; c < g->cast.colors; c++) {
    size_t at = line_of(g, row, panel, c);
    double value = g->last[at].runs > 0 ? of(&g->last[at], &g->most[at]) : (double)NAN;
    if (!(found >= value)) found = isnan(value) ? found : value;
  }
  return found;
}

static double most_of(const gp_point *last, const gp_point *most) {
  (void)last;
  return most->band.median;
}

static double last_of(const gp_point *last, const gp_point *most) {
  (void)most;
  return last->band.median;
}

/* "0.2 (sigmoid), 0.9 (tanh) and 1.1 (ReLU)"; of more than four panels the largest. */
static void say_panels(gp_text *out, const trace *g, double (*of)(const gp_point *, const gp_point *)) {
  double high = -INFINITY;
  size_t count = 0, index = 0;
  for (size_t p = 0; p < g->panels; p++) {
    double value = largest(g, 0, p, of);
    if (isnan(value)) continue;
    high = fmax(high, value);
    count++;
  }
  if (count > 4 || count == 0) {
    gp_markup_brief(out, high);
    return;
  }
  for (size_t p = 0; p < g->panels; p++) {
    gp_text part = {0};
    double value = largest(g, 0, p, of);
    if (isnan(value)) continue;
    gp_markup_brief(&part, value);
    gp_text_add(&part, " (");
    gp_say_level(&part, g->frame, g->cast.panel, g->panel[p]);
    gp_text_add(&part, ")");
    gp_markup_listed(out, part.data != NULL ? part.data : "", index++, count);
    gp_text_free(&part);
  }
}

/* ---- gradients ---- */

static const gp_trace over_time = {.quantity = {"delta_rms"},
                                   .name = "the gradient",
                                   .y_title = "gradient  {/:Italic δ}_{rms}",
                                   .x = by_step,
                                   .color = by_layer,
                                   .panel = activations,
                                   .log_y = true};
const gp_chart gp_chart_over_time = {
    .entry = {.name = "gradient-over-time",
              .summary = "gradient (rms of delta) of some layers against step, by activation",
              .needs = "the series delta_rms"},
    .quantity = "delta_rms",
    .preset = true,
    .trace = &over_time,
    .own_x = "step",
};

const gp_trace gp_trace_delta = {.quantity = {"delta_rms"},
                                 .name = "the gradient",
                                 .y_title = "gradient  {/:Italic δ}_{rms}",
                                 .x = by_layer,
                                 .color = activations,
                                 .panel = depths,
                                 .initial = true,
                                 .log_y = true};
const gp_trace gp_trace_weight = {.quantity = {"weight_gradient_norm"},
                                  .name = "the weight gradient",
                                  .y_title = "gradient  ‖∇{/:Italic W}_ℓ‖_F",
                                  .x = by_layer,
                                  .color = activations,
                                  .panel = depths,
                                  .initial = true,
                                  .log_y = true};
const gp_trace gp_trace_loss = {.quantity = {"loss"},
                                .name = "the training loss",
                                .y_title = "training loss",
                                .x = by_step,
                                .color = rates,
                                .panel = activations,
                                .log_y = true};

/* ---- activations ---- */

/* Mean over examples and units, and one standard deviation of them: rms^2 = mean^2 + sd^2. Medians over seeds. */
static gp_point mean_and_deviation(const trace *g, const size_t *runs, size_t n, gp_place at) {
  const double *rms;
  gp_point point = gp_trace_quantiles(g, runs, n, at);
  if (gp_frame_series(g->frame, "activation_rms", &rms) != GP_OK) return point;
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double mean = gp_trace_value(g, runs[i], at),
           square = gp_trace_look(g, rms, runs[i], gp_trace_settle(g, runs[i], at));
    double deviation = sqrt(fmax(square * square - mean * mean, 0));
    if (!isnan(mean) && !isnan(square)) g->scratch[kept++] = deviation;
  }
  double deviation = gp_band_of(g->scratch, kept).median;
  point.band.low = point.band.median - deviation, point.band.high = point.band.median + deviation;
  return point;
}

static double deviation_of(const gp_point *last, const gp_point *most) {
  (void)most;
  return last->band.high - last->band.median;
}

static void say_deviation(gp_text *title, const trace *g) {
  gp_text_add(title, "In the last layer activations deviate by up to ");
  say_panels(title, g, deviation_of);
}

static const gp_trace distributions = {.quantity = {"activation_mean"},
                                       .name = "the mean activation",
                                       .y_title = "activation  {/:Italic h}",
                                       .x = by_layer,
                                       .color = start_and_end,
                                       .panel = activations,
                                       .color_most = 2,
                                       .band_words =
                                           "Mean over examples and units, band one standard deviation, "
                                           "medians of %zu seeds",
                                       .fold = mean_and_deviation,
                                       .say = say_deviation};
const gp_chart gp_chart_distributions = {
    .entry = {.name = "activation-distributions",
              .summary = "mean and spread of the activations of each layer, first and last step",
              .needs = "the series activation_mean and activation_rms"},
    .quantity = "activation_mean",
    .preset = true,
    .trace = &distributions,
    .own_x = "layer",
};

/* ---- dead and saturated units ---- */

static void say_lost(gp_text *title, const trace *g) {
  static const char *const words[] = {"dead", "saturated"};
  for (size_t r = 0; r < g->rows; r++) {
    double high = -1;
    size_t who = 0;
    for (size_t p = 0; p < g->panels; p++) {
      double value = largest(g, r, p, most_of);
      if (value > high) high = value, who = p;
    }
    if (high < 0) continue;
    gp_text_add(title, title->length > 0 ? "; " : "");
    if (high == 0) {
      gp_text_add(title, "no unit is %s", words[g->row[r]]);
      continue;
    }
    gp_text_add(title, "up to %.0f %% of a layer's units are %s (", 100 * high, words[g->row[r]]);
    gp_say_level(title, g->frame, g->cast.panel, g->panel[who]);
    gp_text_add(title, ")");
  }
  gp_text_capital(title, 0);
}

static const gp_trace lost_units = {.quantity = {"dead_fraction", "saturated_fraction"},
                                    .row_name = {"dead units (share)", "saturated units (share)"},
                                    .name = "the share of units",
                                    .y_title = "share of a layer's units",
                                    .x = by_step,
                                    .color = by_layer,
                                    .panel = activations,
                                    .layer = GP_LAYER_LARGEST,
                                    .floor = -0.03,
                                    .ceiling = 1.03,
                                    .say = say_lost};
const gp_chart gp_chart_lost_units = {
    .entry = {.name = "dead-and-saturated",
              .summary = "share of dead and of saturated units in some layers against step, by activation",
              .needs = "the series dead_fraction or saturated_fraction"},
    .quantity = "dead_fraction",
    .preset = true,
    .trace = &lost_units,
    .own_x = "step",
};

/* ---- updates ---- */

static void say_updates(gp_text *title, const trace *g) {
  gp_text_add(title, "The last updates move a layer's weights by up to ");
  say_panels(title, g, last_of);
  gp_text_add(title, " of their norm");
}

static const double update_guide[] = {1e-3};
static const char *const update_guide_text[] = {"10^{−3}, a common guide"};
static const gp_trace updates = {.quantity = {"update_ratio"},
                                 .name = "the update ratio",
                                 .y_title = "update / weight  ‖Δ{/:Italic W}‖_F / ‖{/:Italic W}‖_F",
                                 .x = by_step,
                                 .color = by_layer,
                                 .panel = activations,
                                 .layer = GP_LAYER_LARGEST,
                                 .log_y = true,
                                 .guide_at = update_guide,
                                 .guide_text = update_guide_text,
                                 .guides = 1,
                                 .say = say_updates};
const gp_chart gp_chart_updates = {
    .entry =
        {.name = "update-ratio",
         .summary =
             "norm of an update over the norm of the weights, of some layers, against step; guide at 1e-3",
         .needs = "the series update_ratio"},
    .quantity = "update_ratio",
    .preset = true,
    .trace = &updates,
    .own_x = "step",
};

/* ---- sharpness ---- */

/* The curvature at which the run's optimiser becomes unstable (theory/stability.h): for a constant rate, and where the
 * curvature is that of the plain loss. */
static double stable_sharpness(const trace *g, size_t run, gp_place at) {
  char word[32];
  (void)at;
  double rate = gp_frame_real(g->frame, "learning_rate", run),
         beta = gp_frame_real(g->frame, "optimizer_momentum", run);
  const char *schedule = gp_frame_word(g->frame, "schedule", run, word);
  if (*schedule != '\0' && strcmp(schedule, "constant") != 0) return (double)NAN;
  const char *optimizer = gp_frame_word(g->frame, "optimizer", run, word);
  bool nesterov = gp_frame_real(g->frame, "optimizer_nesterov", run) > 0;
  if (strncmp(optimizer, "adam", 4) == 0 || strcmp(optimizer, "rmsprop") == 0) return (double)NAN;
  return gp_stability_threshold(nesterov ? "nesterov" : optimizer, isnan(beta) ? 0 : beta) / rate;
}

static double of_threshold(const gp_point *last, const gp_point *most) {
  (void)most;
  return last->band.median / last->predicted;
}

static void say_sharpness(gp_text *title, const trace *g) {
  bool known = false;
  for (size_t p = 0; p < g->panels; p++) known |= !isnan(largest(g, 0, p, of_threshold));
  gp_text_add(title, "Sharpness ends at up to ");
  say_panels(title, g, known ? of_threshold : last_of);
  if (known) gp_text_add(title, " of the threshold of stability");
}

static const gp_trace sharpness = {.quantity = {"sharpness"},
                                   .name = "the sharpness",
                                   .y_title = "sharpness  λ_{max}",
                                   .x = by_step,
                                   .color = rates,
                                   .panel = activations,
                                   .log_y = true,
                                   .theory_words =
                                       "dashed: the optimiser's threshold, 2/η for gradient descent",
                                   .theory_colored = true,
                                   .predict = stable_sharpness,
                                   .say = say_sharpness};
const gp_chart gp_chart_sharpness = {
    .entry = {.name = "sharpness",
              .summary =
                  "largest eigenvalue of the Hessian against step, with the threshold of stability (2/eta)",
              .needs = "the series sharpness"},
    .quantity = "sharpness",
    .preset = true,
    .trace = &sharpness,
    .own_x = "step",
};

/* ---- noise ---- */

static double batch_of(const trace *g, size_t run, gp_place at) {
  (void)at;
  double batch = gp_frame_real(g->frame, "batch", run);
  return batch > 0 ? batch : (double)NAN;
}

static const gp_trace noise = {.quantity = {"gradient_noise_scale"},
                               .name = "the noise scale",
                               .y_title = "gradient noise scale (examples)",
                               .x = by_step,
                               .color = by_layer,
                               .panel = activations,
                               .log_y = true,
                               .theory_words = "dashed: the batch",
                               .predict = batch_of};
const gp_chart gp_chart_noise = {
    .entry = {.name = "noise-scale",
              .summary = "gradient noise scale of some layers against step, beside the batch",
              .needs = "the series gradient_noise_scale"},
    .quantity = "gradient_noise_scale",
    .preset = true,
    .trace = &noise,
    .own_x = "step",
};

/* ---- Jacobian ---- */

static const gp_trace jacobian = {.quantity = {"jacobian_m1", "jacobian_m2", "jacobian_sigma_max"},
                                  .row_name = {"{/:Italic m}_1", "{/:Italic m}_2", "σ_{max}"},
                                  .name = "the mean squared singular value",
                                  .y_title = "moments and largest singular value of {/:Italic J}",
                                  .x = by_step,
                                  .color = activations,
                                  .panel = depths,
                                  .log_y = true};
const gp_chart gp_chart_jacobian = {
    .entry =
        {.name = "jacobian",
         .summary =
             "first two moments and the largest singular value of the input-output Jacobian, against step",
         .needs = "a series jacobian_m1, jacobian_m2 or jacobian_sigma_max"},
    .quantity = "jacobian_m1",
    .preset = true,
    .trace = &jacobian,
    .own_x = "step",
};

/* ---- seeds and theory ---- */

static const double p90 = 1.2815515655446004; /* quantile 0.9 of a normal number */

/* A span is normal over seeds where the gradient is log-normal (SCIENCE section 3). */
static gp_point span_band(const trace *g, const size_t *runs, size_t n, gp_place at) {
  gp_point point = gp_trace_quantiles(g, runs, n, at);
  if (n == 0) return point;
  double typical = gp_frame_real(g->frame, "predicted_gradient_span_typical", runs[0]);
  double deviation = gp_frame_real(g->frame, "predicted_gradient_span_sd", runs[0]);
  point.predicted = typical;
  point.predicted_low = typical - p90 * deviation, point.predicted_high = typical + p90 * deviation;
  return point;
}

/* Runs of the cells drawn, and those inside the predicted band of their cell. */
static void count_inside(const trace *g, size_t *inside, size_t *runs) {
  *inside = *runs = 0;
  for (size_t i = 0; i < g->panels * g->cast.colors * g->cast.xs; i++) {
    size_t n, x = i % g->cast.xs, c = i / g->cast.xs % g->cast.colors, p = i / g->cast.xs / g->cast.colors;
    const size_t *members = gp_cast_runs(&g->cast, g->panel[p], c, x, &n);
    gp_point point = gp_trace_point(g, 0, p, c, x);
    for (size_t k = 0; k < n; k++) {
      double value = gp_frame_real(g->frame, "gradient_span", members[k]);
      *runs += isfinite(value) && isfinite(point.predicted_low);
      *inside += value >= point.predicted_low && value <= point.predicted_high;
    }
  }
}

static void say_inside(gp_text *title, const trace *g) {
  size_t inside, runs;
  count_inside(g, &inside, &runs);
  if (runs == 0)
    gp_text_add(title, "What seeds do to the gradient's span");
  else
    gp_text_add(title, "%.0f %% of %zu runs lie in the band in which theory puts 80 %%",
                100 * (double)inside / (double)runs, runs);
}

static const gp_trace seed_band = {.quantity = {"gradient_span"},
                                   .name = "the span",
                                   .y_title = "gradient span (decades)",
                                   .x = by_size,
                                   .color = activations,
                                   .panel = initial,
                                   .initial = true,
                                   .theory_words =
                                       "dashed: theory at this width, thin: its log-normal band 10–90 %",
                                   .fold = span_band,
                                   .say = say_inside};
const gp_chart gp_chart_seed_band = {
    .entry = {.name = "seed-band",
              .summary =
                  "gradient span over seeds against depth, with the log-normal band that theory predicts",
              .needs =
                  "the columns gradient_span and predicted_gradient_span_sd, sweeps over a size and seeds"},
    .quantity = "gradient_span",
    .trace = &seed_band,
};

/* The mean over seeds of ln (delta_rms over the last hidden layer's) less theory's, in standard errors of that mean: the
 * predicted deviation over the root of the number of runs. */
static gp_point residual(const trace *g, const size_t *runs, size_t n, gp_place at) {
  gp_point point = {{NAN, NAN, NAN}, NAN, NAN, NAN, 0};
  const double *mean, *deviation;
  if (n == 0 || gp_frame_series(g->frame, "predicted_delta_rms", &mean) != GP_OK ||
      gp_frame_series(g->frame, "predicted_delta_rms_sd", &deviation) != GP_OK)
    return point;
  for (size_t i = 0; i < n; i++) {
    double depth = gp_frame_real(g->frame, "depth", runs[i]);
    if (!(depth >= 1) || at.layer + 1 >= (size_t)depth) continue; /* the last hidden layer is the reference */
    at.step = 0;
    gp_place last = {at.row, 0, (size_t)depth - 1, GP_HELD};
    double value = log(gp_trace_look(g, g->series[at.row], runs[i], at) /
                       gp_trace_look(g, g->series[at.row], runs[i], last));
    if (isfinite(value)) g->scratch[point.runs++] = value;
  }
  size_t cell = runs[0] * g->layers + at.layer;
  double error = deviation[cell] / sqrt((double)point.runs);
  double off = (gp_mean(g->scratch, point.runs) - log(mean[cell])) / error;
  if (point.runs > 0 && isfinite(off)) point.band = (gp_band){off, off, off};
  return point;
}

static void say_residuals(gp_text *title, const trace *g) {
  size_t points = 0, within = 0;
  double worst = 0;
  for (size_t i = 0; i < g->panels * g->cast.colors * g->cast.xs; i++) {
    gp_point point = gp_trace_point(g, 0, i / g->cast.xs / g->cast.colors, i / g->cast.xs % g->cast.colors,
                                    i % g->cast.xs);
    if (isnan(point.band.median)) continue;
    points++;
    within += fabs(point.band.median) <= 2;
    worst = fmax(worst, fabs(point.band.median));
  }
  gp_text_add(
      title,
      "%zu of %zu layers' gradients lie within two standard errors of theory; the furthest is %.1f off",
      within, points, worst);
}

static const double residual_guides[] = {-2, 0, 2};
static const char *const residual_guide_texts[] = {"−2", "theory", "+2"};
static const gp_trace residuals = {
    .quantity = {"delta_rms"},
    .name = "the residual",
    .y_title = "measured − theory (standard errors)",
    .x = by_layer,
    .color = activations,
    .panel = depths,
    .initial = true,
    .guide_at = residual_guides,
    .guide_text = residual_guide_texts,
    .guides = 3,
    .band_words = "Mean of ln δ_{rms} over %zu seeds, less theory's, relative to the last "
                  "hidden layer",
    .fold = residual,
    .say = say_residuals};
const gp_chart gp_chart_residuals = {
    .entry = {.name = "theory-residual",
              .summary = "how many standard errors each layer's gradient lies from theory at initialisation",
              .needs = "the series delta_rms, predicted_delta_rms and predicted_delta_rms_sd"},
    .quantity = "predicted_delta_rms_sd",
    .trace = &residuals,
    .own_x = "layer",
};

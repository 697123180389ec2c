/* The heat maps as rows: what a cell is, what theory lies over it, how its finding is said. */
#include <math.h>
#include <string.h>

#include "chart_map.h"
#include "plot_words.h"

static const char *const activations[] = {"activation", "*", NULL},
                         *const rates[] = {"learning_rate", "+", "*", NULL},
                         *const sizes[] = {"depth", "width", "+", "*", NULL}, *const steps[] = {"step", NULL},
                         *const layers[] = {"layer", NULL},
                         *const weights[] = {"init_weight_variance", "init_gain", "init_std", NULL},
                         *const biases[] = {"init_bias_variance", "depth", "#", NULL},
                         *const initial[] = {"activation", "#", NULL};

/* ---- theory over a map of depth (x) ---- */

/* Where a depth lies between the columns, by its logarithm; beyond the last as the last two go on. */
static double column_of(const gp_axis *x, double depth) {
  size_t i = 1;
  while (i + 1 < x->count && x->levels[i].number < depth) i++;
  double low = log(x->levels[i - 1].number), high = log(x->levels[i].number);
  return (double)i + (log(depth) - low) / (high - low);
}

/* A run of that row, or SIZE_MAX. */
static size_t run_of_row(const gp_map_drawn *m, size_t p, size_t y) {
  for (size_t x = 0; x < m->cast.xs; x++) {
    size_t n;
    const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], y, x, &n);
    if (n > 0) return runs[0];
  }
  return SIZE_MAX;
}

/* 6 xi_c of each row, and the height at which chi_1 passes 1 (NaN: nowhere). Returns that height. */
static double depth_scale(gp_map_drawn *m, size_t p) {
  double before = NAN, height = NAN;
  gp_figure_block(m->figure, "theory: 6 xi_c of each row", "column row 6_xi_c");
  for (size_t y = 0; y < m->cast.colors; y++) {
    size_t run = run_of_row(m, p, y);
    double chi = run == SIZE_MAX ? (double)NAN : gp_frame_real(m->frame, "predicted_chi_1", run);
    double depth =
        run == SIZE_MAX ? (double)NAN : 6 * gp_frame_real(m->frame, "predicted_correlation_depth", run);
    bool drawn = depth > 0 && isfinite(depth);
    gp_figure_row(m->figure,
                  (double[]){drawn ? column_of(m->cast.x, depth) : (double)NAN, (double)y + 1, depth}, 3);
    if ((before < 1) != (chi < 1) && !isnan(before) && !isnan(chi))
      height = (double)y + (1 - before) / (chi - before);
    before = chi;
  }
  return height;
}

/* Only where every row is one net at infinite depth, swept over an initialiser. */
static bool draw_depth_scale(gp_map_drawn *m) {
  bool fits = !m->refined.on && strcmp(m->cast.x->name, "depth") == 0 &&
              strncmp(m->cast.color->name, "init_", 5) == 0 &&
              gp_table_find(m->frame->table, "predicted_correlation_depth") >= 0;
  double height[GP_MAP_PANELS] = {NAN};
  for (size_t p = 0; p < m->panels; p++) height[p] = fits ? depth_scale(m, p) : (double)NAN;
  gp_figure_reals(m->figure, "critical_row", height, m->panels);
  if (fits) gp_text_add(&m->figure->subtitle, "; white: depth 6 ξ_c, dashed: χ_1 = 1 (theory)");
  return fits;
}

/* ---- words ---- */

static bool healthy_cell(gp_map_drawn *m, size_t panel, size_t x, size_t y) {
  size_t n, healthy = 0;
  const size_t *runs = gp_cast_runs(&m->cast, panel, y, x, &n);
  for (size_t i = 0; i < n; i++) healthy += gp_run_is(m->frame, runs[i], "healthy");
  return 2 * healthy > n;
}

/* The last level of x at which some cell of the panel trained, plus 1; 0 for none. */
static size_t reach_of(gp_map_drawn *m, size_t panel) {
  size_t reach = 0;
  for (size_t x = 0; x < m->cast.xs; x++) {
    for (size_t y = 0; y < m->cast.colors; y++) {
      if (healthy_cell(m, panel, x, y)) reach = x + 1;
    }
  }
  return reach;
}

/* Names of the panels with the same group number, in one phrase: "tanh and ReLU". Returns how many. */
static size_t say_members(gp_text *out, gp_map_drawn *m, const size_t *group, size_t wanted) {
  size_t members = 0, index = 0;
  for (size_t p = 0; p < m->panels; p++) members += group[p] == wanted;
  if (members > 3) { /* counted, not named */
    gp_text_add(out, "%zu of %zu settings of ", members, m->panels);
    gp_markup_column(out, m->cast.panel->name);
    return members;
  }
  for (size_t p = 0; p < m->panels; p++) {
    gp_text name = {0};
    if (group[p] != wanted) continue;
    gp_say_level(&name, m->frame, m->cast.panel, m->panel[p]);
    gp_markup_listed(out, name.data != NULL ? name.data : "", index++, members);
    gp_text_free(&name);
  }
  return members;
}

static bool first_of_group(const size_t *group, size_t p) {
  for (size_t i = 0; i < p; i++) {
    if (group[i] == group[p]) return false;
  }
  return true;
}

/* Along an axis of words nothing reaches up to anything: cells are counted. */
static void say_share(gp_map_drawn *m) {
  size_t count = 0, cells = m->panels * m->cast.xs * m->cast.colors;
  for (size_t i = 0; i < cells; i++)
    count += healthy_cell(m, m->panel[i / m->cast.xs / m->cast.colors], i % m->cast.xs,
                          i / m->cast.xs % m->cast.colors);
  gp_text_add(&m->figure->title, "%zu of %zu settings train", count, cells);
}

/* "Sigmoid trains up to depth 5; tanh and ReLU up to depth 30". */
static void say_reach(gp_map_drawn *m) {
  gp_text *title = &m->figure->title;
  if (gp_table_find(m->frame->table, "verdict") < 0) {
    gp_text_add(title, "Final loss");
    return;
  }
  if (!m->cast.x->numeric) {
    say_share(m);
    return;
  }
  size_t group[GP_MAP_PANELS];
  for (size_t p = 0; p < m->panels; p++) group[p] = reach_of(m, m->panel[p]);
  for (size_t p = 0; p < m->panels; p++) {
    if (!first_of_group(group, p)) continue;
    gp_text_add(title, p > 0 ? "; " : "");
    bool many = say_members(title, m, group, group[p]) > 1;
    gp_text_add(title, "%s %s",
                p > 0  ? ""
                : many ? " train"
                       : " trains",
                group[p] > 0 ? "up to " : "nowhere");
    if (group[p] > 0) gp_say_level(title, m->frame, m->cast.x, group[p] - 1);
  }
  gp_text_capital(title, 0);
}

/* The verdict that most cells of the panel that did not train have; GP_MAP_WORDS when every cell trained. */
static size_t failure_of(gp_map_drawn *m, size_t panel) {
  size_t count[GP_MAP_WORDS + 2] = {0}, best = 0;
  for (size_t x = 0; x < m->cast.xs; x++) {
    for (size_t y = 0; y < m->cast.colors; y++) {
      size_t n;
      const size_t *runs = gp_cast_runs(&m->cast, panel, y, x, &n);
      size_t kind = gp_map_verdict(m, runs, n).kind;
      bool failed = kind > GP_MAP_MISSING && strcmp(m->word[kind - GP_MAP_MISSING - 1], "healthy") != 0;
      if (failed && ++count[kind] > count[best]) best = kind;
    }
  }
  return best > 0 ? best - GP_MAP_MISSING - 1 : GP_MAP_WORDS;
}

/* "Where training fails, sigmoid is mostly vanishing; tanh and ReLU mostly diverged". */
static void say_failures(gp_map_drawn *m) {
  gp_text *title = &m->figure->title;
  size_t group[GP_MAP_PANELS], said = 0;
  for (size_t p = 0; p < m->panels; p++) group[p] = failure_of(m, m->panel[p]);
  for (size_t p = 0; p < m->panels; p++) {
    if (group[p] == GP_MAP_WORDS || !first_of_group(group, p)) continue;
    gp_text_add(title, said == 0 ? "Where training fails, " : "; ");
    bool many = say_members(title, m, group, group[p]) > 1;
    gp_text_add(title, "%s mostly ", said++ > 0 ? "" : many ? " are" : " is");
    gp_markup_plain(title, m->word[group[p]]);
  }
  if (said == 0) gp_text_add(title, "Every cell trains");
}

/* ---- final loss ---- */

/* Median final loss; where most seeds diverged the cell says so instead. */
static gp_cell_look loss_cell(gp_map_drawn *m, const size_t *runs, size_t n, gp_place at) {
  size_t lost = 0;
  for (size_t i = 0; i < n; i++) {
    double value = gp_table_real(m->frame->table, m->variable[at.row], runs[i]);
    bool diverged = gp_run_is(m->frame, runs[i], "diverged") || isnan(value);
    m->scratch[i] = diverged ? (double)INFINITY : fmax(value, 1e-300);
    lost += diverged;
  }
  return 2 * lost > n ? (gp_cell_look){NAN, gp_map_kind(m, "diverged")} : gp_map_shade(m, n);
}

static const gp_map trainability = {.quantity = {"final_loss"},
                                    .x = sizes,
                                    .y = rates,
                                    .panel = activations,
                                    .shaded = true,
                                    .shades = GP_SHADES_FALL,
                                    .shade_title = "final loss",
                                    .what = "Final training loss",
                                    .cell = loss_cell,
                                    .say = say_reach,
                                    .theory = draw_depth_scale};
const gp_chart gp_chart_trainability = {
    .entry = {.name = "trainability-map",
              .summary = "final loss over depth and learning rate, by activation",
              .needs = "the column final_loss and two swept columns"},
    .quantity = "final_loss",
    .preset = true,
    .map = &trainability,
};

/* ---- verdicts ---- */

static gp_cell_look verdict_cell(gp_map_drawn *m, const size_t *runs, size_t n, gp_place at) {
  (void)at;
  return gp_map_verdict(m, runs, n);
}

static const gp_map verdicts = {.quantity = {"verdict"},
                                .x = sizes,
                                .y = rates,
                                .panel = activations,
                                .what = "Verdict by majority",
                                .cell = verdict_cell,
                                .say = say_failures,
                                .theory = draw_depth_scale};
const gp_chart gp_chart_verdict = {
    .entry = {.name = "verdict-map",
              .summary = "verdict by majority of the seeds over depth and learning rate, by activation",
              .needs = "the column verdict and two swept columns"},
    .quantity = "verdict",
    .preset = true,
    .map = &verdicts,
};

/* ---- layer and step ---- */

/* Without a role the layer is the first of those asked for, and the step the only one asked for. */
static gp_place settle(const gp_map_drawn *m, gp_place at) {
  if (at.layer == GP_HELD) gp_place_put(&at, m->frame, &m->frame->layer, 0);
  if (at.step == GP_HELD && m->frame->step.count == 1) gp_place_put(&at, m->frame, &m->frame->step, 0);
  return at;
}

static double value_at(const gp_map_drawn *m, size_t run, gp_place at) {
  at = settle(m, at);
  size_t step = at.step == GP_HELD ? 0 : at.step, layer = at.layer;
  return m->series[at.row][(run * m->checkpoints + step) * m->layers + layer];
}

/* A run that diverged has no values from then on; elsewhere it counts as infinite. */
static gp_cell_look series_cell(gp_map_drawn *m, const size_t *runs, size_t n, gp_place at) {
  size_t kept = 0, lost = 0;
  for (size_t i = 0; i < n; i++) {
    double value = value_at(m, runs[i], at), end = gp_frame_real(m->frame, "diverged_at", runs[i]);
    if (!isnan(value)) m->scratch[kept++] = value;
    lost += isnan(value) && end >= 0 && at.step != GP_HELD &&
            end <= (double)gp_table_schema(m->frame->table)->checkpoints[at.step] &&
            !isnan(value_at(m, runs[i], (gp_place){at.row, 0, at.layer, GP_HELD}));
  }
  return lost > kept ? (gp_cell_look){NAN, gp_map_kind(m, "diverged")} : gp_map_shade(m, kept);
}

/* "In layer 1 the gradient goes from 1e-5 to 1e-6 (sigmoid)": by panel, of seeds' medians. */
static void say_over_time(gp_map_drawn *m) {
  gp_text *title = &m->figure->title;
  size_t said = 0, most = m->panels < 4 ? m->panels : 4;
  gp_text_add(title, "In layer 1 the gradient goes");
  for (size_t p = 0; p < most; p++) {
    double ends[2];
    for (size_t e = 0; e < 2; e++) {
      size_t n, kept = 0, count = m->frame->step.count;
      const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], 0, 0, &n);
      gp_place at = {m->row[0], GP_HELD, 0, GP_HELD};
      gp_place_put(&at, m->frame, &m->frame->step, e == 0 ? 0 : count - 1);
      for (size_t i = 0; i < n; i++)
        if (!isnan(value_at(m, runs[i], at))) m->scratch[kept++] = value_at(m, runs[i], at);
      ends[e] = gp_band_of(m->scratch, kept).median;
    }
    gp_text part = {0};
    gp_text_add(&part, "%sfrom ", said == 0 ? " " : "");
    gp_markup_brief(&part, ends[0]);
    gp_text_add(&part, " to ");
    gp_markup_brief(&part, ends[1]);
    if (m->cast.panel != NULL) {
      gp_text_add(&part, " (");
      gp_say_level(&part, m->frame, m->cast.panel, m->panel[p]);
      gp_text_add(&part, ")");
    }
    gp_markup_listed(title, part.data != NULL ? part.data : "", said++, most);
    gp_text_free(&part);
  }
}

static const gp_map over_time = {.quantity = {"delta_rms"},
                                 .x = steps,
                                 .y = layers,
                                 .panel = activations,
                                 .shaded = true,
                                 .shades = GP_SHADES_RISE,
                                 .shade_title = "{/:Italic δ}_{rms}",
                                 .what = "Gradient δ_{rms} of each layer at each checkpoint",
                                 .cell = series_cell,
                                 .say = say_over_time};
const gp_chart gp_chart_over_time_map = {
    .entry = {.name = "gradient-over-time-map",
              .summary = "gradient (rms of delta) as a map of layer and step, by activation",
              .needs = "the series delta_rms"},
    .quantity = "delta_rms",
    .map = &over_time,
};

/* ---- histograms ---- */

/* Where the counts of a run's layer begin: at the step of the role, the request's, or the last that has any. */
static const double *counts_of(const gp_map_drawn *m, size_t run, gp_place at) {
  const double *run_counts = m->series[at.row] + run * m->checkpoints * m->layers * GP_BINS;
  at = settle(m, at);
  size_t layer = at.layer;
  if (at.step != GP_HELD) return run_counts + (at.step * m->layers + layer) * GP_BINS;
  for (size_t k = m->checkpoints; k-- > 0;) {
    const double *counts = run_counts + (k * m->layers + layer) * GP_BINS;
    if (!isnan(counts[0]) || k == 0) return counts;
  }
  return run_counts;
}

/* The share of a layer's counts that lies in the bin, median over seeds. */
static gp_cell_look share_cell(gp_map_drawn *m, const size_t *runs, size_t n, gp_place at) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    const double *counts = counts_of(m, runs[i], at);
    double sum = 0;
    for (size_t b = 0; b < GP_BINS; b++) sum += counts[b];
    if (sum > 0) m->scratch[kept++] = counts[at.bin] / sum;
  }
  gp_cell_look look = gp_map_shade(m, kept);
  if (kept > 0 && isnan(look.shade)) look.kind = gp_map_kind(m, "empty");
  return look;
}

/* How many bins a layer's numbers reach into, from the narrowest layer to the widest (of the first seed). */
static void say_histogram(gp_map_drawn *m) {
  gp_text *title = &m->figure->title;
  size_t least = GP_BINS, most = 0;
  for (size_t p = 0; p < m->panels; p++)
    for (size_t x = 0; x < m->cast.xs; x++) {
      size_t n, filled = 0;
      const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], 0, x, &n);
      gp_place at = {m->row[0], GP_HELD, GP_HELD, 0};
      gp_place_put(&at, m->frame, m->cast.x, x);
      const double *counts = n > 0 ? counts_of(m, runs[0], at) : NULL;
      for (size_t b = 0; counts != NULL && b < GP_BINS; b++) filled += counts[b] > 0;
      if (filled == 0) continue;
      least = filled < least ? filled : least, most = filled > most ? filled : most;
    }
  gp_text_add(title, "A layer's %s fill %zu to %zu of %d bins", m->map->what, least, most, GP_BINS);
}

static const char *const values[] = {"value", NULL}, *const magnitudes[] = {"magnitude", NULL};
static const gp_map activation_bins = {.quantity = {"activation_histogram"},
                                       .x = layers,
                                       .y = values,
                                       .panel = activations,
                                       .shaded = true,
                                       .shades = GP_SHADES_RISE,
                                       .shade_title = "share",
                                       .what = "activations",
                                       .cell = share_cell,
                                       .say = say_histogram};
const gp_chart gp_chart_activation_bins = {
    .entry = {.name = "activation-histograms",
              .summary = "histogram of the activations of each layer, by activation",
              .needs = "the series activation_histogram"},
    .quantity = "activation_histogram",
    .preset = true,
    .map = &activation_bins,
};

static const gp_map gradient_bins = {.quantity = {"gradient_histogram"},
                                     .x = layers,
                                     .y = magnitudes,
                                     .panel = activations,
                                     .shaded = true,
                                     .shades = GP_SHADES_RISE,
                                     .shade_title = "share",
                                     .what = "weight gradients",
                                     .cell = share_cell,
                                     .say = say_histogram};
const gp_chart gp_chart_gradient_bins = {
    .entry = {.name = "gradient-histograms",
              .summary = "histogram of the magnitudes of the weight gradients of each layer, by activation",
              .needs = "the series gradient_histogram"},
    .quantity = "gradient_histogram",
    .preset = true,
    .map = &gradient_bins,
};

/* ---- order and chaos ---- */

/* chi_1 as theory has it, and as measured: the factor per layer of delta, squared (SCIENCE section 3). */
static gp_cell_look chi_cell(gp_map_drawn *m, const size_t *runs, size_t n, gp_place at) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = gp_table_real(m->frame->table, m->variable[at.row], runs[i]);
    if (!isnan(value)) m->scratch[kept++] = at.row == 0 ? value : value * value;
  }
  return gp_map_shade(m, kept);
}

static double chi_of(gp_map_drawn *m, size_t p, size_t y, size_t x, size_t row) {
  size_t n;
  const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], y, x, &n);
  gp_cell_look look =
      n > 0 ? chi_cell(m, runs, n, (gp_place){row, 0, 0, GP_HELD}) : (gp_cell_look){NAN, GP_MAP_MISSING};
  return look.kind == 0 ? look.shade : (double)NAN;
}

static void say_phases(gp_map_drawn *m) {
  size_t cells = 0, agree = 0;
  for (size_t i = 0; i < m->panels * m->cast.colors * m->cast.xs && m->rows == 2; i++) {
    size_t p = i / m->cast.xs / m->cast.colors, y = i / m->cast.xs % m->cast.colors, x = i % m->cast.xs;
    double theory = chi_of(m, p, y, x, 0), measured = chi_of(m, p, y, x, 1);
    cells += !isnan(theory) && !isnan(measured);
    agree += theory * measured > 0;
  }
  if (cells > 0)
    gp_text_add(&m->figure->title, "Theory and measurement agree on order or chaos in %zu of %zu cells",
                agree, cells);
  else
    gp_text_add(&m->figure->title, "Order (blue, vanishing) and chaos (red, exploding)");
}

/* The line chi_1 = 1: where it passes between two columns of a row, on the scale of its logarithm. */
static bool draw_critical(gp_map_drawn *m) {
  if (m->refined.on) return false;
  double none[GP_MAP_PANELS * GP_MAP_ROWS];
  for (size_t i = 0; i < m->rows * m->panels; i++) {
    none[i] = NAN;
    gp_figure_block(m->figure, "theory: chi_1 = 1", "column row");
    for (size_t y = 0; y < m->cast.colors; y++) {
      double column = NAN, before = NAN;
      for (size_t x = 0; x < m->cast.xs && isnan(column); x++) {
        double chi = chi_of(m, i % m->panels, y, x, 0);
        if (!isnan(before) && (before < 0) != (chi < 0)) column = (double)x + before / (before - chi);
        before = chi;
      }
      gp_figure_row(m->figure, (double[]){column, (double)y + 1}, 2);
    }
  }
  gp_figure_reals(m->figure, "critical_row", none, m->rows * m->panels);
  gp_text_add(&m->figure->subtitle, "; white: χ_1 = 1 in theory");
  return true;
}

static const gp_map phases = {.quantity = {"predicted_chi_1", "gradient_factor"},
                              .row_name = {"theory", "measured"},
                              .x = weights,
                              .y = biases,
                              .panel = initial,
                              .initial = true,
                              .shaded = true,
                              .shades = GP_SHADES_BOTH,
                              .shade_title = "χ_1",
                              .what = "Factor of δ^2 per layer (χ_1)",
                              .cell = chi_cell,
                              .say = say_phases,
                              .theory = draw_critical};
const gp_chart gp_chart_phases = {
    .entry =
        {.name = "phase-diagram",
         .summary = "chi_1 in theory and as measured over the variances of weights and biases (or depth)",
         .needs =
             "predicted_chi_1 and a sweep over init_weight_variance, init_gain or init_std and another axis"},
    .quantity = "predicted_chi_1",
    .map = &phases,
};

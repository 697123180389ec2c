/* trainability-map and verdict-map: one cell for each pair of levels, small multiples by activation. */
#include "chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_layout.h"
#include "plot_refined.h"
#include "plot_words.h"

enum { PANELS = 8, WORDS = 16, TICKS = 12, SMALL_MAP = 400, MISSING = 1 };

/* How a verdict looks. In grayscale the sign tells what the colour cannot. */
typedef struct look {
  const char *word, *color, *sign, *sign_color;
} look;
static const look looks[] = {
    {"healthy", "#009E73", "", "#FFFFFF"},    {"stalled", "#56B4E9", "s", "#222222"},
    {"vanishing", "#0072B2", "v", "#FFFFFF"}, {"exploding", "#E69F00", "e", "#222222"},
    {"diverged", "#8C1C13", "×", "#FFFFFF"},  {"dead", "#333333", "d", "#FFFFFF"},
    {"saturated", "#CC79A7", "t", "#222222"}, {"oscillating", "#F0E442", "o", "#222222"}};
static const look missing_look = {"not run", "#E4E4E4", "", "#222222"};
static const look unknown_look = {"", "#999999", "?", "#222222"};

typedef struct map {
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast; /* color is the vertical axis */
  gp_refined refined;
  size_t panel[PANELS], panels;
  double *scratch;
  double low, high;        /* log10 of the values drawn */
  const char *word[WORDS]; /* kind k + MISSING + 1 ... in order of appearance */
  size_t words;
  size_t counts[WORDS + 2]; /* cells by kind */
} map;

static const look *look_of(const char *word) {
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    if (strcmp(looks[i].word, word) == 0) return &looks[i];
  }
  return &unknown_look;
}

/* ---- cells ---- */

typedef struct cell {
  double shade; /* log10 of the value; NaN when kind > 0 */
  size_t kind;
} cell;

/* Kind of a word, made known on first sight. More than WORDS different words share the last kind. */
static size_t kind_of(map *m, const char *word) {
  size_t i = 0;
  while (i < m->words && strcmp(m->word[i], word) != 0) i++;
  if (i == m->words && m->words < WORDS) m->word[m->words++] = word;
  return MISSING + 1 + (i < WORDS ? i : WORDS - 1);
}

/* Median final loss; where most seeds diverged the cell says so instead. */
static cell loss_cell(map *m, const size_t *runs, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = gp_frame_real(m->frame, "final_loss", runs[i]);
    bool lost = gp_run_is(m->frame, runs[i], "diverged") || isnan(value);
    m->scratch[kept++] = lost ? (double)INFINITY : value;
  }
  double median = gp_band_of(m->scratch, kept).median;
  if (kept == 0) return (cell){NAN, MISSING};
  if (isinf(median)) return (cell){NAN, kind_of(m, "diverged")};
  double shade = log10(fmax(median, 1e-300));
  m->low = fmin(m->low, shade), m->high = fmax(m->high, shade);
  return (cell){shade, 0};
}

/* The verdict most seeds share; the earlier in the file among equals. */
static cell verdict_cell(map *m, const size_t *runs, size_t n) {
  size_t best = 0, best_votes = 0;
  for (size_t i = 0; i < n; i++) {
    char buffer[32], other[32];
    const char *word = gp_frame_word(m->frame, "verdict", runs[i], buffer);
    size_t votes = 0;
    for (size_t j = 0; j < n; j++)
      votes += strcmp(word, gp_frame_word(m->frame, "verdict", runs[j], other)) == 0;
    if (votes > best_votes) best = i, best_votes = votes;
  }
  char buffer[32];
  if (best_votes == 0) return (cell){NAN, MISSING};
  const char *word = gp_frame_word(m->frame, "verdict", runs[best], buffer);
  return (cell){NAN, kind_of(m, word == buffer ? "?" : word)};
}

static void draw_panel(map *m, size_t p, cell (*cell_of)(map *, const size_t *, size_t)) {
  gp_text what = {0};
  gp_say_level(&what, m->frame, m->cast.panel, m->panel[p]);
  gp_figure_block(m->figure, what.data != NULL ? what.data : "",
                  m->refined.on ? "column row log10(value) kind x y runs level width height"
                                : "column row log10(value) kind x y runs");
  gp_text_free(&what);
  const gp_refined_side *wide = gp_refined_side_of(&m->refined, m->cast.x),
                        *high = gp_refined_side_of(&m->refined, m->cast.color);
  for (size_t y = 0; y < m->cast.colors; y++) {
    for (size_t x = 0; x < m->cast.xs; x++) {
      size_t n;
      const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], y, x, &n);
      if (m->refined.on && n == 0)
        continue; /* between the points of a refined map there is nothing to miss */
      cell c = cell_of(m, runs, n);
      m->counts[c.kind]++;
      double row[10] = {(double)x + 1,
                        (double)y + 1,
                        c.shade,
                        (double)c.kind,
                        m->cast.x->levels[x].number,
                        m->cast.color->levels[y].number,
                        (double)n};
      if (m->refined.on) {
        gp_refined_cell size = gp_refined_cell_of(&m->refined, wide, wide->place[x], high, high->place[y]);
        row[0] = wide->place[x] + 1, row[1] = high->place[y] + 1;
        row[7] = (double)size.level, row[8] = (double)size.width, row[9] = (double)size.height;
      }
      gp_figure_row(m->figure, row, m->refined.on ? 10 : 7);
    }
  }
}

/* ---- axes, keys ---- */

static bool is_round(double value) {
  double mantissa = fabs(value) / pow(10, floor(log10(fabs(value))));
  return isfinite(mantissa) && (fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 10) < 1e-6);
}

/* Ticks at every level while there is room; on crowded geometric axes at powers of ten, else evenly. */
static void write_ticks(gp_figure *figure, const char *name, const gp_axis *axis, size_t room) {
  size_t pick[TICKS], count = 0, powers = 0;
  for (size_t i = 0; gp_axis_is_geometric(axis) && i < axis->count; i++)
    powers += is_round(axis->levels[i].number);
  if (axis->count > 5 && powers >= 3 && powers <= room) {
    for (size_t i = 0; i < axis->count; i++) {
      if (is_round(axis->levels[i].number)) pick[count++] = i;
    }
  } else {
    count = gp_levels_pick(pick, axis->count, room);
  }
  double at[TICKS];
  const char *text[TICKS];
  for (size_t i = 0; i < count; i++) at[i] = (double)pick[i] + 1, text[i] = axis->levels[pick[i]].label;
  char array[32];
  gp_text_add(&figure->head, "%s_cells = %zu\n%s_ticks = %zu\n", name, axis->count, name, count);
  snprintf(array, sizeof array, "%s_tick_at", name);
  gp_figure_reals(figure, array, at, count);
  snprintf(array, sizeof array, "%s_tick_text", name);
  gp_figure_texts(figure, array, text, count);
}

/* A refined axis has round ticks, wherever its points are. */
static void write_side(gp_figure *figure, const char *name, const gp_refined_side *side) {
  gp_ticks ticks = {.count = 0};
  gp_ticks_choose(&ticks, side->log, side->low, side->high);
  for (size_t i = 0; i < ticks.count; i++) {
    double at = side->log ? log10(ticks.at[i]) : ticks.at[i];
    ticks.at[i] = (at - side->low) / (side->high - side->low) * (double)(side->points - 1) + 1;
  }
  gp_text_add(&figure->head, "%s_cells = %zu\n", name, side->points);
  gp_ticks_write(figure, name, &ticks);
  gp_ticks_free(&ticks);
}

static void write_axis(map *m, const char *name, const gp_axis *axis) {
  enum { ROOM = 9 };
  const gp_refined_side *side = gp_refined_side_of(&m->refined, axis);
  if (side != NULL)
    write_side(m->figure, name, side);
  else
    write_ticks(m->figure, name, axis, ROOM);
}

static void write_shades(map *m, bool shaded) {
  double low = m->high >= m->low ? m->low : 0, high = m->high >= m->low ? m->high : 1;
  if (high - low < 0.3) low -= 0.15, high += 0.15;
  gp_ticks ticks = {.count = 0};
  gp_ticks_choose(&ticks, true, low, high);
  for (size_t i = 0; i < ticks.count; i++) ticks.at[i] = log10(ticks.at[i]); /* the bar is drawn in log10 */
  gp_text_add(&m->figure->head, "shaded = %d\nshade_falls = 1\n", shaded);
  gp_figure_real(m->figure, "shade_low", low);
  gp_figure_real(m->figure, "shade_high", high);
  gp_figure_text(m->figure, "shade_title", "final loss");
  gp_ticks_write(m->figure, "shade", &ticks);
  gp_ticks_free(&ticks);
}

/* The order of the key: as in the table of looks, then words it does not know, missing last. */
static void order_kinds(const map *m, size_t order[static WORDS + 1]) {
  size_t count = 0;
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    for (size_t k = 1; k <= m->words; k++) {
      if (look_of(m->word[k - 1]) == &looks[i]) order[count++] = k;
    }
  }
  for (size_t k = 1; k <= m->words; k++) {
    if (look_of(m->word[k - 1]) == &unknown_look) order[count++] = k;
  }
  order[count] = 0;
}

/* The key lists what occurs. */
static void write_kinds(map *m) {
  const char *color[WORDS + 1], *sign[WORDS + 1], *sign_color[WORDS + 1];
  const char *key_color[WORDS + 1], *key_sign[WORDS + 1], *key_ink[WORDS + 1], *key_text[WORDS + 1];
  gp_text names[WORDS + 1] = {{0}};
  size_t kinds = m->words + 1, keys = 0;
  for (size_t k = 0; k < kinds; k++) {
    const look *l = k == 0 ? &missing_look : look_of(m->word[k - 1]);
    color[k] = l->color, sign[k] = l->sign, sign_color[k] = l->sign_color;
  }
  size_t order[WORDS + 1];
  order_kinds(m, order);
  for (size_t i = 0; i < kinds; i++) {
    size_t k = order[i];
    if (m->counts[k + MISSING] == 0) continue;
    gp_markup_plain(&names[keys], k == 0 ? missing_look.word : m->word[k - 1]);
    key_text[keys] = names[keys].data != NULL ? names[keys].data : "";
    key_color[keys] = color[k], key_sign[keys] = sign[k], key_ink[keys] = sign_color[k];
    keys++;
  }
  gp_figure *figure = m->figure;
  gp_text_add(&figure->head, "kinds = %zu\nkey_count = %zu\n", kinds, keys);
  gp_figure_texts(figure, "kind_color", color, kinds);
  gp_figure_texts(figure, "kind_sign", sign, kinds);
  gp_figure_texts(figure, "kind_sign_color", sign_color, kinds);
  gp_figure_texts(figure, "key_text", key_text, keys);
  gp_figure_texts(figure, "key_color", key_color, keys);
  gp_figure_texts(figure, "key_sign", key_sign, keys);
  gp_figure_texts(figure, "key_sign_color", key_ink, keys);
  for (size_t i = 0; i <= WORDS; i++) gp_text_free(&names[i]);
}

static void write_axes(map *m) {
  gp_figure *figure = m->figure;
  gp_text x = {0}, y = {0};
  gp_markup_column(&x, m->cast.x->name);
  gp_markup_column(&y, m->cast.color->name);
  gp_figure_text(figure, "x_title", x.data != NULL ? x.data : "");
  gp_figure_text(figure, "y_title", y.data != NULL ? y.data : "");
  gp_text_free(&x);
  gp_text_free(&y);
  write_axis(m, "x", m->cast.x);
  write_axis(m, "y", m->cast.color);
  gp_text_add(&figure->head, "refined = %zu\n", m->refined.on ? m->refined.levels : 0);
  gp_text_add(&figure->head, "cells_are_large = %d\n",
              !m->refined.on && m->cast.xs * m->cast.colors <= SMALL_MAP);
}

/* ---- theory over a map of depth (x) ---- */

/* Where a depth lies between the columns, by its logarithm; beyond the last as the last two go on. */
static double column_of(const gp_axis *x, double depth) {
  size_t i = 1;
  while (i + 1 < x->count && x->levels[i].number < depth) i++;
  double low = log(x->levels[i - 1].number), high = log(x->levels[i].number);
  return (double)i + (log(depth) - low) / (high - low);
}

/* A run of that row, or SIZE_MAX. */
static size_t run_of_row(const map *m, size_t p, size_t y) {
  for (size_t x = 0; x < m->cast.xs; x++) {
    size_t n;
    const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], y, x, &n);
    if (n > 0) return runs[0];
  }
  return SIZE_MAX;
}

/* 6 xi_c of each row, and the height at which chi_1 passes 1 (NaN: nowhere). Returns that height. */
static double depth_scale(map *m, size_t p) {
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
static void draw_theory(map *m) {
  bool fits = !m->refined.on && strcmp(m->cast.x->name, "depth") == 0 &&
              strncmp(m->cast.color->name, "init_", 5) == 0 &&
              gp_table_find(m->frame->table, "predicted_correlation_depth") >= 0;
  double height[PANELS];
  for (size_t p = 0; p < m->panels; p++) height[p] = fits ? depth_scale(m, p) : (double)NAN;
  gp_figure_real(m->figure, "theory", fits);
  gp_figure_reals(m->figure, "critical_row", height, m->panels);
  if (fits) gp_text_add(&m->figure->subtitle, "; white: depth 6 ξ_c, dashed: χ_1 = 1 (theory)");
}

/* ---- words ---- */

static bool healthy_cell(map *m, size_t panel, size_t x, size_t y) {
  size_t n, healthy = 0;
  const size_t *runs = gp_cast_runs(&m->cast, panel, y, x, &n);
  for (size_t i = 0; i < n; i++) healthy += gp_run_is(m->frame, runs[i], "healthy");
  return 2 * healthy > n;
}

/* The last level of x at which some cell of the panel trained, plus 1; 0 for none. */
static size_t reach_of(map *m, size_t panel) {
  size_t reach = 0;
  for (size_t x = 0; x < m->cast.xs; x++) {
    for (size_t y = 0; y < m->cast.colors; y++) {
      if (healthy_cell(m, panel, x, y)) reach = x + 1;
    }
  }
  return reach;
}

/* Names of the panels with the same group number, in one phrase: "tanh and ReLU". Returns how many. */
static size_t say_members(gp_text *out, map *m, const size_t *group, size_t wanted) {
  size_t members = 0, index = 0;
  for (size_t p = 0; p < m->panels; p++) members += group[p] == wanted;
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
static void say_share(map *m) {
  size_t count = 0, cells = m->panels * m->cast.xs * m->cast.colors;
  for (size_t i = 0; i < cells; i++)
    count += healthy_cell(m, m->panel[i / m->cast.xs / m->cast.colors], i % m->cast.xs,
                          i / m->cast.xs % m->cast.colors);
  gp_text_add(&m->figure->title, "%zu of %zu settings train", count, cells);
}

/* "Sigmoid trains up to depth 5; tanh and ReLU up to depth 30". */
static void say_reach(map *m) {
  gp_text *title = &m->figure->title;
  if (gp_table_find(m->frame->table, "verdict") < 0) {
    gp_text_add(title, "Final loss");
    return;
  }
  if (!m->cast.x->numeric) {
    say_share(m);
    return;
  }
  size_t group[PANELS];
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

/* The verdict that most cells of the panel that did not train have; WORDS when every cell trained. */
static size_t failure_of(map *m, size_t panel) {
  size_t count[WORDS + 2] = {0}, best = 0;
  for (size_t x = 0; x < m->cast.xs; x++) {
    for (size_t y = 0; y < m->cast.colors; y++) {
      size_t n;
      const size_t *runs = gp_cast_runs(&m->cast, panel, y, x, &n);
      size_t kind = verdict_cell(m, runs, n).kind;
      bool failed = kind > MISSING && strcmp(m->word[kind - MISSING - 1], "healthy") != 0;
      if (failed && ++count[kind] > count[best]) best = kind;
    }
  }
  return best > 0 ? best - MISSING - 1 : WORDS;
}

/* "Where training fails, sigmoid is mostly vanishing; tanh and ReLU mostly diverged". */
static void say_failures(map *m) {
  gp_text *title = &m->figure->title;
  size_t group[PANELS], said = 0;
  for (size_t p = 0; p < m->panels; p++) group[p] = failure_of(m, m->panel[p]);
  for (size_t p = 0; p < m->panels; p++) {
    if (group[p] == WORDS || !first_of_group(group, p)) continue;
    gp_text_add(title, said == 0 ? "Where training fails, " : "; ");
    bool many = say_members(title, m, group, group[p]) > 1;
    gp_text_add(title, "%s mostly ", said++ > 0 ? "" : many ? " are" : " is");
    gp_markup_plain(title, m->word[group[p]]);
  }
  if (said == 0) gp_text_add(title, "Every cell trains");
}

static void say_caption(map *m, bool shaded) {
  gp_text *out = &m->figure->caption;
  if (m->refined.on)
    gp_text_add(out, "Points of refined maps (finest grid %zu x %zu, in each of %zu panels):\n\n",
                gp_refined_side_of(&m->refined, m->cast.x)->points,
                gp_refined_side_of(&m->refined, m->cast.color)->points, m->panels);
  else
    gp_text_add(out, "Cells (%zu x %zu in each of %zu panels):\n\n", m->cast.xs, m->cast.colors, m->panels);
  if (shaded)
    gp_text_add(out, "%-16s %zu (final loss %.4g to %.4g)\n", "shaded", m->counts[0], pow(10, m->low),
                pow(10, m->high));
  for (size_t k = 0; k < m->words; k++)
    gp_text_add(out, "%-16s %zu\n", m->word[k], m->counts[k + MISSING + 1]);
  gp_text_add(out, "%-16s %zu\n", missing_look.word, m->counts[MISSING]);
}

/* ---- the whole ---- */

static gp_status compose(map *m, bool shaded) {
  gp_figure *figure = m->figure;
  figure->template_ = "map";
  figure->left = 0.72, figure->right = 1.0, figure->foot = 0.46;
  GP_TRY(gp_panels_write(figure, m->frame, &m->cast, m->panel, m->panels));
  gp_figure_height(figure, 2.04);
  for (size_t p = 0; p < m->panels; p++) draw_panel(m, p, shaded ? loss_cell : verdict_cell);
  write_shades(m, shaded);
  write_kinds(m);
  write_axes(m);
  say_caption(m, shaded);
  if (shaded)
    say_reach(m);
  else
    say_failures(m);
  gp_text_add(&figure->subtitle, shaded ? "Final training loss, " : "Verdict by majority, ");
  if (shaded)
    gp_text_add(&figure->subtitle, m->cast.replicates > 1 ? "median of %zu seeds" : "one seed",
                m->cast.replicates);
  else
    gp_text_add(&figure->subtitle, m->cast.replicates > 1 ? "%zu seeds" : "one seed", m->cast.replicates);
  draw_theory(m);
  if (m->refined.on)
    gp_text_add(&figure->subtitle, "; refined to %zu × %zu points",
                gp_refined_side_of(&m->refined, m->cast.x)->points,
                gp_refined_side_of(&m->refined, m->cast.color)->points);
  gp_say_setup(&figure->subtitle, m->frame, &m->cast);
  return GP_OK;
}

/* The axes of a refined map come first. */
static gp_status cast_map(map *m) {
  static const char *const panel[] = {"activation", "*", NULL};
  gp_refined_read(&m->refined, m->frame->table);
  const gp_refined_side *side = m->refined.side;
  const char *const y[] = {m->refined.on ? side[1].name : "learning_rate", "learning_rate", "*", NULL},
                    *const x[] = {m->refined.on ? side[0].name : "depth", "depth", "width", "*", NULL};
  return gp_cast_make(&m->cast, m->frame, &(gp_wish){.panel = panel, .color = y, .x = x});
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  map m = {.figure = figure, .frame = frame, .low = INFINITY, .high = -INFINITY};
  if (gp_table_find(frame->table, chart->quantity) < 0)
    return gp_fail(GP_ERR_NO, "the file has no column '%s'", chart->quantity);
  GP_TRY(cast_map(&m));
  gp_status status = GP_OK;
  if (m.cast.x == NULL || m.cast.color == NULL || m.cast.xs < 2 || m.cast.colors < 2)
    status = gp_fail(GP_ERR_NO, "it needs two swept columns of two values or more, beside the seed");
  if (status == GP_OK) status = gp_refined_place(&m.refined, m.cast.x, m.cast.color);
  m.panels = gp_levels_pick(m.panel, m.cast.panels, PANELS);
  m.scratch = calloc(m.cast.replicates + 1, sizeof *m.scratch);
  if (status == GP_OK && m.scratch == NULL) status = gp_fail(GP_ERR_MEMORY, "no memory for the map");
  if (status == GP_OK) status = compose(&m, strcmp(chart->quantity, "final_loss") == 0);
  free(m.scratch);
  gp_refined_free(&m.refined);
  gp_cast_free(&m.cast);
  return status;
}

const gp_chart gp_chart_trainability = {
    .entry = {.name = "trainability-map",
              .summary = "final loss over depth and learning rate, by activation",
              .needs = "the column final_loss and two swept columns"},
    .quantity = "final_loss",
    .preset = true,
    .draw = draw,
};

const gp_chart gp_chart_verdict = {
    .entry = {.name = "verdict-map",
              .summary = "verdict by majority of the seeds over depth and learning rate, by activation",
              .needs = "the column verdict and two swept columns"},
    .quantity = "verdict",
    .preset = true,
    .draw = draw,
};

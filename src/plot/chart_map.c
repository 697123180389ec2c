/* Cells, axes and keys of the heat maps; their rows are in chart_map_rows.c. */
#include "chart_map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_layout.h"
#include "plot_words.h"

enum { TICKS = 12, SMALL_MAP = 400 };

/* How a word looks. In grayscale the sign tells what the colour cannot. */
typedef struct look {
  const char *word, *color, *sign, *sign_color;
} look;
static const look looks[] = {
    {"healthy", "#009E73", "", "#FFFFFF"},    {"stalled", "#56B4E9", "s", "#222222"},
    {"vanishing", "#0072B2", "v", "#FFFFFF"}, {"exploding", "#E69F00", "e", "#222222"},
    {"diverged", "#8C1C13", "×", "#FFFFFF"},  {"dead", "#333333", "d", "#FFFFFF"},
    {"saturated", "#CC79A7", "t", "#222222"}, {"oscillating", "#F0E442", "o", "#222222"},
    {"infinite", "#E69F00", "i", "#222222"},  {"exactly 0", "#333333", "0", "#FFFFFF"},
    {"empty", "#F1F1F1", "", "#222222"}};
static const look missing_look = {"not run", "#E4E4E4", "", "#222222"};
static const look unknown_look = {"", "#999999", "?", "#222222"};

static const look *look_of(const char *word) {
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    if (strcmp(looks[i].word, word) == 0) return &looks[i];
  }
  return &unknown_look;
}

/* ---- cells ---- */

size_t gp_map_kind(gp_map_drawn *m, const char *word) {
  size_t i = 0;
  while (i < m->words && strcmp(m->word[i], word) != 0) i++;
  if (i == m->words && m->words < GP_MAP_WORDS) m->word[m->words++] = word;
  return GP_MAP_MISSING + 1 + (i < GP_MAP_WORDS ? i : GP_MAP_WORDS - 1);
}

gp_cell_look gp_map_shade(gp_map_drawn *m, size_t count) {
  if (count == 0) return (gp_cell_look){NAN, GP_MAP_MISSING};
  double median = gp_band_of(m->scratch, count).median;
  if (isinf(median)) return (gp_cell_look){NAN, gp_map_kind(m, "infinite")};
  if (median <= 0) return (gp_cell_look){NAN, gp_map_kind(m, "exactly 0")};
  double shade = log10(median);
  m->low = fmin(m->low, shade), m->high = fmax(m->high, shade);
  return (gp_cell_look){shade, 0};
}

/* The verdict most seeds share; the earlier in the file among equals. A list of verdicts has a few words only: of more
 * than MOST different ones the later have no vote. */
gp_cell_look gp_map_verdict(gp_map_drawn *m, const size_t *runs, size_t n) {
  enum { MOST = 64 };
  size_t first[MOST], votes[MOST] = {0}, words = 0, best = 0;
  int verdict = gp_table_find(m->frame->table, "verdict");
  for (size_t i = 0; i < n; i++) {
    size_t w = 0;
    while (w < words && !gp_table_same(m->frame->table, verdict, runs[first[w]], runs[i])) w++;
    if (w == words && words < MOST) first[words++] = i;
    if (w < MOST) votes[w]++;
  }
  for (size_t w = 1; w < words; w++)
    if (votes[w] > votes[best]) best = w;
  char buffer[32];
  if (words == 0) return (gp_cell_look){NAN, GP_MAP_MISSING};
  const char *word = gp_frame_word(m->frame, "verdict", runs[first[best]], buffer);
  return (gp_cell_look){NAN, gp_map_kind(m, word == buffer ? "?" : word)};
}

static const char *number_of(const gp_axis *axis, size_t level) {
  const gp_level *l = &axis->levels[level];
  return isinf(l->number) ? "-1e308" : isnan(l->number) ? "NaN" : l->word;
}

/* Levels as the file spells them: a map has too many cells to print each number anew. */
static void write_cell(gp_map_drawn *m, const gp_cell_look *c, size_t x, size_t y, size_t n) {
  char shade[32] = "NaN";
  if (!isnan(c->shade)) gp_text_real(shade, c->shade);
  gp_text_add(&m->figure->data, "%zu %zu %s %zu %s %s %zu\n", x + 1, y + 1, shade, c->kind,
              number_of(m->cast.x, x), number_of(m->cast.color, y), n);
}

/* The same at its place on the finest grid, with the size of its cell. */
static void write_refined(gp_map_drawn *m, const gp_cell_look *c, size_t x, size_t y, size_t n) {
  const gp_refined_side *wide = gp_refined_side_of(&m->refined, m->cast.x),
                        *high = gp_refined_side_of(&m->refined, m->cast.color);
  gp_refined_cell size = gp_refined_cell_of(&m->refined, wide, wide->place[x], high, high->place[y]);
  gp_figure_row(m->figure,
                (double[]){wide->place[x] + 1, high->place[y] + 1, c->shade, (double)c->kind,
                           m->cast.x->levels[x].number, m->cast.color->levels[y].number, (double)n,
                           (double)size.level, (double)size.width, (double)size.height},
                10);
}

static void draw_panel(gp_map_drawn *m, size_t r, size_t p) {
  gp_text what = {0};
  gp_text_add(&what, "%s | ", m->map->quantity[m->row[r]]);
  gp_say_level(&what, m->frame, m->cast.panel, m->panel[p]);
  gp_figure_block(m->figure, what.data != NULL ? what.data : "",
                  m->refined.on ? "column row log10(value) kind x y runs level width height"
                                : "column row log10(value) kind x y runs");
  gp_text_free(&what);
  for (size_t y = 0; y < m->cast.colors; y++) {
    for (size_t x = 0; x < m->cast.xs; x++) {
      size_t n;
      const size_t *runs = gp_cast_runs(&m->cast, m->panel[p], y, x, &n);
      gp_place at = {m->row[r], GP_HELD, GP_HELD, GP_HELD};
      gp_place_put(&at, m->frame, m->cast.color, y);
      gp_place_put(&at, m->frame, m->cast.x, x);
      if (m->refined.on && n == 0)
        continue; /* between the points of a refined map there is nothing to miss */
      gp_cell_look c = m->map->cell(m, runs, n, at);
      m->counts[c.kind]++;
      m->hollow |= c.kind == GP_MAP_MISSING && n > 0;
      if (m->refined.on)
        write_refined(m, &c, x, y, n);
      else
        write_cell(m, &c, x, y, n);
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
    size_t stride = axis->count > 1 ? (axis->count + room - 3) / (room - 1) : 1;
    for (size_t i = 0; i < axis->count && count<TICKS; i += stride> 0 ? stride : 1) pick[count++] = i;
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

static void write_axis(gp_map_drawn *m, const char *name, const gp_axis *axis, size_t room) {
  const gp_refined_side *side = gp_refined_side_of(&m->refined, axis);
  if (side != NULL)
    write_side(m->figure, name, side);
  else
    write_ticks(m->figure, name, axis, room);
}

static void write_shades(gp_map_drawn *m) {
  double low = m->high >= m->low ? m->low : 0, high = m->high >= m->low ? m->high : 1;
  if (m->map->shades == GP_SHADES_BOTH) { /* 1 in the middle; beyond six decades all is the same */
    high = fmin(fmax(fmax(fabs(low), fabs(high)), 0.05), 6);
    low = -high;
  } else if (high - low < 0.3) {
    low -= 0.15, high += 0.15;
  }
  gp_ticks ticks = {.count = 0};
  gp_ticks_choose(&ticks, true, low, high);
  for (size_t i = 0; i < ticks.count; i++) ticks.at[i] = log10(ticks.at[i]); /* the bar is drawn in log10 */
  gp_text_add(&m->figure->head, "shaded = %d\nshades = %d\n", m->map->shaded, m->map->shades);
  gp_figure_real(m->figure, "shade_low", low);
  gp_figure_real(m->figure, "shade_high", high);
  gp_figure_text(m->figure, "shade_title", m->map->shade_title != NULL ? m->map->shade_title : "");
  gp_ticks_write(m->figure, "shade", &ticks);
  gp_ticks_free(&ticks);
}

/* The order of the key: as in the table of looks, then words it does not know, missing last. */
static void order_kinds(const gp_map_drawn *m, size_t order[static GP_MAP_WORDS + 1]) {
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

/* What was run and has no value shall not pass for what was not. */
static const char *missing_word(const gp_map_drawn *m) {
  return m->hollow ? "no value" : missing_look.word;
}

/* The key lists what occurs. */
static void write_kinds(gp_map_drawn *m) {
  const char *color[GP_MAP_WORDS + 1], *sign[GP_MAP_WORDS + 1], *sign_color[GP_MAP_WORDS + 1];
  const char *key_color[GP_MAP_WORDS + 1], *key_sign[GP_MAP_WORDS + 1], *key_ink[GP_MAP_WORDS + 1],
      *key_text[GP_MAP_WORDS + 1];
  gp_text names[GP_MAP_WORDS + 1] = {{0}};
  double key_hatched[GP_MAP_WORDS + 1] = {0};
  size_t kinds = m->words + 1, keys = 0;
  for (size_t k = 0; k < kinds; k++) {
    const look *l = k == 0 ? &missing_look : look_of(m->word[k - 1]);
    color[k] = l->color, sign[k] = l->sign, sign_color[k] = l->sign_color;
  }
  size_t order[GP_MAP_WORDS + 1];
  order_kinds(m, order);
  for (size_t i = 0; i < kinds; i++) {
    size_t k = order[i];
    if (m->counts[k + GP_MAP_MISSING] == 0) continue;
    gp_markup_plain(&names[keys], k == 0 ? missing_word(m) : m->word[k - 1]);
    key_text[keys] = names[keys].data != NULL ? names[keys].data : "";
    key_hatched[keys] = k == 0;
    key_color[keys] = color[k], key_sign[keys] = sign[k], key_ink[keys] = sign_color[k];
    keys++;
  }
  gp_figure *figure = m->figure;
  gp_text_add(&figure->head, "kinds = %zu\nkey_count = %zu\n", kinds, keys);
  gp_figure_texts(figure, "kind_color", color, kinds);
  gp_figure_texts(figure, "kind_sign", sign, kinds);
  gp_figure_texts(figure, "kind_sign_color", sign_color, kinds);
  gp_figure_texts(figure, "key_text", key_text, keys);
  gp_figure_reals(figure, "key_hatched", key_hatched, keys);
  gp_figure_texts(figure, "key_color", key_color, keys);
  gp_figure_texts(figure, "key_sign", key_sign, keys);
  gp_figure_texts(figure, "key_sign_color", key_ink, keys);
  for (size_t i = 0; i <= GP_MAP_WORDS; i++) gp_text_free(&names[i]);
}

/* Labels of 8.5 points that stand side by side under a panel, up to nine. */
static size_t x_room(const gp_map_drawn *m) {
  const gp_figure *figure = m->figure;
  gp_grid grid;
  gp_figure_grid(&grid, figure);
  double width = (figure->width - figure->left - figure->right) / (double)grid.columns - 0.1, widest = 0.1;
  for (size_t i = 0; i < m->cast.xs; i++)
    widest = fmax(widest, gp_markup_width(m->cast.x->levels[i].label) * 8.5 / 72 + 0.12);
  return (size_t)fmin(fmax(floor(width / widest), 2), 9);
}

static void write_axes(gp_map_drawn *m) {
  gp_figure *figure = m->figure;
  gp_text x = {0}, y = {0};
  gp_markup_column(&x, m->cast.x->name);
  gp_markup_column(&y, m->cast.color->name);
  gp_figure_text(figure, "x_title", x.data != NULL ? x.data : "");
  gp_figure_text(figure, "y_title", y.data != NULL ? y.data : "");
  gp_text_free(&x);
  gp_text_free(&y);
  write_axis(m, "x", m->cast.x, x_room(m));
  write_axis(m, "y", m->cast.color, 9);
  gp_text_add(&figure->head, "refined = %zu\n", m->refined.on ? m->refined.levels : 0);
  gp_text_add(&figure->head, "cells_are_large = %d\n",
              !m->refined.on && m->cast.xs * m->cast.colors <= SMALL_MAP);
}

/* ---- the whole ---- */

static void say_caption(gp_map_drawn *m) {
  gp_text *out = &m->figure->caption;
  if (m->refined.on)
    gp_text_add(out, "Points of refined maps (finest grid %zu x %zu, in each of %zu panels):\n\n",
                gp_refined_side_of(&m->refined, m->cast.x)->points,
                gp_refined_side_of(&m->refined, m->cast.color)->points, m->rows * m->panels);
  else
    gp_text_add(out, "Cells (%zu x %zu in each of %zu panels):\n\n", m->cast.xs, m->cast.colors,
                m->rows * m->panels);
  if (m->map->shaded)
    gp_text_add(out, "%-16s %zu (%.4g to %.4g)\n", "shaded", m->counts[0], pow(10, m->low), pow(10, m->high));
  for (size_t k = 0; k < m->words; k++)
    gp_text_add(out, "%-16s %zu\n", m->word[k], m->counts[k + GP_MAP_MISSING + 1]);
  gp_text_add(out, "%-16s %zu\n", missing_word(m), m->counts[GP_MAP_MISSING]);
}

static gp_status write_panels(gp_map_drawn *m) {
  return gp_row_panels_write(m->figure, m->frame, &m->cast, m->panel, m->panels, m->map->row_name, m->row,
                             m->rows);
}

static bool has_role(const gp_map_drawn *m, const gp_axis *axis) {
  return m->cast.x == axis || m->cast.color == axis || m->cast.panel == axis;
}

/* Which layer and step of a series is shown, where neither is an axis. */
static void say_place(gp_map_drawn *m) {
  gp_text *out = &m->figure->subtitle;
  const gp_axis *layer = &m->frame->layer, *step = &m->frame->step;
  if (m->series[m->row[0]] == NULL) return;
  if (!has_role(m, layer) && layer->count > 0) gp_text_add(out, "; layer %s", layer->levels[0].label);
  if (has_role(m, step)) return;
  if (step->count == 1)
    gp_text_add(out, "; step %s", step->levels[0].label);
  else
    gp_text_add(out, gp_map_is_histogram(m, m->row[0]) ? "; last checkpoint" : "; at initialisation");
}

static gp_status compose(gp_map_drawn *m) {
  gp_figure *figure = m->figure;
  figure->template_ = "map";
  figure->left = 0.72, figure->right = 1.0, figure->foot = 0.46;
  GP_TRY(write_panels(m));
  gp_figure_height(figure, 2.04);
  for (size_t i = 0; i < m->rows * m->panels; i++) draw_panel(m, i / m->panels, i % m->panels);
  if (m->counts[0] + m->words == 0) return gp_fail(GP_ERR_NO, "no cell has a value");
  write_shades(m);
  write_kinds(m);
  write_axes(m);
  say_caption(m);
  m->map->say(m);
  gp_text_add(&figure->subtitle, "%s, ", m->map->what);
  gp_text_capital(&figure->subtitle, 0);
  gp_text_add(&figure->subtitle,
              m->cast.replicates == 1 ? "one seed"
              : m->map->shaded        ? "median of %zu seeds"
                                      : "%zu seeds",
              m->cast.replicates);
  say_place(m);
  gp_figure_real(figure, "theory", m->map->theory != NULL && m->map->theory(m));
  if (m->refined.on)
    gp_text_add(&figure->subtitle, "; refined to %zu × %zu points",
                gp_refined_side_of(&m->refined, m->cast.x)->points,
                gp_refined_side_of(&m->refined, m->cast.color)->points);
  gp_say_setup(&figure->subtitle, m->frame, &m->cast);
  return GP_OK;
}

bool gp_map_is_histogram(const gp_map_drawn *m, size_t row) {
  gp_shape shape = gp_table_schema(m->frame->table)->variables[m->variable[row]].shape;
  return gp_shape_table[shape].inner == GP_BIN;
}

static bool is_bins(const gp_map_drawn *m, const gp_axis *axis) {
  return axis == &m->frame->bins[GP_BINS_VALUE] || axis == &m->frame->bins[GP_BINS_MAGNITUDE];
}

/* Whether some run counts something in the bin. */
static bool holds_something(const gp_map_drawn *m, size_t bin) {
  size_t step = m->layers * GP_BINS, all = m->frame->runs * m->checkpoints * step;
  for (size_t i = bin; i < all; i += GP_BINS)
    if (m->series[m->row[0]][i] > 0) return true;
  return false;
}

/* Empty bins at both ends are no part of the picture. */
static gp_status narrow_bins(gp_map_drawn *m) {
  const gp_axis *axis = m->cast.color;
  if (!is_bins(m, axis)) return GP_OK;
  size_t first = 0, last = axis->count - 1;
  while (first + 2 < last && !holds_something(m, first)) first++;
  while (last > first + 1 && !holds_something(m, last)) last--;
  m->few = *axis;
  m->few.count = last - first + 1;
  m->few.levels = axis->levels + first;
  m->cast.color = &m->few;
  m->cast.colors = m->few.count;
  return GP_OK;
}

/* A histogram has bins for one of its axes, and nothing else has. */
static gp_status check_bins(const gp_map_drawn *m) {
  bool bins = is_bins(m, m->cast.x) || is_bins(m, m->cast.color) || is_bins(m, m->cast.panel);
  if (bins == gp_map_is_histogram(m, m->row[0])) return GP_OK;
  return gp_fail(GP_ERR_NO, bins ? "it has no bins" : "one of its axes must be the bins");
}

static gp_status find_rows(gp_map_drawn *m) {
  for (size_t r = 0; r < GP_MAP_ROWS && m->map->quantity[r] != NULL; r++) {
    m->variable[r] = gp_table_find(m->frame->table, m->map->quantity[r]);
    if (m->variable[r] < 0) continue;
    if (gp_table_schema(m->frame->table)->variables[m->variable[r]].shape != GP_PER_RUN)
      GP_TRY(gp_table_series(m->frame->table, m->variable[r], &m->series[r]));
    m->row[m->rows++] = r;
  }
  return m->rows > 0 ? GP_OK : gp_fail(GP_ERR_NO, "the file has no '%s'", m->map->quantity[0]);
}

/* Roles; the axes of a refined map come first. */
static gp_status cast_map(gp_map_drawn *m) {
  enum { WISHES = 8 };
  const char *x[WISHES + 1] = {NULL}, *y[WISHES + 1] = {NULL};
  bool over_runs = m->series[m->row[0]] == NULL;
  size_t i = 0, k = 0;
  if (over_runs) gp_refined_read(&m->refined, m->frame->table);
  if (m->refined.on) x[i++] = m->refined.side[0].name, y[k++] = m->refined.side[1].name;
  for (size_t w = 0; m->map->x[w] != NULL && i < WISHES; w++) x[i++] = m->map->x[w];
  for (size_t w = 0; m->map->y[w] != NULL && k < WISHES; w++) y[k++] = m->map->y[w];
  return gp_cast_make(&m->cast, m->frame,
                      &(gp_wish){.panel = m->map->panel,
                                 .color = y,
                                 .x = x,
                                 .initial = m->map->initial,
                                 .inner = !over_runs,
                                 .grid = true});
}

gp_status gp_map_draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  const gp_schema *schema = gp_table_schema(frame->table);
  gp_map_drawn m = {.map = chart->map,
                    .figure = figure,
                    .frame = frame,
                    .checkpoints = schema->checkpoint_count,
                    .layers = schema->layer_count,
                    .low = INFINITY,
                    .high = -INFINITY};
  GP_TRY(find_rows(&m));
  GP_TRY(cast_map(&m));
  gp_status status = GP_OK;
  if (m.cast.x == NULL || m.cast.color == NULL || m.cast.xs < 2 || m.cast.colors < 2)
    status =
        gp_fail(GP_ERR_NO, "it needs two %s of two values or more",
                m.map->initial ? "axes that matter at initialisation," : "swept columns beside the seed,");
  if (status == GP_OK) status = gp_refined_place(&m.refined, m.cast.x, m.cast.color);
  if (status == GP_OK) status = check_bins(&m);
  if (status == GP_OK) status = narrow_bins(&m);
  m.panels = gp_levels_pick(m.panel, m.cast.panels, m.rows > 1 ? 4 : GP_MAP_PANELS);
  m.scratch = calloc(m.cast.replicates + 1, sizeof *m.scratch);
  if (status == GP_OK && m.scratch == NULL) status = gp_fail(GP_ERR_MEMORY, "no memory for the map");
  if (status == GP_OK) status = compose(&m);
  free(m.scratch);
  gp_refined_free(&m.refined);
  gp_cast_free(&m.cast);
  return status;
}

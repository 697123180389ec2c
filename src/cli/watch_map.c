/* The map of `watch`: which share of the finished runs trained, over two axes, one panel per value of a third. */
#include "watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAP_LABEL = 10, MAP_COLUMNS = 60, MAP_ROWS = 24, MAP_GAP = 3 };

typedef struct map {
  const watch_state *state;
  const watch_axis *x, *y, *panel; /* panel NULL: one panel */
  size_t columns, rows, panels;    /* cells: several values share one where there are many */
  unsigned *done, *trained;        /* (panels, rows, columns) */
} map;

/* Replicates are never drawn along an axis: a cell is their share. */
static bool is_seed(const watch_axis *axis) {
  return strcmp(axis->name, "seed") == 0 || strcmp(axis->name, "data_seed") == 0;
}

static const watch_axis *longest(const watch_state *s, bool numeric, const watch_axis *not_a,
                                 const watch_axis *not_b) {
  const watch_axis *found = NULL;
  for (size_t a = 0; a < s->axis_count; a++) {
    const watch_axis *axis = &s->axes[a];
    if (axis == not_a || axis == not_b || is_seed(axis) || axis->count < 2 || axis->numeric != numeric)
      continue;
    if (found == NULL || axis->count > found->count) found = axis;
  }
  return found;
}

/* Numbers lie along the sides, words are panels; where there are too few numbers a word is a side. */
static void choose(map *m) {
  const watch_state *s = m->state;
  const watch_axis *a = longest(s, true, NULL, NULL), *b = longest(s, true, a, NULL);
  if (a == NULL) a = longest(s, false, NULL, NULL);
  if (b == NULL && a != NULL) b = longest(s, false, a, NULL);
  m->x = a;
  m->y = b;
  if (a != NULL && b != NULL && a < b && a->numeric && b->numeric && a->count == b->count) m->x = b, m->y = a;
  m->panel = longest(s, false, m->x, m->y);
}

static size_t at_most(size_t value, size_t most) {
  return value < most ? value : most;
}

static gp_status make(map *m, const watch_state *s) {
  *m = (map){.state = s};
  choose(m);
  if (m->x == NULL) return GP_OK;
  m->columns = at_most(m->x->count, MAP_COLUMNS);
  m->rows = m->y != NULL ? at_most(m->y->count, MAP_ROWS) : 1;
  m->panels = m->panel != NULL ? m->panel->count : 1;
  size_t cells = m->panels * m->rows * m->columns;
  m->done = calloc(cells, sizeof *m->done);
  m->trained = calloc(cells, sizeof *m->trained);
  return m->done != NULL && m->trained != NULL ? GP_OK : gp_fail(GP_ERR_MEMORY, "out of memory");
}

/* The cell among `cells` that value `at` of an axis falls into; 0 without axis. */
static size_t bin(const map *m, const watch_axis *axis, size_t cells, size_t run) {
  int at = axis != NULL ? watch_value(m->state, axis, run) : 0;
  return at <= 0 || axis == NULL ? 0 : (size_t)at * cells / axis->count;
}

static void fill(map *m) {
  const watch_state *s = m->state;
  int verdict = gp_table_find(s->table, "verdict");
  char buffer[32];
  for (size_t r = 0; verdict >= 0 && r < gp_table_runs(s->table); r++) {
    if (!watch_is_done(s, r)) continue;
    size_t panel = bin(m, m->panel, m->panels, r), row = bin(m, m->y, m->rows, r);
    size_t cell = (panel * m->rows + row) * m->columns + bin(m, m->x, m->columns, r);
    m->done[cell]++;
    m->trained[cell] += strcmp(gp_table_word(s->table, verdict, r, buffer), "healthy") == 0;
  }
}

static void put_cell(screen *page, const map *m, size_t cell) {
  static const cli_ink inks[SCREEN_SHADES] = {CLI_RED, CLI_YELLOW, CLI_CYAN, CLI_GREEN};
  if (m->done[cell] == 0) {
    screen_put(page, CLI_DIM, ".");
    return;
  }
  double share = (double)m->trained[cell] / m->done[cell];
  int level = share <= 0 ? 0 : share >= 1 ? 3 : share < 0.5 ? 1 : 2;
  screen_put(page, inks[level], "%s", screen_shade(page, level));
}

/* Cells are two characters wide where that fits: a character is twice as high as wide. */
static size_t cell_width(const map *m, size_t panels, size_t width) {
  return (2 * m->columns + MAP_GAP) * panels + MAP_LABEL <= width ? 2 : 1;
}

/* The panels that stand side by side. */
static size_t abreast(const map *m, size_t width) {
  size_t one = m->columns + MAP_GAP, room = width > MAP_LABEL ? width - MAP_LABEL : 1;
  size_t count = room / one;
  return count < 1 ? 1 : at_most(count, m->panels);
}

static void put_ends(screen *page, const map *m, size_t wide) {
  size_t room = wide * m->columns;
  const watch_axis *x = m->x;
  screen_put(page, CLI_DIM, "%.*s", (int)(room / 2), x->words[0]);
  size_t left = strlen(x->words[0]) < room / 2 ? strlen(x->words[0]) : room / 2;
  const char *last = x->words[x->count - 1];
  size_t right = at_most(strlen(last), room - left);
  screen_put(page, CLI_DIM, "%*s%.*s", (int)(room - left - right), "", (int)right, last);
}

/* One row of panels first .. until - 1; big values of y on top, as in a chart. */
static void put_row(screen *page, const map *m, size_t first, size_t until, size_t row, size_t wide) {
  size_t value = m->y != NULL ? row * m->y->count / m->rows : 0;
  screen_put(page, CLI_DIM, "%*.*s ", MAP_LABEL - 1, MAP_LABEL - 1, m->y != NULL ? m->y->words[value] : "");
  for (size_t p = first; p < until; p++) {
    for (size_t c = 0; c < m->columns; c++)
      for (size_t k = 0; k < wide; k++) put_cell(page, m, (p * m->rows + row) * m->columns + c);
    if (p + 1 < until) screen_put(page, CLI_OFF, "%*s", MAP_GAP, "");
  }
  screen_end_line(page);
}

static void put_panels(screen *page, const map *m, size_t first, size_t until, size_t wide) {
  for (size_t p = first; m->panel != NULL && p < until; p++) {
    screen_tab(page, MAP_LABEL + (p - first) * (wide * m->columns + MAP_GAP));
    screen_put(page, CLI_OFF, "%.*s", (int)(wide * m->columns + MAP_GAP - 1), m->panel->words[p]);
  }
  if (m->panel != NULL) screen_end_line(page);
  for (size_t row = m->rows; row-- > 0;) put_row(page, m, first, until, row, wide);
  for (size_t p = first; p < until; p++) {
    screen_tab(page, MAP_LABEL + (p - first) * (wide * m->columns + MAP_GAP));
    put_ends(page, m, wide);
  }
  screen_end_line(page);
}

static void put_legend(screen *page, const map *m) {
  static const char *const words[SCREEN_SHADES] = {"none", "under half", "over half", "all trained"};
  static const cli_ink inks[SCREEN_SHADES] = {CLI_RED, CLI_YELLOW, CLI_CYAN, CLI_GREEN};
  screen_put(page, CLI_BOLD, "%s%s%s", m->y != NULL ? m->y->name : "", m->y != NULL ? " over " : "",
             m->x->name);
  screen_put(page, CLI_OFF, "  ");
  for (int level = 0; level < SCREEN_SHADES; level++) {
    screen_put(page, inks[level], "%s", screen_shade(page, level));
    screen_put(page, CLI_DIM, " %s  ", words[level]);
  }
  screen_put(page, CLI_DIM, ". to come");
  screen_end_line(page);
}

void watch_map(screen *page, const watch_state *s) {
  map m;
  if (make(&m, s) == GP_OK && m.x != NULL) {
    size_t side = abreast(&m, page->width), wide = cell_width(&m, side, page->width);
    fill(&m);
    screen_end_line(page);
    put_legend(page, &m);
    for (size_t p = 0; p < m.panels; p += side) put_panels(page, &m, p, at_most(p + side, m.panels), wide);
  }
  free(m.done);
  free(m.trained);
}

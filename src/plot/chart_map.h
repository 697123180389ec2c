/* Heat maps of anything over two axes, small multiples over a third: shades of a magnitude, or colours of categories.
 *
 * A chart is a const gp_map. A cell is a shade or, where there is none, a kind: "not run", or a word such as a verdict,
 * "diverged", "exactly 0": what cannot be shaded is always said. */
#ifndef GP_CHART_MAP_H
#define GP_CHART_MAP_H

#include "chart.h"
#include "plot_refined.h"

enum { GP_MAP_PANELS = 8, GP_MAP_ROWS = 2, GP_MAP_WORDS = 16, GP_MAP_MISSING = 1 };

/* Small is good (loss), large is bright (a gradient), or both ways from 1 (a factor). */
typedef enum gp_shades { GP_SHADES_FALL, GP_SHADES_RISE, GP_SHADES_BOTH } gp_shades;

typedef struct gp_cell_look {
  double shade; /* log10 of the value; NaN when kind > 0 */
  size_t kind;  /* 0: shaded, GP_MAP_MISSING, or a word's */
} gp_cell_look;

struct gp_map_drawn;

typedef struct gp_map {
  const char *quantity[GP_MAP_ROWS], *row_name[GP_MAP_ROWS]; /* as in gp_trace */
  const char *const *x, *const *y, *const *panel;            /* wishes, as in gp_wish */
  bool initial;
  bool shaded; /* has a bar of shades */
  gp_shades shades;
  const char *shade_title, *what; /* of the bar; what the subtitle begins with */
  gp_cell_look (*cell)(struct gp_map_drawn *drawn, const size_t *runs, size_t n, gp_place at);
  void (*say)(struct gp_map_drawn *drawn);    /* appends the title */
  bool (*theory)(struct gp_map_drawn *drawn); /* writes what lies over the map; false or NULL: nothing */
} gp_map;

typedef struct gp_map_drawn {
  const gp_map *map;
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast; /* color is the vertical axis */
  gp_refined refined;
  const double *series[GP_MAP_ROWS];
  int variable[GP_MAP_ROWS];
  size_t row[GP_MAP_ROWS], rows;
  size_t checkpoints, layers, panel[GP_MAP_PANELS], panels;
  double *scratch;
  double low, high;               /* log10 of the values drawn */
  const char *word[GP_MAP_WORDS]; /* kind k + GP_MAP_MISSING + 1 ... in order of appearance */
  size_t words;
  size_t counts[GP_MAP_WORDS + 2]; /* cells by kind */
  gp_axis few;                     /* the bins that hold something, when bins are the vertical axis */
  bool hollow;                     /* some cell was run and has no value */
} gp_map_drawn;

/* Kind of a word, made known on first sight. More than GP_MAP_WORDS different words share the last kind. */
size_t gp_map_kind(gp_map_drawn *drawn, const char *word);
/* The median of what is in scratch as a shade: of nothing missing, of infinity "infinite", of zero or less "exactly 0". */
gp_cell_look gp_map_shade(gp_map_drawn *drawn, size_t count);
/* The verdict most of the runs share; the earlier in the file among equals. */
gp_cell_look gp_map_verdict(gp_map_drawn *drawn, const size_t *runs, size_t n);

/* Whether the quantity in that row is a histogram. */
bool gp_map_is_histogram(const gp_map_drawn *drawn, size_t row);

/* Draws. GP_ERR_NO when the file lacks the quantity or two axes. */
gp_status gp_map_draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame);

#endif

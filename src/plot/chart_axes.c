/* Axes of charts of lines: ranges, ticks, and the small ticks of a logarithm. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "chart.h"
#include "plot_words.h"

enum { MINOR_MAX = 96 };

void gp_ticks_write(gp_figure *figure, const char *name, const gp_ticks *ticks) {
  const char *text[GP_TICKS_MAX];
  char array[48];
  for (size_t i = 0; i < ticks->count; i++) text[i] = ticks->text[i].data != NULL ? ticks->text[i].data : "";
  gp_text_add(&figure->head, "%s_ticks = %zu\n", name, ticks->count);
  snprintf(array, sizeof array, "%s_tick_at", name);
  gp_figure_reals(figure, array, ticks->at, ticks->count);
  snprintf(array, sizeof array, "%s_tick_text", name);
  gp_figure_texts(figure, array, text, ticks->count);
}

/* 2 to 9 times the powers of ten on an axis of a few decades, the powers on a longer one; `shift` is added to each. The
 * ends are values. */
static void write_minor(gp_figure *figure, const char *name, bool log_axis, double low, double high,
                        double shift) {
  double at[MINOR_MAX];
  size_t count = 0;
  bool few = log_axis && log10(high / low) <= 7;
  for (double k = floor(log10(low)); log_axis && k <= log10(high) && count + 9 < MINOR_MAX; k++)
    for (int m = few ? 2 : 1; m <= (few ? 9 : 1); m++) {
      double tick = m * pow(10, k) + shift;
      if (tick > low && tick < high) at[count++] = tick;
    }
  char array[48];
  gp_text_add(&figure->head, "%s_minors = %zu\n", name, count);
  snprintf(array, sizeof array, "%s_minor_at", name);
  gp_figure_reals(figure, array, at, count);
}

void gp_lines_axes(gp_figure *figure, const gp_line_axes *axes) {
  /* 10^300 is as far as gnuplot's own arithmetic goes. */
  double low = axes->y_log ? fmax(axes->y_low, -300) : axes->y_low;
  double high = axes->y_log ? fmin(axes->y_high, 300) : axes->y_high;
  gp_figure_reals(figure, "x_low", axes->x_low, figure->panels);
  gp_figure_reals(figure, "x_high", axes->x_high, figure->panels);
  gp_figure_reals(figure, "x_step", axes->x_step, figure->panels);
  gp_text_add(&figure->head, "x_log = %d\ny_log = %d\n", axes->x_log, axes->y_log);
  gp_figure_real(figure, "y_low", axes->y_log ? pow(10, low) : low);
  gp_figure_real(figure, "y_high", axes->y_log ? pow(10, high) : high);
  gp_ticks ticks = {.count = 0};
  gp_ticks_choose(&ticks, axes->y_log, low, high);
  gp_ticks_write(figure, "y", &ticks);
  gp_ticks_free(&ticks);
  write_minor(figure, "y", axes->y_log, pow(10, low), pow(10, high), 0);
  write_minor(figure, "x", axes->x_log, axes->x_low[0], axes->x_high[0], axes->x_shift);
  gp_text_add(&figure->head, "x_ticks = %zu\n", axes->ticks);
  gp_figure_reals(figure, "x_tick_at", axes->tick_at, axes->ticks);
  gp_figure_texts(figure, "x_tick_text", axes->tick_text, axes->ticks);
  gp_figure_text(figure, "x_title", axes->x_title);
  gp_figure_text(figure, "y_title", axes->y_title);
  gp_text_add(&figure->head, "guides = %zu\n", axes->guides);
  gp_figure_reals(figure, "guide_at", axes->guide_at, axes->guides);
  gp_figure_texts(figure, "guide_text", axes->guide_text, axes->guides);
}

/* ---- x ---- */

/* 0, (1,) 10, 100 ... at step + 1. */
static size_t step_ticks(double last, double *tick, const char **text, size_t room) {
  static const char *const words[] = {"0",    "1",    "10",   "100",  "1000", "10^4",
                                      "10^5", "10^6", "10^7", "10^8", "10^9"};
  size_t count = 0;
  tick[count] = 1, text[count++] = words[0];
  size_t power = last < 50 ? 0 : 1; /* on a long axis 1 would stand too close to 0 */
  for (double step = pow(10, (double)power);
       step <= last && count < room && power + 1 < sizeof words / sizeof *words; step *= 10, power++)
    tick[count] = step + 1, text[count++] = words[power + 1];
  return count;
}

bool gp_axis_is_geometric(const gp_axis *axis) {
  if (!axis->numeric || axis->count < 3 || !(axis->levels[0].number > 0)) return false;
  const gp_level *l = axis->levels, *end = axis->levels + axis->count - 1;
  return fabs(log(l[1].number / l[0].number) / log(end[0].number / end[-1].number) - 1) < 0.2;
}

/* Ticks at some of the levels, by number or, for words, by place. */
static size_t level_ticks(const gp_axis *axis, double *tick, const char **text, size_t room) {
  size_t pick[GP_TICKS_MAX],
      count = gp_levels_pick(pick, axis->count, room < GP_TICKS_MAX ? room : GP_TICKS_MAX);
  for (size_t i = 0; i < count; i++) {
    tick[i] = axis->numeric ? axis->levels[pick[i]].number : (double)pick[i] + 1;
    text[i] = axis->levels[pick[i]].label;
  }
  return count;
}

static gp_x_axis linear_axis(const gp_axis *axis) {
  double first = axis->levels[0].number, last = axis->levels[axis->count - 1].number, span = last - first;
  bool counts = axis->inner || strcmp(axis->name, "depth") == 0; /* layers are counted from 1 */
  double low = counts ? last > 1 : first - 0.03 * span, step = gp_linear_step(fmax(last - low, 1e-300), 5);
  return (gp_x_axis){.low = low, .high = last + 0.04 * (last - low), .step = counts ? fmax(step, 1) : step};
}

gp_x_axis gp_x_axis_of(const gp_axis *axis, double *tick, const char **text, size_t room) {
  enum { LEVELS = 6 };
  double first = axis->levels[0].number, last = axis->levels[axis->count - 1].number;
  if (axis->inner && strcmp(axis->name, "step") == 0)
    return (gp_x_axis){0.85, (last + 1) * 1.2, 10, true, step_ticks(last, tick, text, room)};
  if (!axis->numeric)
    return (gp_x_axis){0.5, (double)axis->count + 0.5, 1, false, level_ticks(axis, tick, text, room)};
  if (gp_axis_is_geometric(axis) && last / first > 20) {
    double margin = pow(last / first, 0.04);
    return (gp_x_axis){first / margin, last * margin, 10, true, level_ticks(axis, tick, text, LEVELS)};
  }
  return linear_axis(axis);
}

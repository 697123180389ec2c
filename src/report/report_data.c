/* Axes and groups of a result file. */
#include "report_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart.h"
#include "plot_words.h"
#include "statistics.h"

static void sort_axis(gp_report_data *data, const gp_axis *axis) {
  if (axis->count < 2) return;
  gp_axes *kind = axis->replicate             ? &data->replicates
                  : gp_axis_of_training(axis) ? &data->training
                                              : &data->network;
  if (kind->count < GP_REPORT_AXES) kind->items[kind->count++] = axis;
  if (kind == &data->network && axis->numeric && strcmp(axis->name, "depth") == 0) data->depth = axis;
}

gp_status gp_report_data_open(gp_report_data *out, const char *path) {
  *out = (gp_report_data){.path = path};
  GP_TRY(gp_table_open(&out->table, path));
  GP_TRY(gp_frame_make(&out->frame, out->table, &out->request));
  for (size_t a = 0; a < out->frame.axis_count; a++) sort_axis(out, &out->frame.axes[a]);
  for (size_t r = 0; r < out->frame.runs; r++) out->finished += out->frame.done[r];
  out->values = calloc(out->frame.runs + 1, sizeof *out->values);
  return out->values != NULL ? GP_OK : gp_fail(GP_ERR_MEMORY, "no memory for the runs of %s", path);
}

void gp_report_data_close(gp_report_data *data) {
  free(data->values);
  gp_frame_free(&data->frame);
  gp_table_close(data->table);
  *data = (gp_report_data){0};
}

static int compare_levels(const gp_axes *axes, size_t a, size_t b) {
  for (size_t i = 0; i < axes->count; i++) {
    size_t x = axes->items[i]->level_of[a], y = axes->items[i]->level_of[b];
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

static int by_levels(const void *a, const void *b, void *axes) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  int order = compare_levels(axes, x, y);
  return order != 0 ? order : (x > y) - (x < y);
}

gp_status gp_run_groups_make(gp_run_groups *out, const gp_report_data *data, const gp_axes *axes) {
  *out = (gp_run_groups){.runs = calloc(data->finished + 1, sizeof *out->runs),
                         .items = calloc(data->finished + 1, sizeof *out->items)};
  if (out->runs == NULL || out->items == NULL) {
    gp_run_groups_free(out);
    return gp_fail(GP_ERR_MEMORY, "no memory to sort the runs");
  }
  gp_axes by = *axes;
  size_t runs = 0;
  for (size_t r = 0; r < data->frame.runs; r++)
    if (data->frame.done[r]) out->runs[runs++] = r;
  qsort_r(out->runs, runs, sizeof *out->runs, by_levels, &by);
  for (size_t r = 0; r < runs; r++) {
    if (r == 0 || compare_levels(axes, out->runs[r - 1], out->runs[r]) != 0)
      out->items[out->count++].runs = out->runs + r;
    out->items[out->count - 1].count++;
  }
  return GP_OK;
}

void gp_run_groups_free(gp_run_groups *groups) {
  free(groups->items);
  free(groups->runs);
  *groups = (gp_run_groups){0};
}

gp_axes gp_axes_without(const gp_axes *from, const gp_axis *axis) {
  gp_axes kept = {.count = 0};
  for (size_t i = 0; i < from->count; i++)
    if (from->items[i] != axis) kept.items[kept.count++] = from->items[i];
  return kept;
}

size_t gp_run_group_networks(const gp_report_data *data, const gp_run_group *group, size_t *out) {
  size_t count = 0;
  for (size_t i = 0; i < group->count; i++)
    if (compare_levels(&data->training, group->runs[0], group->runs[i]) == 0) out[count++] = group->runs[i];
  return count;
}

double gp_runs_median(const gp_report_data *data, const size_t *runs, size_t count, const char *column) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    double value = gp_frame_real(&data->frame, column, runs[i]);
    if (!isnan(value)) data->values[found++] = value;
  }
  return found > 0 ? gp_quantile(data->values, found, 0.5) : (double)NAN;
}

size_t gp_runs_with(const gp_report_data *data, const size_t *runs, size_t count, const char *verdict) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) found += gp_run_is(&data->frame, runs[i], verdict);
  return found;
}

void gp_say_column(gp_text *out, const char *column) {
  gp_text markup = {0};
  gp_markup_column(&markup, column);
  gp_plain_markup(out, markup.data != NULL ? markup.data : column);
  out->failed |= markup.failed;
  gp_text_free(&markup);
}

void gp_say_axis_level(gp_text *out, const gp_axis *axis, size_t level) {
  const char *label = axis->levels[level].label; /* of an empty word there is none */
  gp_plain_markup(out, label != NULL ? label : "");
}

/* Words that mean nothing without their column. */
static bool needs_column(const gp_axis *axis, const gp_level *level) {
  static const char *const bare[] = {"true", "false", "none", "auto"};
  for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
    if (strcmp(level->word, bare[i]) == 0) return true;
  return axis->numeric || level->absent;
}

void gp_say_run(gp_text *out, const gp_axes *axes, size_t run) {
  for (size_t i = 0; i < axes->count; i++) {
    const gp_axis *axis = axes->items[i];
    size_t level = axis->level_of[run];
    gp_text_add(out, i > 0 ? ", " : "%s", "");
    if (needs_column(axis, &axis->levels[level])) {
      if (strcmp(axis->name, "depth") == 0) /* without the axis title's explanation */
        gp_text_add(out, "depth");
      else
        gp_say_column(out, axis->name);
      gp_text_add(out, " ");
    }
    gp_say_axis_level(out, axis, level);
  }
}

void gp_say_decades(gp_text *out, double decades) {
  if (isnan(decades))
    gp_text_add(out, "not defined");
  else if (fabs(decades) < 300)
    gp_text_add(out, "%.2g", pow(10, decades));
  else
    gp_text_add(out, "1e%+.0f", decades);
}

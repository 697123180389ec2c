/* Findings: sentences with numbers, each computed from the file. A file that cannot fill one has one fewer. */
#include "sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_words.h"

enum { SENTENCES = 12 };

/* "840 runs: 312 healthy, 200 vanishing, 5 not finished." */
static void say_outcome(gp_document *out, const gp_report_data *data, const gp_run_group *all) {
  int variable = gp_table_find(data->table, "verdict");
  const char *const *words =
      variable >= 0 ? gp_table_schema(data->table)->variables[variable].meanings : NULL;
  gp_text text = {0};
  gp_text_add(&text, "%zu of %zu runs trained", gp_runs_with(data, all->runs, all->count, "healthy"),
              all->count);
  const char *separator = "; the others: ";
  for (; words != NULL && *words != NULL; words++) {
    size_t count = strcmp(*words, "healthy") == 0 ? 0 : gp_runs_with(data, all->runs, all->count, *words);
    if (count == 0) continue;
    gp_text_add(&text, "%s%zu %s", separator, count, *words);
    separator = ", ";
  }
  if (data->finished < data->frame.runs)
    gp_text_add(&text, "; %zu more have no result", data->frame.runs - data->finished);
  if (!text.failed) gp_document_item(out, "%s.", text.data);
  out->failed |= text.failed;
  gp_text_free(&text);
}

/* "sigmoid, depth 20: the gradient at layer 1 is 5.2e-13 of layer 20's; theory 2.9e-13; 0 of 35 runs trained." */
static void say_reach(gp_document *out, const gp_report_data *data, const gp_run_group *group) {
  double span = gp_runs_median(data, group->runs, group->count, "gradient_span");
  double theory = gp_runs_median(data, group->runs, group->count, "predicted_gradient_span_typical");
  double depth = gp_frame_real(&data->frame, "depth", group->runs[0]);
  gp_text text = {0};
  if (isnan(span) && data->network.count == 0) return; /* all runs, which have been counted */
  gp_say_run(&text, &data->network, group->runs[0]);
  gp_text_add(&text, "%s", text.length > 0 ? ": " : "");
  if (!isnan(span)) {
    gp_text_add(&text, "the gradient at layer 1 is ");
    gp_say_decades(&text, span);
    gp_text_add(&text, " of layer %.0f's; ", depth);
    if (!isnan(theory)) {
      gp_text_add(&text, "theory ");
      gp_say_decades(&text, theory);
      gp_text_add(&text, "; ");
    }
  }
  gp_text_add(&text, "%zu of %zu runs trained.", gp_runs_with(data, group->runs, group->count, "healthy"),
              group->count);
  if (!text.failed) gp_document_item(out, "%s", text.data);
  out->failed |= text.failed;
  gp_text_free(&text);
}

/* The runs of a group whose networks are its deepest ones; all of it where depth is no axis. */
static size_t deepest_of(const gp_report_data *data, const gp_run_group *group, size_t *out) {
  const size_t *level = data->depth != NULL ? data->depth->level_of : NULL;
  size_t most = 0, count = 0;
  for (size_t i = 0; i < group->count && level != NULL; i++)
    if (level[group->runs[i]] > most) most = level[group->runs[i]];
  for (size_t i = 0; i < group->count; i++)
    if (level == NULL || level[group->runs[i]] == most) out[count++] = group->runs[i];
  return count;
}

/* One sentence for each combination of the other axes. */
static gp_status say_reaches(gp_document *out, const gp_report_data *data) {
  gp_axes others = gp_axes_without(&data->network, data->depth);
  gp_run_groups groups;
  size_t *runs = calloc(data->finished + 1, sizeof *runs);
  if (runs == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the findings");
  gp_status status = gp_run_groups_make(&groups, data, &others);
  for (size_t g = 0; g < groups.count && g < SENTENCES; g++)
    say_reach(out, data, &(gp_run_group){runs, deepest_of(data, &groups.items[g], runs)});
  if (groups.count > SENTENCES)
    gp_document_item(out, "%zu more networks are in the tables below.", groups.count - SENTENCES);
  gp_run_groups_free(&groups);
  free(runs);
  return status;
}

/* How deep a network of one combination may be: counts of the deepest depth that trained, and of the deeper ones. */
static void say_depth(gp_document *out, const gp_report_data *data, const gp_axes *others,
                      const gp_run_group *group) {
  size_t deepest = 0, trained = 0, deeper = 0, first = SIZE_MAX, end = 0;
  const size_t *level = data->depth->level_of;
  for (size_t i = 0; i < group->count; i++) {
    bool healthy = gp_runs_with(data, &group->runs[i], 1, "healthy") > 0;
    trained += healthy;
    if (healthy && level[group->runs[i]] > deepest) deepest = level[group->runs[i]];
    if (level[group->runs[i]] > end) end = level[group->runs[i]];
  }
  for (size_t i = 0; i < group->count; i++) {
    if (level[group->runs[i]] <= deepest) continue;
    deeper++;
    if (level[group->runs[i]] < first) first = level[group->runs[i]];
  }
  const gp_level *levels = data->depth->levels;
  gp_text text = {0};
  gp_say_run(&text, others, group->runs[0]);
  gp_text_add(&text, "%s", text.length > 0 ? ": " : "");
  if (trained == 0)
    gp_text_add(&text, "none of %zu runs trained at any depth.", group->count);
  else if (deeper == 0)
    gp_text_add(&text, "at the largest depth, %g, some runs still trained.", levels[end].number);
  else
    gp_text_add(
        &text,
        "depth %g is the largest at which a run trained; of the %zu runs at depth %g and more none did.",
        levels[deepest].number, deeper, levels[first].number);
  if (others->count == 0) gp_text_capital(&text, 0);
  if (!text.failed) gp_document_item(out, "%s", text.data);
  out->failed |= text.failed;
  gp_text_free(&text);
}

static gp_status say_depths(gp_document *out, const gp_report_data *data) {
  gp_axes others = gp_axes_without(&data->network, data->depth);
  gp_run_groups groups;
  if (data->depth == NULL) return GP_OK;
  GP_TRY(gp_run_groups_make(&groups, data, &others));
  for (size_t g = 0; g < groups.count && g < SENTENCES; g++) say_depth(out, data, &others, &groups.items[g]);
  gp_run_groups_free(&groups);
  return GP_OK;
}

static double share_trained(const gp_report_data *data, const gp_run_group *group) {
  return (double)gp_runs_with(data, group->runs, group->count, "healthy") / (double)group->count;
}

/* "learning rate: most runs trained at 0.1 (80 of 120), fewest at 10 (0 of 120)." */
static gp_status say_best(gp_document *out, const gp_report_data *data, const gp_axis *axis) {
  gp_axes one = {.items = {axis}, .count = 1};
  gp_run_groups groups;
  gp_text text = {0};
  size_t best = 0, worst = 0;
  GP_TRY(gp_run_groups_make(&groups, data, &one));
  for (size_t g = 1; g < groups.count; g++) {
    if (share_trained(data, &groups.items[g]) > share_trained(data, &groups.items[best])) best = g;
    if (share_trained(data, &groups.items[g]) < share_trained(data, &groups.items[worst])) worst = g;
  }
  if (best != worst) {
    const size_t ends[] = {best, worst};
    gp_say_column(&text, axis->name);
    for (int e = 0; e < 2; e++) {
      const gp_run_group *group = &groups.items[ends[e]];
      gp_text_add(&text, e == 0 ? ": most runs trained at %s" : ", fewest at %s", "");
      gp_say_axis_level(&text, axis, axis->level_of[group->runs[0]]);
      gp_text_add(&text, " (%zu of %zu)", gp_runs_with(data, group->runs, group->count, "healthy"),
                  group->count);
    }
    gp_text_capital(&text, 0);
    if (!text.failed) gp_document_item(out, "%s.", text.data);
  }
  out->failed |= text.failed;
  gp_text_free(&text);
  gp_run_groups_free(&groups);
  return GP_OK;
}

/* The run of the lowest final loss. */
static void say_lowest(gp_document *out, const gp_report_data *data, const gp_run_group *all) {
  size_t lowest = SIZE_MAX;
  double least = (double)INFINITY;
  for (size_t i = 0; i < all->count; i++) {
    double loss = gp_frame_real(&data->frame, "final_loss", all->runs[i]);
    if (loss < least) least = loss, lowest = all->runs[i];
  }
  if (lowest == SIZE_MAX) return;
  const gp_axes *const kinds[] = {&data->network, &data->training, &data->replicates};
  gp_text text = {0};
  for (size_t k = 0; k < 3; k++) {
    if (kinds[k]->count == 0) continue;
    gp_text_add(&text, "%s", text.length > 0 ? ", " : ": ");
    gp_say_run(&text, kinds[k], lowest);
  }
  gp_document_item(out, "The lowest final loss, %.3g, is that of run %zu%s.", least, lowest,
                   text.data != NULL ? text.data : "");
  out->failed |= text.failed;
  gp_text_free(&text);
}

/* Settings of which some seeds trained and others did not. */
static gp_status say_seeds(gp_document *out, const gp_report_data *data) {
  gp_axes settings = data->network;
  gp_run_groups groups;
  size_t mixed = 0;
  if (data->replicates.count == 0) return GP_OK;
  for (size_t i = 0; i < data->training.count && settings.count < GP_REPORT_AXES; i++)
    settings.items[settings.count++] = data->training.items[i];
  GP_TRY(gp_run_groups_make(&groups, data, &settings));
  for (size_t g = 0; g < groups.count; g++) {
    size_t trained = gp_runs_with(data, groups.items[g].runs, groups.items[g].count, "healthy");
    mixed += trained > 0 && trained < groups.items[g].count;
  }
  gp_document_item(out, "In %zu of %zu settings the seed alone decided whether a run trained.", mixed,
                   groups.count);
  gp_run_groups_free(&groups);
  return GP_OK;
}

static gp_status say_theory(gp_document *out, const gp_report_data *data) {
  gp_run_groups groups;
  gp_status status;
  size_t compared = 0, within = 0;
  double largest = 0;
  GP_TRY(gp_run_groups_make(&groups, data, &data->network));
  for (size_t g = 0; g < groups.count; g++) {
    gp_misfit r;
    GP_TRY_DONE(gp_misfit_of(&r, data, &groups.items[g]));
    if (!isfinite(r.residual)) continue;
    compared++;
    within += fabs(r.residual) <= 3;
    largest = fmax(largest, fabs(r.residual));
  }
  if (compared > 0)
    gp_document_item(
        out,
        "Theory: the factor by which the gradient changes per layer lies within three standard errors "
        "of the prediction for %zu of %zu networks; the largest residual is %.2f.",
        within, compared, largest);
  status = GP_OK;
done:
  gp_run_groups_free(&groups);
  return status;
}

gp_status gp_section_findings(gp_document *out, const gp_report_data *data) {
  static const gp_axes none = {.count = 0};
  gp_run_groups all;
  gp_status status;
  gp_document_heading(out, 2, "Findings");
  GP_TRY(gp_run_groups_make(&all, data, &none));
  if (all.count == 0) {
    gp_document_paragraph(out, "No run has finished.");
    gp_run_groups_free(&all);
    return GP_OK;
  }
  say_outcome(out, data, &all.items[0]);
  GP_TRY_DONE(say_reaches(out, data));
  GP_TRY_DONE(say_depths(out, data));
  for (size_t a = 0; a < data->training.count; a++) GP_TRY_DONE(say_best(out, data, data->training.items[a]));
  GP_TRY_DONE(say_seeds(out, data));
  say_lowest(out, data, &all.items[0]);
  GP_TRY_DONE(say_theory(out, data));
done:
  gp_run_groups_free(&all);
  return status;
}

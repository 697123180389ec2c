/* Theory against measurement, network by network. */
#include "sections.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 80 };

gp_status gp_misfit_of(gp_misfit *out, const gp_report_data *data, const gp_run_group *group) {
  size_t *networks = calloc(group->count, sizeof *networks);
  double total = 0;
  *out = (gp_misfit){(double)NAN, (double)NAN, (double)NAN, 0};
  if (networks == NULL) return gp_fail(GP_ERR_MEMORY, "no memory to compare with theory");
  size_t count = gp_run_group_networks(data, group, networks);
  for (size_t i = 0; i < count; i++) {
    double factor = log(gp_frame_real(&data->frame, "gradient_factor", networks[i]));
    if (!isfinite(factor)) continue;
    total += factor;
    out->networks++;
  }
  free(networks);
  double mean = out->networks > 0 ? total / (double)out->networks : (double)NAN;
  double deviation = gp_frame_real(&data->frame, "predicted_gradient_factor_sd", group->runs[0]);
  out->predicted = gp_frame_real(&data->frame, "predicted_gradient_factor_typical", group->runs[0]);
  out->factor = exp(mean);
  out->residual = (mean - log(out->predicted)) / (deviation / sqrt((double)out->networks));
  return GP_OK;
}

static void add_number(gp_document *out, int digits, double value) {
  if (isnan(value))
    gp_document_cell(out, "–");
  else
    gp_document_cell(out, "%.*f", digits, value);
}

static void add_ratio(gp_document *out, double decades) {
  gp_text text = {0};
  if (isnan(decades))
    gp_text_add(&text, "–");
  else
    gp_say_decades(&text, decades);
  gp_document_cell(out, "%s", text.data != NULL ? text.data : "");
  out->failed |= text.failed;
  gp_text_free(&text);
}

static gp_status add_row(gp_document *out, const gp_report_data *data, const gp_run_group *group) {
  gp_misfit r;
  gp_text name = {0};
  GP_TRY(gp_misfit_of(&r, data, group));
  if (isnan(r.factor) && isnan(r.predicted)) return GP_OK;
  gp_say_run(&name, &data->network, group->runs[0]);
  gp_document_cell(out, "%s", name.length > 0 ? name.data : "all runs");
  out->failed |= name.failed;
  gp_text_free(&name);
  gp_document_cell(out, "%zu", r.networks);
  add_number(out, 4, r.factor);
  add_number(out, 4, r.predicted);
  add_number(out, 2, r.residual);
  add_ratio(out, gp_runs_median(data, group->runs, group->count, "gradient_span"));
  add_ratio(out, gp_runs_median(data, group->runs, group->count, "predicted_gradient_span_typical"));
  return GP_OK;
}

static void add_columns(gp_document *out) {
  static const char *const heads[] = {"networks", "factor", "theory", "residual", "first to last", "theory"};
  gp_document_column(out, false, "network");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) gp_document_column(out, true, "%s", heads[i]);
}

/* Whether any group has something to compare. */
static gp_status any_prediction(bool *out, const gp_report_data *data, const gp_run_groups *groups) {
  *out = false;
  for (size_t g = 0; g < groups->count && !*out; g++) {
    gp_misfit r;
    GP_TRY(gp_misfit_of(&r, data, &groups->items[g]));
    *out = !isnan(r.factor) && !isnan(r.predicted);
  }
  return GP_OK;
}

static gp_status add_table(gp_document *out, const gp_report_data *data, const gp_run_groups *groups) {
  gp_document_heading(out, 2, "Theory against measurement");
  gp_document_paragraph(
      out, "At step 0, of delta_rms, the root mean square over examples and units of dC/dz. Factor: what one "
           "layer "
           "further back changes it by, the geometric mean over networks; theory: what mean field with its "
           "finite-width "
           "corrections expects of a typical network; residual: their difference in standard errors, the "
           "spread between "
           "networks being theory's own. First to last: the first hidden layer's delta over the last one's.");
  gp_document_table(out, "%s", "");
  add_columns(out);
  for (size_t g = 0; g < groups->count && g < ROWS; g++) GP_TRY(add_row(out, data, &groups->items[g]));
  if (groups->count > ROWS) gp_document_paragraph(out, "The first %d of %zu networks.", ROWS, groups->count);
  return GP_OK;
}

gp_status gp_section_theory(gp_document *out, const gp_report_data *data) {
  gp_run_groups groups;
  bool any = false;
  GP_TRY(gp_run_groups_make(&groups, data, &data->network));
  gp_status status = any_prediction(&any, data, &groups);
  if (status == GP_OK && any) status = add_table(out, data, &groups);
  gp_run_groups_free(&groups);
  return status;
}

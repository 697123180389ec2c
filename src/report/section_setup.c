/* The set-up table. */
#include "sections.h"

#include <math.h>
#include <string.h>

#include "plot_words.h"

enum { SHOWN = 12 };

/* "1, 2, 3, 5", or of a long axis its ends: "0.001 to 10, 65 values". */
static void say_levels(gp_text *out, const gp_axis *axis) {
  if (axis->count <= SHOWN || !axis->numeric) {
    for (size_t i = 0; i < axis->count && i < SHOWN; i++) {
      gp_text_add(out, "%s", i > 0 ? ", " : "");
      gp_say_axis_level(out, axis, i);
    }
    if (axis->count > SHOWN) gp_text_add(out, " and %zu more", axis->count - SHOWN);
    return;
  }
  gp_say_axis_level(out, axis, 0);
  gp_text_add(out, " to ");
  gp_say_axis_level(out, axis, axis->count - 1);
  gp_text_add(out, ", %zu values", axis->count);
}

/* Adds the text as a cell and begins it anew. */
static void add_text(gp_document *out, gp_text *text) {
  gp_document_cell(out, "%s", text->data != NULL ? text->data : "");
  out->failed |= text->failed;
  gp_text_free(text);
}

static void add_axis(gp_document *out, const gp_axis *axis) {
  gp_text text = {0};
  gp_say_column(&text, axis->name);
  add_text(out, &text);
  say_levels(&text, axis);
  add_text(out, &text);
  gp_document_cell(out, "%s", axis->replicate ? "replicates" : axis->count > 1 ? "swept" : "given");
}

/* Parameters stand between run_id and the predictions; the words for "has no such setting" are left out. */
static bool is_held(const gp_report_data *data, const gp_variable *variable, gp_text *value) {
  static const char *const nothing[] = {"", "nan", "NaN", "none", "-1", "−1"};
  if (variable->shape != GP_PER_RUN || strcmp(variable->name, "run_id") == 0 ||
      gp_frame_axis(&data->frame, variable->name) != NULL)
    return false;
  gp_text markup = {0};
  bool constant = gp_frame_constant(&data->frame, variable->name, &markup);
  constant = constant && markup.data != NULL;
  if (constant) gp_plain_markup(value, markup.data);
  value->failed |= markup.failed;
  gp_text_free(&markup);
  for (size_t i = 0; constant && i < sizeof nothing / sizeof *nothing; i++)
    constant = value->data != NULL && strcmp(value->data, nothing[i]) != 0;
  return constant;
}

/* "data spirals; samples 512; ...": one row, since there are many and a reader looks for one of them. */
static void add_held(gp_document *out, const gp_report_data *data) {
  const gp_schema *schema = gp_table_schema(data->table);
  gp_text text = {0};
  for (size_t v = 0; v < schema->count && strncmp(schema->variables[v].name, "predicted_", 10) != 0; v++) {
    gp_text value = {0};
    if (is_held(data, &schema->variables[v], &value)) {
      gp_text_add(&text, "%s", text.length > 0 ? "; " : "");
      gp_say_column(&text, schema->variables[v].name);
      gp_text_add(&text, " %s", value.data);
    }
    text.failed |= value.failed;
    gp_text_free(&value);
  }
  if (text.length == 0 && !text.failed) return;
  gp_document_cell(out, "everything else");
  add_text(out, &text);
  gp_document_cell(out, "held");
}

gp_status gp_section_setup(gp_document *out, const gp_report_data *data) {
  gp_document_heading(out, 2, "Set-up");
  gp_document_table(out, "%zu runs: every combination of the values that are swept", data->frame.runs);
  gp_document_column(out, false, "setting");
  gp_document_column(out, false, "values");
  gp_document_column(out, false, "role");
  for (size_t a = 0; a < data->frame.axis_count; a++) add_axis(out, &data->frame.axes[a]);
  add_held(out, data);
  return gp_document_check(out);
}

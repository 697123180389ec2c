/* Loading a plan: file, overrides, binding, grid, rows, columns; see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "override.h"
#include "plan_state.h"
#include "run.h"

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the plan");
}

static const char override_mark[] = "# override: ";

/* What the file's attribute `config` holds: the configuration as given, then the overrides as comments. People read it,
 * and gp_plan_load_text takes it apart again. */
static gp_status keep_text(gp_plan *plan, const char *const *overrides, size_t count) {
  gp_text_add_bytes(&plan->text, plan->file.data != NULL ? plan->file.data : "", plan->file.length);
  bool ends = plan->text.length == 0 || plan->text.data[plan->text.length - 1] == '\n';
  if (count > 0 && !ends) gp_text_add(&plan->text, "\n");
  for (size_t i = 0; i < count; i++) gp_text_add(&plan->text, "%s%s\n", override_mark, overrides[i]);
  return plan->text.failed ? no_memory() : GP_OK;
}

/* Parses what `path` and `file` hold. */
static gp_status read_tree(gp_plan *plan, const char *const *overrides, size_t count) {
  gp_config *c = &plan->config;
  size_t taken_count;
  gp_text_add(&plan->file, "%s", ""); /* an empty file has a text too */
  if (plan->file.failed || plan->path.failed) return no_memory();
  c->source = (gp_source){.name = plan->path.data, .text = plan->file.data, .length = plan->file.length};
  GP_TRY(gp_tree_parse(&c->pool, &c->source, &c->root));
  const gp_variable *taken = gp_train_variables(&taken_count);
  GP_TRY(gp_parameters_make(&c->parameters, &c->pool, taken, taken_count));
  for (size_t i = 0; i < count && c->root->kind == GP_NODE_MAP; i++)
    GP_TRY(gp_override_apply(c, overrides[i]));
  return keep_text(plan, overrides, count);
}

/* Every plan has an axis of checkpoints, so that their text has an owner. */
static gp_status default_checkpoints(gp_config *config, const gp_spec *base) {
  const gp_parameter *p = gp_parameter_find(&config->parameters, "record.checkpoints");
  for (size_t a = 0; a < config->axis_count; a++)
    if (config->axes[a].parameter == p) return GP_OK;
  gp_axis *axis;
  gp_text text = {0};
  gp_checkpoint_form *form = gp_pool_take(&config->pool, 1, sizeof *form);
  gp_checkpoints_write(&text, &base->checkpoints);
  char *kept = text.failed ? NULL : gp_pool_text(&config->pool, text.data, text.length);
  gp_text_free(&text);
  if (form == NULL || kept == NULL) return no_memory();
  *form = (gp_checkpoint_form){base->checkpoints, kept};
  GP_TRY(gp_axis_begin(config, p, config->root, &axis));
  return gp_axis_value(axis, &(gp_setting){p, {.checkpoints = form}}, 1);
}

static gp_status make(gp_plan *plan, const char *const *overrides, size_t count) {
  GP_TRY(read_tree(plan, overrides, count));
  GP_TRY(gp_config_bind(&plan->config));
  gp_spec_default(&plan->base);
  GP_TRY(default_checkpoints(&plan->config, &plan->base));
  GP_TRY(gp_grid_make(&plan->grid, &plan->config, &plan->base));
  GP_TRY(gp_plan_visit(plan));
  return gp_plan_columns(plan);
}

static gp_status load(gp_plan *plan, const char *config, const char *const *overrides, size_t count) {
  GP_TRY(gp_config_find(&plan->path, config));
  GP_TRY(gp_config_read(&plan->file, plan->path.data));
  return make(plan, overrides, count);
}

/* Hands the plan out, or frees it. */
static gp_status finish(gp_status status, gp_plan *plan, gp_plan **out) {
  if (status == GP_OK)
    *out = plan;
  else
    gp_plan_free(plan);
  return status;
}

gp_status gp_plan_load(gp_plan **out, const char *config, const char *const *overrides,
                       size_t override_count) {
  gp_plan *plan = calloc(1, sizeof *plan);
  *out = NULL;
  if (plan == NULL) return no_memory();
  return finish(load(plan, config, overrides, override_count), plan, out);
}

/* Where the last line of text[0, length) begins. */
static size_t last_line(const char *text, size_t length) {
  size_t at = length > 0 ? length - 1 : 0;
  while (at > 0 && text[at - 1] != '\n') at--;
  return at;
}

/* How much of the text is the configuration, and how many lines of overrides follow it. */
static size_t split_overrides(const char *text, size_t *count) {
  size_t end = strlen(text);
  for (*count = 0;; ++*count) {
    size_t line = last_line(text, end);
    if (line == end || strncmp(text + line, override_mark, sizeof override_mark - 1) != 0) return end;
    end = line;
  }
}

gp_status gp_plan_load_text(gp_plan **out, const char *name, const char *text) {
  size_t count, end = split_overrides(text, &count);
  gp_plan *plan = calloc(1, sizeof *plan);
  const char **overrides = calloc(count + 1, sizeof *overrides);
  gp_status status = plan == NULL || overrides == NULL ? no_memory() : GP_OK;
  *out = NULL;
  const char *at = text + end;
  for (size_t i = 0; i < count && status == GP_OK; i++, at += strcspn(at, "\n") + 1) {
    const char *value = at + sizeof override_mark - 1;
    overrides[i] = gp_pool_text(&plan->config.pool, value, strcspn(value, "\n"));
    if (overrides[i] == NULL) status = no_memory();
  }
  if (status == GP_OK) {
    gp_text_add(&plan->path, "%s", name);
    gp_text_add_bytes(&plan->file, text, end);
    status = make(plan, overrides, count);
  }
  free(overrides);
  return finish(status, plan, out);
}

void gp_plan_free(gp_plan *plan) {
  if (plan == NULL) return;
  for (size_t i = 0; i < plan->dataset_count; i++) {
    gp_dataset_free(plan->datasets[i]);
    free(plan->datasets[i]);
  }
  free(plan->datasets);
  gp_runmap_free(&plan->dataset_of);
  gp_given_free(&plan->given);
  gp_grid_free(&plan->grid);
  gp_config_free(&plan->config);
  gp_text_free(&plan->path);
  gp_text_free(&plan->file);
  gp_text_free(&plan->text);
  gp_text_free(&plan->axes);
  gp_plan_forget(plan);
  free(plan->swept);
  free(plan->variables);
  free(plan->measured);
  free(plan->checkpoints);
  free(plan);
}

const char *gp_plan_study(const gp_plan *plan) {
  return plan->config.study;
}
const char *gp_plan_question(const gp_plan *plan) {
  return plan->config.question;
}
const char *gp_plan_config_text(const gp_plan *plan) {
  return plan->text.data;
}
const char *gp_plan_config_path(const gp_plan *plan) {
  return plan->path.data;
}
gp_plan_limits gp_plan_limits_of(const gp_plan *plan) {
  return plan->config.limits;
}
size_t gp_plan_runs(const gp_plan *plan) {
  return plan->grid.rows;
}
bool gp_plan_refines(const gp_plan *plan) {
  return plan->grid.refine.on;
}
double gp_plan_full(const gp_plan *plan) {
  return (double)plan->grid.points;
}
size_t gp_plan_axes(const gp_plan *plan) {
  return plan->swept_count;
}
gp_plan_axis gp_plan_axis_at(const gp_plan *plan, size_t axis) {
  return plan->swept[axis];
}
const gp_schema *gp_plan_schema(const gp_plan *plan) {
  return &plan->schema;
}

const char *gp_plan_run_id(const gp_plan *plan, size_t row, char buffer[static 33]) {
  gp_run_key_format(buffer, plan->ids[row]);
  return buffer;
}

gp_status gp_plan_spec(const gp_plan *plan, size_t row, gp_spec *spec) {
  size_t index[GP_AXES_MAX];
  gp_plan_index(plan, row, index);
  gp_plan_given(plan, index, spec);
  GP_TRY(gp_spec_resolve(spec, gp_plan_dataset(plan, row)));
  gp_given_find(&plan->given, spec, gp_plan_dataset(plan, row));
  return GP_OK;
}

gp_status gp_plan_canonical(const gp_plan *plan, size_t row, gp_text *out) {
  gp_spec spec;
  GP_TRY(gp_plan_spec(plan, row, &spec));
  gp_canonical_head(out, &plan->config.parameters, &spec, gp_plan_dataset(plan, row));
  gp_canonical_seed(out, &spec);
  return out->failed ? no_memory() : GP_OK;
}

/* ---- for people ---- */

static void add_setting(gp_text *out, const gp_setting *setting) {
  char buffer[32];
  const gp_parameter *p = setting->parameter;
  const char *text = p->form == GP_FORM_CHECKPOINTS ? setting->value.checkpoints->text
                     : p->option->type == GP_OPTION_CHOICE
                         ? setting->value.item->name
                         : gp_value_text(p->option, &setting->value, buffer);
  gp_text_add(out, "%s%s=%s", out->length > 0 ? " " : "", p->column, text);
}

/* An option axis is left out where the run's item does not have the option. */
void gp_plan_describe_index(const gp_plan *plan, const size_t *index, gp_text *out) {
  gp_spec spec;
  gp_text text = {0};
  gp_plan_given(plan, index, &spec);
  for (int seeds = 0; seeds < 2; seeds++)
    for (size_t a = 0; a < plan->config.axis_count; a++) {
      const gp_axis *axis = &plan->config.axes[a];
      const void *target;
      if (axis->length < 2 || (strcmp(axis->parameter->path, "seed") == 0) != seeds) continue;
      if (gp_parameter_in(axis->parameter, &spec, &target) == NULL) continue;
      for (size_t s = axis->start[index[a]]; s < axis->start[index[a] + 1]; s++)
        add_setting(&text, &axis->settings[s]);
    }
  if (text.length > 0) gp_text_add_bytes(out, text.data, text.length);
  out->failed |= text.failed;
  gp_text_free(&text);
}

void gp_plan_describe(const gp_plan *plan, size_t row, gp_text *out) {
  size_t index[GP_AXES_MAX];
  gp_plan_index(plan, row, index);
  gp_plan_describe_index(plan, index, out);
}

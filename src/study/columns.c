/* What a plan puts into the result file: columns, their cells, the attributes of the root. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "plan_state.h"
#include "predict.h"
#include "run.h"
#include "text.h"

static const char *const bool_words[] = {"false", "true", NULL};
static const char *const item_bool_words[] = {"false", "true", "none", NULL};
enum { DOES_NOT_APPLY = 2 };

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the plan");
}

/* ---- variables ---- */

/* The row that describes an option's column, of the items that were shown so far. */
typedef struct described {
  const gp_option *row;
  bool differs;
} described;

static void describe_by(described *d, const gp_item *item, const char *key) {
  const gp_option *o = gp_option_find(item->options, key);
  if (o == NULL) return;
  d->differs |= d->row != NULL && strcmp(d->row->summary, o->summary) != 0;
  d->row = o;
}

/* Items share the names of options, not what they mean: the runs' own items are asked first, then the family. */
static described described_by(const gp_plan *plan, const gp_parameter *p) {
  described d = {NULL, false};
  bool swept = false;
  for (size_t a = 0; a < plan->config.axis_count; a++) {
    const gp_axis *axis = &plan->config.axes[a];
    if (axis->parameter->choice != NULL || axis->parameter->option != p->choice) continue;
    swept = true;
    for (size_t s = 0; s < axis->setting_count; s++)
      if (axis->settings[s].parameter == axis->parameter)
        describe_by(&d, axis->settings[s].value.item, p->key);
  }
  const gp_choice *preset = gp_option_value(p->choice, &plan->base);
  if (!swept) describe_by(&d, preset->item, p->key);
  bool unused = d.row == NULL;
  for (const gp_item *const *i = p->choice->family->items; *i != NULL && unused; i++)
    describe_by(&d, *i, p->key);
  return d;
}

static gp_status option_text(gp_plan *plan, const gp_parameter *p, const char **out) {
  described d = described_by(plan, p);
  *out = d.row != NULL ? d.row->summary : p->option->summary;
  if (!d.differs) return GP_OK;
  gp_text text = {0};
  gp_text_add(&text, "option %s of %s", p->key, p->choice->name);
  *out = text.failed ? NULL : gp_pool_text(&plan->config.pool, text.data, text.length);
  gp_text_free(&text);
  return *out != NULL ? GP_OK : no_memory();
}

static gp_status make_variable(gp_plan *plan, const gp_parameter *p, gp_variable *out) {
  static const gp_type types[] = {
      [GP_OPTION_REAL] = GP_F64,  [GP_OPTION_INT] = GP_I64,     [GP_OPTION_BOOL] = GP_STATE,
      [GP_OPTION_WORD] = GP_TEXT, [GP_OPTION_STRING] = GP_TEXT, [GP_OPTION_CHOICE] = GP_TEXT};
  const gp_option *o = p->option;
  bool may_lack = p->choice != NULL || p->form == GP_FORM_HIDDEN || (o->flags & GP_AUTO) != 0;
  *out = (gp_variable){.name = p->column,
                       .long_name = o->summary,
                       .units = o->units,
                       .shape = GP_PER_RUN,
                       .type = o->flags & GP_UNSIGNED ? GP_U64 : types[o->type]};
  if (out->type == GP_STATE) out->meanings = p->choice != NULL ? item_bool_words : bool_words;
  if (out->type == GP_I64 && may_lack) out->note = "-1: auto (full, of batch), or does not apply to the run";
  return p->choice != NULL ? option_text(plan, p, &out->long_name) : GP_OK;
}

/* Whether some run selects a measurement. `probes` may be an axis. */
static bool some_run_measures(const gp_plan *plan, size_t variable) {
  bool axis = false;
  for (size_t a = 0; a < plan->config.axis_count; a++) {
    const gp_axis *probes = &plan->config.axes[a];
    if (strcmp(probes->parameter->path, "record.probes") != 0) continue;
    axis = true;
    for (size_t s = 0; s < probes->setting_count; s++)
      if (gp_train_measures(probes->settings[s].value.text, variable)) return true;
  }
  return !axis && gp_train_measures(plan->base.probes, variable);
}

static gp_status make_variables(gp_plan *plan) {
  static const gp_variable run_id = {
      "run_id", "identity: hash of what determines the run's numbers", "1", GP_PER_RUN, GP_TEXT, NULL, NULL};
  const gp_parameters *parameters = &plan->config.parameters;
  size_t measured_count, count = 0;
  const gp_variable *measured = gp_train_variables(&measured_count);
  plan->variables =
      malloc((1 + parameters->count + GP_PREDICTED_COUNT + measured_count) * sizeof *plan->variables);
  plan->measured = malloc(measured_count * sizeof *plan->measured);
  if (plan->variables == NULL || plan->measured == NULL) return no_memory();
  plan->variables[count++] = run_id;
  for (size_t i = 0; i < parameters->count; i++)
    GP_TRY(make_variable(plan, &parameters->items[i], &plan->variables[count++]));
  for (size_t i = 0; i < GP_PREDICTED_COUNT; i++) plan->variables[count++] = gp_predicted_variables[i];
  for (size_t i = 0, kept = 0; i < measured_count; i++) {
    if (!some_run_measures(plan, i)) continue;
    plan->measured[kept++] = i;
    plan->variables[count++] = measured[i];
  }
  plan->schema.variables = plan->variables;
  plan->schema.count = count;
  plan->schema.checkpoints = plan->checkpoints;
  /* A selection that `where` leaves to no run still has its variables. */
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    if (plan->schema.inner[d] == 0) plan->schema.inner[d] = d == GP_BIN ? GP_BINS : 1;
  return GP_OK;
}

/* ---- swept columns ---- */

static bool same_value(const gp_option *o, gp_value a, gp_value b) {
  return o->type == GP_OPTION_CHOICE ? a.item == b.item : gp_value_equal(o, a, b);
}

/* What value `v` of an axis gives a parameter, or NULL. */
static const gp_setting *setting_in(const gp_axis *axis, size_t v, const gp_parameter *p) {
  for (size_t s = axis->start[v]; s < axis->start[v + 1]; s++)
    if (axis->settings[s].parameter == p) return &axis->settings[s];
  return NULL;
}

/* How many different values an axis gives a parameter. Long axes are ranges, whose values all differ. */
static size_t distinct(const gp_axis *axis, const gp_parameter *p) {
  enum { FEW = 2000 };
  if (axis->length > FEW) return axis->length;
  size_t count = 0;
  for (size_t v = 0; v < axis->length; v++) {
    const gp_setting *setting = setting_in(axis, v, p);
    bool is_new = setting != NULL;
    for (size_t u = 0; u < v && is_new; u++) {
      const gp_setting *earlier = setting_in(axis, u, p);
      is_new = earlier == NULL || !same_value(p->option, earlier->value, setting->value);
    }
    count += is_new;
  }
  return count;
}

static void add_swept(gp_plan *plan, const gp_axis *axis, const gp_parameter *p) {
  for (size_t i = 0; i < plan->swept_count; i++)
    if (strcmp(plan->swept[i].name, p->column) == 0) return;
  size_t length = p->form == GP_FORM_PLAIN ? distinct(axis, p) : axis->length;
  if (length > 1 && plan->swept_count < plan->config.parameters.count)
    plan->swept[plan->swept_count++] = (gp_plan_axis){p->column, p->path, length};
}

/* An axis of items whose entries set options varies those columns too: [{name: leaky_relu, slope: [0.1, 0.2]}]. */
static void add_axis(gp_plan *plan, const gp_axis *axis) {
  enum { FEW = 2000 };
  if (axis->length < 2) return;
  add_swept(plan, axis, axis->parameter);
  for (size_t s = 0; s < axis->setting_count && axis->parameter->form != GP_FORM_JOINED && s < FEW; s++)
    add_swept(plan, axis, axis->settings[s].parameter);
}

/* In the order of the configuration, the seed last. */
static gp_status make_swept(gp_plan *plan) {
  const gp_config *config = &plan->config;
  plan->swept = malloc((config->parameters.count + 1) * sizeof *plan->swept);
  if (plan->swept == NULL) return no_memory();
  for (int seeds = 0; seeds < 2; seeds++)
    for (size_t a = 0; a < config->axis_count; a++)
      if ((strcmp(config->axes[a].parameter->path, "seed") == 0) == seeds) add_axis(plan, &config->axes[a]);
  for (size_t i = 0; i < plan->swept_count; i++)
    gp_text_add(&plan->axes, "%s%s", i > 0 ? " " : "", plan->swept[i].name);
  gp_text_add(&plan->axes, "%s", "");
  return plan->axes.failed ? no_memory() : GP_OK;
}

/* The attribute `refined`: the two axes, the points of the finest grid, the first round's step on it. */
static const char *refined_text(gp_plan *plan) {
  const gp_refine_side *sides[] = {&plan->grid.refine.x, &plan->grid.refine.y};
  gp_text text = {0};
  for (size_t i = 0; i < 2; i++)
    gp_text_add(&text, "%s%s %zu %zu", i > 0 ? " " : "", plan->config.axes[sides[i]->axis].parameter->column,
                sides[i]->length, sides[i]->step);
  const char *kept = text.failed ? NULL : gp_pool_text(&plan->config.pool, text.data, text.length);
  gp_text_free(&text);
  return kept;
}

gp_status gp_plan_columns(gp_plan *plan) {
  GP_TRY(make_variables(plan));
  GP_TRY(make_swept(plan));
  const gp_attribute attributes[] = {
      {"title", plan->config.study}, {"question", plan->config.question},      {"config", plan->text.data},
      {"axes", plan->axes.data},     {"gradpath_version", gp_build_version()}, {"layout_version", "1"}};
  memcpy(plan->attributes, attributes, sizeof attributes);
  plan->schema.attributes = plan->attributes;
  plan->schema.attribute_count = sizeof attributes / sizeof attributes[0];
  if (!plan->grid.refine.on) return GP_OK;
  gp_attribute refined = {"refined", refined_text(plan)};
  if (refined.text == NULL) return no_memory();
  plan->attributes[plan->schema.attribute_count++] = refined;
  return GP_OK;
}

/* ---- cells ---- */

/* The value a cell has where a parameter does not apply and a result is not there yet. */
static gp_cell empty_cell(const gp_variable *variable) {
  switch (variable->type) {
  case GP_F64:
    return (gp_cell){.real = (double)NAN};
  case GP_I64:
    return (gp_cell){.integer = -1};
  case GP_U64:
    return (gp_cell){.natural = 0};
  case GP_TEXT:
    return (gp_cell){.text = ""};
  default:
    return (gp_cell){.state = variable->meanings == item_bool_words ? DOES_NOT_APPLY : 0};
  }
}

static gp_cell cell_of(const gp_option *o, const void *field, gp_cell empty) {
  char unused[32];
  switch (o->type) {
  case GP_OPTION_REAL:
    return (gp_cell){.real = *(const double *)field};
  case GP_OPTION_INT: {
    int64_t value = *(const int64_t *)field;
    return value == INT64_MIN ? empty : (gp_cell){.integer = value};
  }
  case GP_OPTION_BOOL:
    return (gp_cell){.state = *(const bool *)field};
  case GP_OPTION_STRING: {
    const char *text = *(const char *const *)field;
    return (gp_cell){.text = text != NULL ? text : ""};
  }
  default:
    return (gp_cell){.text = gp_value_text(o, field, unused)}; /* words and names are never in the buffer */
  }
}

/* The text of the checkpoints belongs to the axis; every plan has one (plan.c adds the default). */
static const char *checkpoints_text(const gp_plan *plan, const size_t *index, const gp_parameter *p) {
  for (size_t a = 0; a < plan->config.axis_count; a++) {
    const gp_axis *axis = &plan->config.axes[a];
    if (axis->parameter == p) return axis->settings[axis->start[index[a]]].value.checkpoints->text;
  }
  return "";
}

size_t gp_plan_parameter_count(const gp_plan *plan) {
  return 1 + plan->config.parameters.count + GP_PREDICTED_COUNT;
}

size_t gp_plan_measured(const gp_plan *plan, size_t v) {
  return plan->measured[v - gp_plan_parameter_count(plan)];
}

gp_status gp_plan_cells(const gp_plan *plan, size_t row, gp_cell *cells) {
  static _Thread_local char run_id[33];
  size_t index[GP_AXES_MAX];
  gp_spec spec;
  gp_plan_index(plan, row, index);
  for (size_t v = 0; v < plan->schema.count; v++) cells[v] = empty_cell(&plan->schema.variables[v]);
  cells[0].text = gp_plan_run_id(plan, row, run_id);
  GP_TRY(gp_plan_spec(plan, row, &spec));
  for (size_t i = 0; i < plan->config.parameters.count; i++) {
    const gp_parameter *p = &plan->config.parameters.items[i];
    const void *target;
    const gp_option *o = gp_parameter_in(p, &spec, &target);
    gp_cell *cell = &cells[1 + i];
    if (p->form == GP_FORM_CHECKPOINTS)
      cell->text = checkpoints_text(plan, index, p);
    else if (o != NULL)
      *cell = cell_of(o, gp_option_value(o, target), *cell);
  }
  double predicted[GP_PREDICTED_CELLS];
  GP_TRY(gp_predict(&spec, gp_plan_dataset(plan, row), predicted, NULL, 0));
  for (size_t i = 0; i < GP_PREDICTED_CELLS; i++)
    cells[1 + plan->config.parameters.count + i].real = predicted[i];
  return GP_OK;
}

gp_status gp_plan_series(const gp_plan *plan, size_t row, size_t layers, double *values,
                         const double **series) {
  double cells[GP_PREDICTED_CELLS];
  gp_spec spec;
  size_t first = 1 + plan->config.parameters.count + GP_PREDICTED_CELLS;
  for (size_t i = 0; i < GP_PREDICTED_SERIES; i++) series[first + i] = values + i * layers;
  GP_TRY(gp_plan_spec(plan, row, &spec));
  return gp_predict(&spec, gp_plan_dataset(plan, row), cells, values, layers);
}

size_t gp_plan_series_count(void) {
  return GP_PREDICTED_SERIES;
}

/* The runs of a file judged again; see judge.h. */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cadence.h"
#include "text.h"

enum { RULES_MAX = 16 };

/* Per-run columns that a verdict needs, beside the thresholds. */
enum column {
  VERDICT,
  CONDITIONS,
  DEPTH,
  STEPS,
  STEPS_DONE,
  DIVERGED_AT,
  FINAL_LOSS,
  BASELINE,
  PROBES,
  CHECKPOINTS
};
enum { COLUMNS = CHECKPOINTS + 1 };
static const char *const column_names[COLUMNS] = {"verdict",    "conditions",  "depth",      "steps",
                                                  "steps_done", "diverged_at", "final_loss", "baseline_loss",
                                                  "probes",     "checkpoints"};

/* Series that a verdict needs; the last three are probes. */
enum series { LOSS, GRADIENT_NORM, DELTA_RMS, DEAD_FRACTION, SATURATED_FRACTION };
enum { SERIES = SATURATED_FRACTION + 1 };
static const char *const series_names[SERIES] = {"loss", "gradient_norm", "delta_rms", "dead_fraction",
                                                 "saturated_fraction"};

struct judge {
  gp_table *table;
  const gp_schema *schema;
  const gp_option *rules;  /* the rows of the configuration's section `verdict` */
  double given[RULES_MAX]; /* NaN: as the run has it */
  int rule_column[RULES_MAX];
  int column[COLUMNS];
  const double *series[SERIES]; /* NULL: not in the file */
  size_t *rows;                 /* of the run in hand: its checkpoints among those of the file */
  int64_t *list;                /* checkpoints given as a list, `capacity` of them at most */
  size_t capacity;
};

/* ---- thresholds ---- */

static const gp_option *verdict_rules(void) {
  const gp_spec_section *section = gp_spec_sections();
  while (strcmp(section->key, "verdict") != 0) section++;
  return section->options;
}

static gp_status unknown_rule(const judge *j, const char *name) {
  const char *names[RULES_MAX];
  size_t count = 0;
  for (; j->rules[count].name != NULL; count++) names[count] = j->rules[count].name;
  return cli_unknown("threshold", name, names, count);
}

/* One "name=value". */
static gp_status set_rule(judge *j, const char *text, size_t length) {
  char name[64], value[64];
  size_t equals = 0;
  while (equals < length && text[equals] != '=') equals++;
  snprintf(name, sizeof name, "%.*s", (int)equals, text);
  snprintf(value, sizeof value, "%.*s", equals < length ? (int)(length - equals - 1) : 0, text + equals + 1);
  if (equals == length || value[0] == '\0')
    return gp_fail(GP_ERR_USAGE, "'%s': a threshold is written name=value, e.g. span=2", name);
  const gp_option *rule = gp_option_find(j->rules, name);
  if (rule == NULL) return unknown_rule(j, name);
  double number;
  if (!gp_text_to_real(value, &number) || !gp_option_in_range(rule, number))
    return gp_fail(GP_ERR_USAGE, "threshold '%s' is a number from %g to %g, not '%s'", name, rule->min,
                   rule->max, value);
  j->given[rule - j->rules] = number;
  return GP_OK;
}

static gp_status set_rules(judge *j, const cli_texts *thresholds) {
  for (size_t i = 0; i < RULES_MAX; i++) j->given[i] = NAN;
  for (size_t i = 0; i < thresholds->count; i++)
    for (const char *at = thresholds->items[i]; *at != '\0'; at += *at == ',') {
      size_t length = strcspn(at, ",");
      GP_TRY(set_rule(j, at, length));
      at += length;
    }
  return GP_OK;
}

/* The thresholds of a run: its own columns, replaced by those that were given. */
static void rules_of(const judge *j, size_t run, gp_spec *spec) {
  for (size_t r = 0; j->rules[r].name != NULL; r++) {
    double *field = gp_option_field(&j->rules[r], spec);
    *field = isnan(j->given[r]) ? gp_table_real(j->table, j->rule_column[r], run) : j->given[r];
  }
}

/* ---- the file ---- */

static gp_status find_column(int *out, const judge *j, const char *name) {
  *out = gp_table_find(j->table, name);
  if (*out >= 0 && j->schema->variables[*out].shape == GP_PER_RUN) return GP_OK;
  return gp_fail(GP_ERR_FILE, "the file has no column '%s' to judge its runs by", name);
}

static gp_status find_columns(judge *j) {
  char name[80];
  for (size_t c = 0; c < COLUMNS; c++) GP_TRY(find_column(&j->column[c], j, column_names[c]));
  for (size_t r = 0; j->rules[r].name != NULL; r++) {
    snprintf(name, sizeof name, "verdict_%s", j->rules[r].name);
    GP_TRY(find_column(&j->rule_column[r], j, name));
  }
  return GP_OK;
}

static gp_status find_series(judge *j) {
  for (size_t s = 0; s < SERIES; s++) {
    int variable = gp_table_find(j->table, series_names[s]);
    gp_shape wanted = s < DELTA_RMS ? GP_PER_CHECKPOINT : GP_PER_LAYER;
    if (variable < 0 || j->schema->variables[variable].shape != wanted) continue;
    GP_TRY(gp_table_series(j->table, variable, &j->series[s]));
  }
  return GP_OK;
}

static const char *text_of(const judge *j, enum column c, size_t run) {
  char unused[32];
  bool text = j->schema->variables[j->column[c]].type == GP_TEXT;
  return text ? gp_table_word(j->table, j->column[c], run, unused) : "";
}

static double real_of(const judge *j, enum column c, size_t run) {
  return gp_table_real(j->table, j->column[c], run);
}

/* A whole number of the file within bounds, whatever it says. */
static int64_t whole_of(const judge *j, enum column c, size_t run, int64_t most) {
  double value = real_of(j, c, run);
  return value >= 0 ? (int64_t)fmin(value, (double)most) : -1;
}

gp_status judge_open(judge **out, gp_table *table, const cli_texts *thresholds) {
  gp_status status;
  judge *j = *out = calloc(1, sizeof *j);
  if (j == NULL) return gp_fail(GP_ERR_MEMORY, "no memory to judge the runs");
  j->table = table;
  j->schema = gp_table_schema(table);
  j->rules = verdict_rules();
  GP_TRY_DONE(set_rules(j, thresholds));
  GP_TRY_DONE(find_columns(j));
  GP_TRY_DONE(find_series(j));
  for (size_t run = 0; run < gp_table_runs(table); run++) {
    size_t length = strlen(text_of(j, CHECKPOINTS, run));
    j->capacity = length > j->capacity ? length : j->capacity;
  }
  j->rows = calloc(j->schema->checkpoint_count + 1, sizeof *j->rows);
  j->list = calloc(j->capacity + 1, sizeof *j->list);
  if (j->rows == NULL || j->list == NULL) status = gp_fail(GP_ERR_MEMORY, "no memory to judge the runs");
done:
  if (status == GP_OK) return GP_OK;
  judge_close(j);
  *out = NULL;
  return status;
}

void judge_close(judge *j) {
  if (j == NULL) return;
  free(j->rows);
  free(j->list);
  free(j);
}

/* ---- one run ---- */

/* The run's checkpoints up to where it ended, as rows of the file, which may hold other runs' and probes' steps between
 * them. */
static size_t find_rows(judge *j, size_t run, const gp_spec *spec) {
  int64_t last = whole_of(j, STEPS_DONE, run, spec->steps);
  size_t count = 0;
  gp_walk walk;
  gp_walk_begin(&walk, spec, &(gp_cadence){.kind = GP_AT_CHECKPOINTS});
  for (size_t c = 0; c < j->schema->checkpoint_count && j->schema->checkpoints[c] <= last; c++) {
    while (walk.step < j->schema->checkpoints[c]) gp_walk_next(&walk);
    if (walk.step == j->schema->checkpoints[c]) j->rows[count++] = c;
  }
  return count;
}

/* Whether everything was stored at the checkpoints. What a selection of probes leaves out, or has at steps of its own, the
 * verdict saw while training, but the file has not. */
static bool has_all(const judge *j, const char *probes) {
  static const int needed[] = {GP_PROBE_DELTA_RMS, GP_PROBE_DEAD_FRACTION, GP_PROBE_SATURATED_FRACTION};
  for (size_t s = 0; s < SERIES; s++)
    if (j->series[s] == NULL) return false;
  for (size_t p = 0; p < sizeof needed / sizeof *needed; p++)
    if (gp_probe_cadence(probes, gp_probe_at(needed[p])).kind != GP_AT_CHECKPOINTS) return false;
  return true;
}

static gp_status spec_of(judge *j, size_t run, gp_spec *spec) {
  gp_spec_default(spec);
  spec->steps = whole_of(j, STEPS, run, 1000000000);
  rules_of(j, run, spec);
  if (gp_checkpoints_read(&spec->checkpoints, text_of(j, CHECKPOINTS, run), j->list, j->capacity))
    return GP_OK;
  return gp_fail(GP_ERR_FILE, "run %zu: '%s' are no checkpoints", run, text_of(j, CHECKPOINTS, run));
}

static gp_status judge_history(judge *j, size_t run, judgement *out) {
  gp_spec spec;
  GP_TRY(spec_of(j, run, &spec));
  size_t stride = j->schema->layer_count, steps = run * j->schema->checkpoint_count, layers = steps * stride;
  gp_history history = {.checkpoints = find_rows(j, run, &spec),
                        .stride = stride,
                        .rows = j->rows,
                        .hidden = (int)whole_of(j, DEPTH, run, stride > 0 ? (int64_t)stride - 1 : 0),
                        .loss = j->series[LOSS] + steps,
                        .gradient_norm = j->series[GRADIENT_NORM] + steps,
                        .delta_rms = j->series[DELTA_RMS] + layers,
                        .dead_fraction = j->series[DEAD_FRACTION] + layers,
                        .saturated_fraction = j->series[SATURATED_FRACTION] + layers,
                        .baseline = real_of(j, BASELINE, run),
                        .final_loss = real_of(j, FINAL_LOSS, run),
                        .non_finite = real_of(j, DIVERGED_AT, run) >= 0};
  out->verdict = gp_verdict_of(&history, &spec.verdict, &out->conditions);
  return GP_OK;
}

gp_status judge_run(judge *j, size_t run, judgement *out) {
  *out =
      (judgement){.known = has_all(j, text_of(j, PROBES, run)),
                  .stored = (enum gp_verdict)gp_table_cell(j->table, j->column[VERDICT], run).state,
                  .stored_conditions = (uint32_t)gp_table_cell(j->table, j->column[CONDITIONS], run).integer};
  if ((int)out->stored < GP_VERDICT_NONE || out->stored > GP_VERDICT_HEALTHY)
    return gp_fail(GP_ERR_FILE, "run %zu has no verdict that this version knows", run);
  return out->known ? judge_history(j, run, out) : GP_OK;
}

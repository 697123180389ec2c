#include "rulebook.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "statistics.h"

#define OUTSIDE(book_, fault_, variable_, low_, high_, hidden_)                                              \
  {                                                                                                          \
    .book = book_, .fault = fault_, .variable = variable_, .kind = GP_RULE_OUTSIDE, .low = low_,             \
    .high = high_, .hidden = hidden_                                                                         \
  }
#define REACHED(book_, fault_, variable_, high_, hidden_)                                                    \
  {                                                                                                          \
    .book = book_, .fault = fault_, .variable = variable_, .kind = GP_RULE_OUTSIDE, .low = -INFINITY,        \
    .high = high_, .reached = true, .hidden = hidden_                                                        \
  }
#define FIRST_LAST(book_, fault_, variable_, low_, high_, below_)                                            \
  {                                                                                                          \
    .book = book_, .fault = fault_, .variable = variable_, .kind = GP_RULE_FIRST_LAST, .low = low_,          \
    .high = high_, .first_below = below_                                                                     \
  }

/* Amazon SageMaker Debugger's built-in rules; Ben Braiek and Khomh 2023 (TheDeepChecker); Zhang et al. 2021 (AUTOTRAINER);
 * DLCheck; Wardat et al. 2022 (DeepDiagnosis). */
static const gp_rule rules[] = {
    OUTSIDE("sagemaker", "vanishing gradient", "gradient_mean_abs", 1e-7, INFINITY, false),
    {.book = "sagemaker",
     .fault = "exploding tensor",
     .variable = "gradient_mean_abs",
     .kind = GP_RULE_OUTSIDE,
     .low = -INFINITY,
     .high = DBL_MAX,
     .diverges = true},
    OUTSIDE("sagemaker", "dead relu", "inactive_fraction", -INFINITY, 0.5, true),
    OUTSIDE("sagemaker", "saturated activation", "flat_input_fraction", -INFINITY, 0.5, true),
    OUTSIDE("sagemaker", "update too small or large", "update_ratio", 1e-8, 10, false),
    OUTSIDE("deepchecker", "vanishing gradient", "gradient_mean_abs", 1e-6, INFINITY, false),
    OUTSIDE("deepchecker", "exploding gradient", "gradient_mean_abs", -INFINITY, 1e6, false),
    OUTSIDE("deepchecker", "dead layer", "quiet_fraction", -INFINITY, 0.5, true),
    OUTSIDE("deepchecker", "update too small or large", "update_ratio", 1e-4, 1e-1, false),
    FIRST_LAST("autotrainer", "vanishing gradient", "weight_gradient_norm", 1e-3, INFINITY, 1e-4),
    FIRST_LAST("autotrainer", "exploding gradient", "weight_gradient_norm", -INFINITY, 70, INFINITY),
    REACHED("autotrainer", "dying relu", "gradient_zero_fraction", 0.7, false),
    OUTSIDE("dlcheck", "vanishing gradient", "weight_gradient_norm", 1e-7, INFINITY, false),
    OUTSIDE("dlcheck", "exploding gradient", "weight_gradient_norm", -INFINITY, 1e6, false),
    OUTSIDE("dlcheck", "dead units", "zero_fraction", -INFINITY, 0.95, true),
    OUTSIDE("dlcheck", "activation out of range", "activation_mean_abs", 0.05, 0.95, true),
    OUTSIDE("deepdiagnosis", "vanishing gradient", "gradient_mean_abs", 1e-7, INFINITY, false),
    REACHED("deepdiagnosis", "dead node", "nonpositive_fraction", 0.7, true),
    OUTSIDE("deepdiagnosis", "saturated activation", "beyond_5_fraction", -INFINITY, 0.5, true),
};
enum { RULES = sizeof rules / sizeof *rules };

/* ---- one run ---- */

typedef struct judge {
  gp_table *table;
  const gp_schema *schema;
  int status, conditions, depth, steps_done, diverged_at;
  int64_t healthy;             /* the condition of a run that trained */
  const double *series[RULES]; /* NULL: not in the file */
  double *breach; /* (runs, RULES): the step at which a run breaks a rule first; NaN: it never does */
  double *lead;   /* one score's leads */
} judge;

/* Missing values (NaN) break nothing: a run that diverged is told by diverged_at. */
static bool broken(const gp_rule *rule, double value) {
  return value < rule->low || value > rule->high || (rule->reached && value == rule->high);
}

/* Weight layers of a run; never more than the file has, whatever it says. */
static size_t layers_of(const judge *j, size_t run) {
  double layers = gp_table_real(j->table, j->depth, run) + 1;
  size_t most = j->schema->layer_count;
  return layers >= 1 && layers < (double)most ? (size_t)layers : most;
}

/* Whether checkpoint c of a run breaks the rule. `layers` is how many weight layers the run has. */
static bool breaks(const judge *j, int r, size_t run, size_t c, size_t layers) {
  const gp_rule *rule = &rules[r];
  const double *at = j->series[r] + (run * j->schema->checkpoint_count + c) * j->schema->layer_count;
  if (rule->kind == GP_RULE_FIRST_LAST)
    return at[0] < rule->first_below && broken(rule, at[0] / at[layers - 1]);
  for (size_t l = 0; l < layers - (rule->hidden && layers > 1); l++)
    if (broken(rule, at[l])) return true;
  return false;
}

static double first_breach(const judge *j, int r, size_t run) {
  double diverged = gp_table_real(j->table, j->diverged_at, run);
  size_t layers = layers_of(j, run);
  for (size_t c = 0; c < j->schema->checkpoint_count && j->series[r] != NULL; c++)
    if (breaks(j, r, run, c, layers)) return (double)j->schema->checkpoints[c];
  return rules[r].diverges && diverged >= 0 ? diverged : (double)NAN;
}

/* ---- a score ---- */

static bool belongs(const gp_rule_score *score, int r) {
  return score->rule != NULL ? score->rule == &rules[r] : strcmp(score->book, rules[r].book) == 0;
}

/* The first accusation by any rule of the score. */
static double first_accusation(const judge *j, const gp_rule_score *score, size_t run) {
  double first = NAN;
  for (int r = 0; r < RULES; r++)
    if (belongs(score, r))
      first = fmin(first, j->breach[run * RULES + (size_t)r]); /* NaN is no number to fmin */
  return first;
}

static bool trained(const judge *j, size_t run) {
  return (gp_table_cell(j->table, j->conditions, run).integer & j->healthy) != 0;
}

static double share(size_t part, size_t whole) {
  return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static void judge_score(const judge *j, gp_rule_score *score) {
  for (int r = 0; r < RULES; r++) score->known = score->known || (belongs(score, r) && j->series[r] != NULL);
  for (size_t run = 0; run < gp_table_runs(j->table); run++) {
    if (gp_table_cell(j->table, j->status, run).state != GP_RUN_DONE) continue;
    bool failed = !trained(j, run);
    double step = first_accusation(j, score, run);
    score->runs++;
    score->failed += failed;
    score->accused += !isnan(step);
    if (!failed || isnan(step)) continue;
    j->lead[score->caught++] = gp_table_real(j->table, j->steps_done, run) - step;
  }
  score->precision = share(score->caught, score->accused);
  score->recall = share(score->caught, score->failed);
  score->lead = score->caught > 0 ? gp_quantile(j->lead, score->caught, 0.5) : (double)NAN;
}

/* ---- the file ---- */

static gp_status find_column(int *out, const gp_table *table, const char *name) {
  *out = gp_table_find(table, name);
  return *out >= 0 ? GP_OK : gp_fail(GP_ERR_FILE, "the file has no column '%s' to judge its runs by", name);
}

/* A variable counts as there when some run has a number in it: probes that nobody asked for are columns of NaN. */
static gp_status find_series(judge *j, int r) {
  int variable = gp_table_find(j->table, rules[r].variable);
  if (variable < 0 || j->schema->variables[variable].shape != GP_PER_LAYER) return GP_OK;
  const double *values;
  size_t count = gp_table_runs(j->table) * j->schema->checkpoint_count * j->schema->layer_count;
  GP_TRY(gp_table_series(j->table, variable, &values));
  for (size_t i = 0; i < count && j->series[r] == NULL; i++)
    if (!isnan(values[i])) j->series[r] = values;
  return GP_OK;
}

/* The bit of the word `healthy`: word k of a set is bit k's (schema.h). */
static gp_status find_healthy(judge *j) {
  const char *const *words = j->schema->variables[j->conditions].meanings;
  for (int k = 0; words != NULL && words[k] != NULL && k < 63; k++)
    if (strcmp(words[k], "healthy") == 0) j->healthy = (int64_t)1 << k;
  return j->healthy != 0 ? GP_OK : gp_fail(GP_ERR_FILE, "the file does not say which condition is 'healthy'");
}

static gp_status judge_open(judge *j, gp_table *table) {
  *j = (judge){.table = table, .schema = gp_table_schema(table)};
  GP_TRY(find_column(&j->status, table, "status"));
  GP_TRY(find_column(&j->conditions, table, "conditions"));
  GP_TRY(find_column(&j->depth, table, "depth"));
  GP_TRY(find_column(&j->steps_done, table, "steps_done"));
  GP_TRY(find_column(&j->diverged_at, table, "diverged_at"));
  GP_TRY(find_healthy(j));
  for (int r = 0; r < RULES; r++) GP_TRY(find_series(j, r));
  size_t runs = gp_table_runs(table);
  j->lead = calloc(runs + 1, sizeof *j->lead);
  j->breach = calloc(runs + 1, RULES * sizeof *j->breach);
  if (j->lead == NULL || j->breach == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu runs", runs);
  for (size_t run = 0; run < runs; run++)
    for (int r = 0; r < RULES; r++) j->breach[run * RULES + (size_t)r] = first_breach(j, r, run);
  return GP_OK;
}

gp_status gp_rulebook_judge(gp_rule_score **out, size_t *count, gp_table *table) {
  judge j;
  gp_status status;
  gp_rule_score *scores = calloc(2 * RULES, sizeof *scores);
  *count = 0;
  if (scores == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the rules");
  GP_TRY_DONE(judge_open(&j, table));
  for (int r = 0; r < RULES; r++)
    if (r == 0 || strcmp(rules[r].book, rules[r - 1].book) != 0) scores[(*count)++].book = rules[r].book;
  for (int r = 0; r < RULES; r++)
    scores[(*count)++] = (gp_rule_score){.book = rules[r].book, .rule = &rules[r]};
  for (size_t s = 0; s < *count; s++) judge_score(&j, &scores[s]);
  *out = scores;
  scores = NULL;
done:
  free(j.breach);
  free(j.lead);
  free(scores);
  return status;
}

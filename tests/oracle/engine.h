/* Running the engine in tests, and looking at its trace by name. */
#ifndef ENGINE_H
#define ENGINE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "spec_text.h"
#include "trainer.h"

/* A trainer on that tier, or NULL when this CPU has not got it. */
static inline gp_trainer *engine_on(const char *tier) {
  gp_trainer *trainer = NULL;
  if (gp_tier_find(tier) != NULL) cr_assert_eq(gp_trainer_create(&trainer, &(gp_train_options){tier}), GP_OK);
  return trainer;
}

/* Trains one spec; the trace lives until the trainer's next run. */
static inline gp_trace engine_run(gp_trainer *trainer, const spec_case *c) {
  gp_trace trace;
  cr_assert_eq(gp_train_prepare(trainer, &c->spec, &c->data), GP_OK, "%s", gp_message());
  cr_assert_eq(gp_train_run(trainer, NULL, &trace), GP_RUN_DONE);
  return trace;
}

/* The number of a variable of the trace. */
static inline size_t engine_variable(const char *name) {
  size_t count, v = 0;
  const gp_variable *variables = gp_train_variables(&count);
  while (v < count && strcmp(variables[v].name, name) != 0) v++;
  cr_assert_lt(v, count, "the engine has no variable '%s'", name);
  return v;
}

static inline const double *engine_series(const gp_trace *trace, const char *name) {
  return trace->series[engine_variable(name)];
}

static inline gp_cell engine_cell(const gp_trace *trace, const char *name) {
  return trace->cells[engine_variable(name)];
}

/* Same bits; one NaN is as good as another. */
static inline bool engine_same(double a, double b) {
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* How many numbers a variable has in the trace, when the run kept it. */
static inline size_t engine_count(const gp_trace *trace, const gp_variable *variable) {
  return gp_shape_steps(variable->shape, trace->checkpoint_count) *
         gp_shape_width(variable->shape, trace->layer_count, trace->inner);
}

/* Value i of variable v, per-run ones as doubles (states and counts are small). */
static inline double engine_value(const gp_trace *trace, const gp_variable *variables, size_t v, size_t i) {
  if (variables[v].shape != GP_PER_RUN) return trace->series[v][i];
  if (variables[v].type == GP_STATE) return trace->cells[v].state;
  return variables[v].type == GP_F64 ? trace->cells[v].real : (double)trace->cells[v].integer;
}

/* The name of the first variable in which two traces differ by a bit, or NULL. */
static inline const char *engine_difference(const gp_trace *a, const gp_trace *b) {
  size_t count;
  const gp_variable *variables = gp_train_variables(&count);
  if (a->checkpoint_count != b->checkpoint_count || a->layer_count != b->layer_count) return "shape";
  for (size_t v = 0; v < count; v++) {
    bool kept = a->series[v] != NULL || variables[v].shape == GP_PER_RUN;
    if ((a->series[v] != NULL) != (b->series[v] != NULL)) return variables[v].name;
    if (engine_count(a, &variables[v]) != engine_count(b, &variables[v])) return variables[v].name;
    for (size_t i = 0; kept && i < engine_count(a, &variables[v]); i++)
      if (!engine_same(engine_value(a, variables, v, i), engine_value(b, variables, v, i)))
        return variables[v].name;
  }
  return NULL;
}

#endif

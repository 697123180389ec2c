/* From a configuration to its runs: axes, expansion, resolved specs, identities, file columns.
 *
 * Specs are made on demand from the row number, so a million-run sweep costs a few bytes per run. Rows are in the
 * canonical order: axes as written in the configuration, the last varies fastest, seed innermost. */
#ifndef GP_PLAN_H
#define GP_PLAN_H

#include "dataset.h"
#include "pack.h"
#include "schema.h"
#include "spec.h"
#include "text.h"

typedef struct gp_plan gp_plan;

typedef struct gp_plan_axis {
  const char *name; /* column: "depth", "learning_rate", "activation_slope" */
  const char *path; /* "model.depth" */
  size_t length;    /* number of values */
} gp_plan_axis;

typedef struct gp_plan_limits {
  double run_seconds, total_seconds; /* 0: none */
} gp_plan_limits;

/* Reads CONFIG (a path, or a name looked up among the installed configs) and the overrides ("depth=2,5,10"),
 * validates everything, loads or generates every data set. GP_ERR_CONFIG messages carry file:line:column, the line,
 * a caret, the legal values and the nearest match; overrides are positioned as "command line: depth=2,5". */
gp_status gp_plan_load(gp_plan **out, const char *config, const char *const *overrides,
                       size_t override_count);
/* The plan of a stored configuration text (the attribute `config` of a result file, what gp_plan_config_text gave): its
 * last lines "# override: ..." are the overrides. `name` stands for the file in messages. Data files are looked for
 * where the configuration said, from the folder the program runs in. Errors as above. */
gp_status gp_plan_load_text(gp_plan **out, const char *name, const char *text);
void gp_plan_free(gp_plan *plan);

const char *gp_plan_study(const gp_plan *plan);    /* the study's name: [A-Za-z0-9_.-]+ */
const char *gp_plan_question(const gp_plan *plan); /* "" when absent */
/* The configuration as given, then one comment line "# override: depth=2,5" for each override. */
const char *gp_plan_config_text(const gp_plan *plan);
const char *gp_plan_config_path(const gp_plan *plan);
gp_plan_limits gp_plan_limits_of(const gp_plan *plan);

size_t gp_plan_runs(const gp_plan *plan);
/* Whether the plan is a map that is refined: it grows by rounds (rounds.h), and begins with the first one's runs. */
bool gp_plan_refines(const gp_plan *plan);
/* Points of the whole grid: what `sweep` chooses from, and the most that a refined map can come to. */
double gp_plan_full(const gp_plan *plan);
size_t gp_plan_axes(const gp_plan *plan);
gp_plan_axis gp_plan_axis_at(const gp_plan *plan, size_t axis);

/* The resolved spec of a row. */
gp_status gp_plan_spec(const gp_plan *plan, size_t row, gp_spec *spec);
/* The data set of a row (shared between rows that describe the same data; owned by the plan). */
const gp_dataset *gp_plan_dataset(const gp_plan *plan, size_t row);
/* The canonical text of a row's spec (what run_id hashes), for `dump`, provenance and people. */
gp_status gp_plan_canonical(const gp_plan *plan, size_t row, gp_text *out);
/* 32 hexadecimal digits. */
const char *gp_plan_run_id(const gp_plan *plan, size_t row, char buffer[static 33]);
/* "activation=relu depth=20 learning_rate=0.1 seed=3": the values of the axes, for people. */
void gp_plan_describe(const gp_plan *plan, size_t row, gp_text *out);

/* Schema of the result file: run_id, the parameter columns, the predicted ones, then those of gp_train_variables() that some run
 * measures: probes on the double twin are left out where no run asks for one. */
const gp_schema *gp_plan_schema(const gp_plan *plan);
/* Number of leading schema variables that the plan fills (run_id, parameters and predictions). */
size_t gp_plan_parameter_count(const gp_plan *plan);
/* Which of gp_train_variables() variable `v` of the schema is; v >= gp_plan_parameter_count(). */
size_t gp_plan_measured(const gp_plan *plan, size_t v);
/* Writes one cell per schema variable: parameters of the row, and pending values for the results. GP_ERR_MEMORY. */
gp_status gp_plan_cells(const gp_plan *plan, size_t row, gp_cell *cells);
/* Points the plan's own series (the predicted ones) of a run with so many layers into `values`, which has room for
 * gp_plan_series_count() x layers and is filled. `series` is indexed by variable. GP_ERR_MEMORY. */
gp_status gp_plan_series(const gp_plan *plan, size_t row, size_t layers, double *values,
                         const double **series);
size_t gp_plan_series_count(void);

#endif

/* Plans from configurations written inside a test. */
#ifndef PLAN_CASE_H
#define PLAN_CASE_H

#include "plan.h"

/* Loads a plan from the text of a configuration, as a file "sweep.yaml" in a folder of its own, removed again; `overrides`
 * is NULL or a list ended by NULL. */
gp_status plan_load(gp_plan **plan, const char *text, const char *const *overrides);

/* The same, and the test fails with the message when it does not load. */
gp_plan *plan_of(const char *text, const char *const *overrides);

/* The value of a parameter column in a row, as text; the texts of one plan live until the next call. */
const char *plan_cell(const gp_plan *plan, size_t row, const char *column);

/* Columns of the axes, separated by blanks. */
const char *plan_axes(const gp_plan *plan);

#endif

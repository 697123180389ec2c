/* The distinct networks of a plan; see networks.h. */
#include "networks.h"

#include <string.h>

static bool same_text(const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Choices are zeroed before they are filled, so that equal ones have equal bytes. */
static bool same_choice(const gp_choice *a, const gp_choice *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

static bool same_network(const gp_spec *x, const gp_spec *y) {
  return x->depth == y->depth && x->width == y->width && x->bias == y->bias && x->batch == y->batch &&
         x->parametrization == y->parametrization && same_text(x->shape, y->shape) &&
         same_choice(&x->activation, &y->activation) && same_choice(&x->init, &y->init) &&
         same_choice(&x->output, &y->output) && same_choice(&x->norm, &y->norm) &&
         same_choice(&x->residual, &y->residual) && same_choice(&x->loss, &y->loss);
}

/* The plan made every spec when it was loaded: asking again cannot fail. */
static bool seen(const gp_plan *plan, const size_t *rows, size_t count, size_t row) {
  gp_spec spec, other;
  if (gp_plan_spec(plan, row, &spec) != GP_OK) return true;
  for (size_t i = 0; i < count; i++)
    if (gp_plan_spec(plan, rows[i], &other) == GP_OK && same_network(&spec, &other) &&
        gp_plan_dataset(plan, rows[i]) == gp_plan_dataset(plan, row))
      return true;
  return false;
}

size_t cli_networks(const gp_plan *plan, size_t rows[static NETWORKS_MAX]) {
  size_t count = 0;
  for (size_t row = 0; row < gp_plan_runs(plan) && count < NETWORKS_MAX; row++)
    if (!seen(plan, rows, count, row)) rows[count++] = row;
  return count;
}

/* Plans from configurations written inside a test; see plan_case.h. */
#include "plan_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

gp_status plan_load(gp_plan **plan, const char *text, const char *const *overrides) {
  char folder[512], path[600];
  const char *tmp = getenv("TMPDIR");
  size_t count = 0;
  snprintf(folder, sizeof folder, "%.400s/gp-plan-XXXXXX", tmp != NULL ? tmp : "/tmp");
  cr_assert_not_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/sweep.yaml", folder);
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
  cr_assert_eq(fclose(file), 0);
  while (overrides != NULL && overrides[count] != NULL) count++;
  gp_status status = gp_plan_load(plan, path, overrides, count);
  unlink(path);
  rmdir(folder);
  return status;
}

gp_plan *plan_of(const char *text, const char *const *overrides) {
  gp_plan *plan = NULL;
  gp_status status = plan_load(&plan, text, overrides);
  cr_assert_eq(status, GP_OK, "%s", gp_message());
  return plan;
}

const char *plan_cell(const gp_plan *plan, size_t row, const char *column) {
  static char text[256];
  const gp_schema *schema = gp_plan_schema(plan);
  gp_cell cells[256];
  cr_assert_lt(schema->count, 256);
  cr_assert_eq(gp_plan_cells(plan, row, cells), GP_OK);
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    if (strcmp(variable->name, column) != 0) continue;
    char number[32];
    switch (variable->type) {
    case GP_F64:
      return strcpy(text, gp_text_real(number, cells[v].real));
    case GP_I64:
      snprintf(text, sizeof text, "%lld", (long long)cells[v].integer);
      return text;
    case GP_U64:
      snprintf(text, sizeof text, "%llu", (unsigned long long)cells[v].natural);
      return text;
    case GP_TEXT:
      snprintf(text, sizeof text, "%s", cells[v].text);
      return text;
    case GP_STATE:
      return strcpy(text, variable->meanings[cells[v].state]);
    }
  }
  cr_assert_fail("no column %s", column);
  return "";
}

const char *plan_axes(const gp_plan *plan) {
  const gp_schema *schema = gp_plan_schema(plan);
  for (size_t i = 0; i < schema->attribute_count; i++)
    if (strcmp(schema->attributes[i].name, "axes") == 0) return schema->attributes[i].text;
  return "";
}

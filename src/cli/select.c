/* Rows and columns of a result table; see select.h. */
#include "select.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statistics.h"

enum { NAME_BYTES = 128 };

/* A series has no single value; most have their last one, or their first, in a column. */
static gp_status is_series(const gp_table *table, const char *name) {
  char column[NAME_BYTES];
  snprintf(column, sizeof column, "final_%s", name);
  bool last = gp_table_find(table, column) >= 0;
  return gp_fail(GP_ERR_USAGE,
                 "'%s' has a value for every checkpoint%s%s; show --run N and export --table series write "
                 "all of them",
                 name, last ? "; its last one is the column " : "", last ? column : "");
}

gp_status cli_column(const gp_table *table, const char *name, int *out) {
  const gp_schema *schema = gp_table_schema(table);
  *out = gp_table_find(table, name);
  if (*out >= 0) return schema->variables[*out].shape == GP_PER_RUN ? GP_OK : is_series(table, name);
  const char **names = malloc((schema->count + 1) * sizeof *names);
  if (names == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  size_t count = 0;
  for (size_t v = 0; v < schema->count; v++)
    if (schema->variables[v].shape == GP_PER_RUN) names[count++] = schema->variables[v].name;
  gp_status status = cli_unknown("column", name, names, count);
  free(names);
  return status;
}

bool cli_is_number(const gp_table *table, int variable) {
  gp_type type = gp_table_schema(table)->variables[variable].type;
  return type != GP_TEXT && type != GP_STATE;
}

const char *cli_cell(const gp_table *table, int variable, size_t run, char buffer[static 32]) {
  if (gp_table_schema(table)->variables[variable].type != GP_F64)
    return gp_table_word(table, variable, run, buffer);
  double value = gp_table_real(table, variable, run);
  if (!isfinite(value)) return gp_text_real(buffer, value);
  snprintf(buffer, 32, "%.4g", value);
  return buffer;
}

/* ---- conditions ---- */

enum relation { EQUAL, UNEQUAL, AT_LEAST, AT_MOST, ABOVE, BELOW };
static const char *const relation_signs[] = {"=", "!=", ">=", "<=", ">", "<"};

typedef struct condition {
  int variable;
  enum relation relation;
  const char *value;
} condition;

/* The word of a state must be one that it has, what a number is compared with a number. */
static gp_status check_value(const gp_table *table, const condition *c, const char *value) {
  const gp_variable *variable = &gp_table_schema(table)->variables[c->variable];
  double number;
  bool compares = c->relation != EQUAL && c->relation != UNEQUAL;
  if (!compares && variable->type == GP_STATE && variable->meanings != NULL) {
    char what[NAME_BYTES];
    size_t count = 0;
    for (; variable->meanings[count] != NULL; count++)
      if (strcmp(variable->meanings[count], value) == 0) return GP_OK;
    snprintf(what, sizeof what, "%s", variable->name);
    return cli_unknown(what, value, variable->meanings, count);
  }
  if (compares && !gp_text_to_real(value, &number))
    return gp_fail(GP_ERR_USAGE, "--where compares %s with '%s', which is no number", variable->name, value);
  return GP_OK;
}

static gp_status check_values(const gp_table *table, const condition *c) {
  char value[NAME_BYTES];
  for (const char *at = c->value;; at++) {
    size_t length = strcspn(at, ",");
    snprintf(value, sizeof value, "%.*s", (int)length, at);
    GP_TRY(check_value(table, c, value));
    at += length;
    if (*at == '\0') return GP_OK;
  }
}

/* Column, relation, value. Two-character signs are tried before their first characters. */
static gp_status parse_condition(condition *out, const gp_table *table, const char *text) {
  char name[NAME_BYTES];
  size_t length = strcspn(text, "=!<>");
  const char *sign = text + length;
  static const enum relation order[] = {UNEQUAL, AT_LEAST, AT_MOST, EQUAL, ABOVE, BELOW};
  for (size_t i = 0; i < 6; i++) {
    size_t n = strlen(relation_signs[order[i]]);
    if (length == 0 || length >= sizeof name || strncmp(sign, relation_signs[order[i]], n) != 0) continue;
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    *out = (condition){.relation = order[i], .value = sign + n};
    GP_TRY(cli_column(table, name, &out->variable));
    return check_values(table, out);
  }
  return gp_fail(GP_ERR_USAGE,
                 "--where wants a condition such as depth=5, final_loss<0.1 or verdict!=healthy, not '%s'",
                 text);
}

/* Ranges make values such as 0.046415888336127774: four digits are what anyone types. */
static bool same_number(double a, double b) {
  char x[32], y[32];
  if (a == b) return true;
  if (!(fabs(a - b) <= 1e-3 * fabs(a))) return false; /* cheap, and true of all but a few */
  snprintf(x, sizeof x, "%.4g", a);
  snprintf(y, sizeof y, "%.4g", b);
  return strcmp(x, y) == 0;
}

/* Whether the cell equals one of the comma-separated values. */
static bool equals_any(const gp_table *table, const condition *c, size_t run) {
  char buffer[32], value[NAME_BYTES];
  double number;
  for (const char *at = c->value;; at++) {
    size_t length = strcspn(at, ",");
    snprintf(value, sizeof value, "%.*s", (int)length, at);
    bool numbers = cli_is_number(table, c->variable) && gp_text_to_real(value, &number);
    if (numbers ? same_number(gp_table_real(table, c->variable, run), number)
                : strcmp(gp_table_word(table, c->variable, run, buffer), value) == 0)
      return true;
    at += length;
    if (*at == '\0') return false;
  }
}

/* NaN meets no inequality; a value that is no number only equality. */
static bool meets(const gp_table *table, const condition *c, size_t run) {
  double cell = gp_table_real(table, c->variable, run), bound = (double)NAN;
  if (c->relation == EQUAL) return equals_any(table, c, run);
  if (c->relation == UNEQUAL) return !equals_any(table, c, run);
  if (!gp_text_to_real(c->value, &bound)) return false;
  switch (c->relation) {
  case AT_LEAST:
    return cell >= bound;
  case AT_MOST:
    return cell <= bound;
  case ABOVE:
    return cell > bound;
  default:
    return cell < bound;
  }
}

static bool meets_all(const gp_table *table, const condition *conditions, size_t count, size_t run) {
  for (size_t i = 0; i < count; i++)
    if (!meets(table, &conditions[i], run)) return false;
  return true;
}

/* ---- order ---- */

enum { SORT_MAX = 8 };
typedef struct sort_key {
  int variable;
  bool down;
} sort_key;

typedef struct sort_keys {
  const gp_table *table;
  sort_key keys[SORT_MAX];
  size_t count;
} sort_keys;

static gp_status parse_sort(sort_keys *out, const gp_table *table, const char *text) {
  char name[NAME_BYTES];
  *out = (sort_keys){.table = table};
  while (text != NULL && *text != '\0' && out->count < SORT_MAX) {
    sort_key *key = &out->keys[out->count++];
    key->down = *text == '-';
    text += key->down;
    size_t length = strcspn(text, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    GP_TRY(cli_column(table, name, &key->variable));
    text += length + (text[length] == ',');
  }
  return GP_OK;
}

/* What does not exist comes last, whichever way the order runs. */
static int compare_cells(const gp_table *table, int variable, size_t a, size_t b, bool down) {
  char x[32], y[32];
  int sign = down ? -1 : 1;
  if (!cli_is_number(table, variable)) {
    int order = strcmp(gp_table_word(table, variable, a, x), gp_table_word(table, variable, b, y));
    return down ? -order : order;
  }
  double p = gp_table_real(table, variable, a), q = gp_table_real(table, variable, b);
  if (isnan(p) || isnan(q)) return isnan(p) - isnan(q);
  return sign * ((p > q) - (p < q));
}

/* Equal rows stay in file order. */
static int compare_rows(const void *a, const void *b, void *context) {
  const sort_keys *keys = context;
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  for (size_t k = 0; k < keys->count; k++) {
    int order = compare_cells(keys->table, keys->keys[k].variable, x, y, keys->keys[k].down);
    if (order != 0) return order;
  }
  return (x > y) - (x < y);
}

gp_status cli_rows_select(cli_rows *out, const gp_table *table, const cli_texts *where, const char *sort) {
  condition conditions[CLI_TEXTS_MAX];
  sort_keys keys;
  for (size_t i = 0; i < where->count; i++) GP_TRY(parse_condition(&conditions[i], table, where->items[i]));
  GP_TRY(parse_sort(&keys, table, sort));
  *out = (cli_rows){.rows = malloc((gp_table_runs(table) + 1) * sizeof *out->rows)};
  if (out->rows == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (size_t run = 0; run < gp_table_runs(table); run++)
    if (meets_all(table, conditions, where->count, run)) out->rows[out->count++] = run;
  if (keys.count > 0) qsort_r(out->rows, out->count, sizeof *out->rows, compare_rows, &keys);
  return GP_OK;
}

/* ---- columns ---- */

gp_status cli_columns_add(cli_columns *columns, int variable) {
  for (size_t i = 0; i < columns->count; i++)
    if (columns->items[i] == variable) return GP_OK;
  int *items = realloc(columns->items, (columns->count + 1) * sizeof *items);
  if (items == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  columns->items = items;
  items[columns->count++] = variable;
  return GP_OK;
}

/* Every column that has one value per run. */
static gp_status add_all(cli_columns *columns, const gp_table *table) {
  const gp_schema *schema = gp_table_schema(table);
  for (size_t v = 0; v < schema->count; v++)
    if (schema->variables[v].shape == GP_PER_RUN) GP_TRY(cli_columns_add(columns, (int)v));
  return GP_OK;
}

gp_status cli_columns_add_names(cli_columns *columns, const gp_table *table, const char *names) {
  char name[NAME_BYTES];
  static const char separators[] = ", ";
  while (*(names += strspn(names, separators)) != '\0') {
    int variable;
    size_t length = strcspn(names, separators);
    snprintf(name, sizeof name, "%.*s", (int)length, names);
    names += length;
    if (strcmp(name, "all") == 0) {
      GP_TRY(add_all(columns, table));
      continue;
    }
    GP_TRY(cli_column(table, name, &variable));
    GP_TRY(cli_columns_add(columns, variable));
  }
  return GP_OK;
}

gp_status cli_axes(cli_columns *out, const gp_table *table) {
  const char *axes = gp_table_attribute(table, "axes");
  *out = (cli_columns){0};
  return axes == NULL ? GP_OK : cli_columns_add_names(out, table, axes);
}

/* The final loss of a run that diverged is NaN in the file, and above every other: left out, it would make a group
 * look good by its survivors. */
static double ranked(const gp_table *table, int variable, size_t run, int diverged_at) {
  double value = gp_table_real(table, variable, run);
  bool loss = diverged_at >= 0 && strcmp(gp_table_schema(table)->variables[variable].name, "final_loss") == 0;
  return loss && isnan(value) && gp_table_cell(table, diverged_at, run).integer >= 0 ? (double)INFINITY
                                                                                     : value;
}

double cli_median(const gp_table *table, int variable, const size_t *rows, size_t count) {
  double *values = malloc((count + 1) * sizeof *values), median = (double)NAN;
  int diverged_at = gp_table_find(table, "diverged_at");
  size_t n = 0;
  if (values == NULL) return median;
  for (size_t i = 0; i < count; i++) {
    double value = ranked(table, variable, rows[i], diverged_at);
    if (!isnan(value)) values[n++] = value;
  }
  median = gp_quantile(values, n, 0.5);
  /* Half-way between two infinities is infinite, but their difference is not a number. */
  if (n > 0 && isnan(median)) median = values[n / 2];
  free(values);
  return median;
}

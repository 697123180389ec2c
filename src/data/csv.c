/* CSV files (RFC 4180, also .gz): a header line with column names, then one example per line; every column
 * but the target is an input.
 *
 * Cells are numbers (decimal, finite); blanks around unquoted cells do not count, blank lines are skipped, LF
 * and CRLF both end a line. `task: auto` decides by the target column: when its first cell is not a number,
 * the cells are class names; when all cells are whole numbers with at most 20 different values, each used
 * twice on average, they are class numbers; otherwise it is regression. Classes are numbered in ascending
 * order (of value, or of bytes) over the whole file, whatever rows are kept.
 *
 * The whole file is held in memory while it is read; cells are cut out of it in place. */
#include "data_list.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data_file.h"
#include "generate.h"
#include "subset.h"
#include "text.h"

enum { AUTO_CLASSES_MAX = 20, READ_BYTES = 1 << 16 };
static const int64_t csv_bytes_max = INT64_C(1)
                                     << 31; /* unpacked: a small gzip file must not fill the memory */

enum csv_task { TASK_AUTO, TASK_CLASSIFICATION, TASK_REGRESSION };
static const char *const task_words[] = {"auto", "classification", "regression", NULL};

typedef struct csv_options {
  const char *file, *target;
  int task;
  bool shuffle;
} csv_options;

static const gp_option options[] = {
    GP_STRING(csv_options, file, "file", NULL, "CSV file with a header line", .flags = GP_PATH | GP_REQUIRED),
    GP_STRING(csv_options, target, "target", NULL, "name of the column to predict", .flags = GP_REQUIRED),
    GP_WORD(csv_options, task, "task", task_words, TASK_AUTO,
            "what the target is (auto: classes when it is text or whole numbers with at most 20 different "
            "values)"),
    GP_BOOL(csv_options, shuffle, "shuffle", 0,
            "shuffle the rows (by data.seed) before `first` and `split`; for sorted files"),
    GP_OPTIONS_END,
};

/* A cell and where it stands in the file (both from 1). */
typedef struct csv_cell {
  char *text;
  double value; /* of a target that is a number */
  int64_t line, column;
} csv_cell;

/* What is left to read of the file. */
typedef struct csv_reader {
  const char *path;
  char *at, *end, *line_start;
  int64_t line;
} csv_reader;

typedef struct csv_table {
  const char *path;
  gp_text text;                 /* the file */
  gp_text header, row, targets; /* of csv_cell */
  gp_text inputs;               /* of double */
  int64_t columns, target, rows;
} csv_table;

static csv_cell *cells_of(const gp_text *text) {
  return (csv_cell *)(void *)text->data;
}
static int64_t cell_count(const gp_text *text) {
  return (int64_t)(text->length / sizeof(csv_cell));
}

static gp_status out_of_memory(const char *path) {
  return gp_fail(GP_ERR_MEMORY, "%s: out of memory", path);
}

static gp_status read_text(csv_table *table, const char *path) {
  gp_data_file file = {0};
  gp_status status;
  size_t got = READ_BYTES;
  char buffer[READ_BYTES];
  GP_TRY_DONE(gp_data_file_open(&file, "file", path));
  while (got == sizeof buffer && file.offset <= csv_bytes_max) {
    GP_TRY_DONE(gp_data_file_read(&file, buffer, sizeof buffer, &got));
    gp_text_add_bytes(&table->text, buffer, got);
  }
  if (file.offset > csv_bytes_max)
    status = gp_fail(GP_ERR_DATA, "%s: larger than %" PRId64 " bytes", path, csv_bytes_max);
  else if (table->text.failed)
    status = out_of_memory(path);
done:
  gp_data_file_close(&file);
  return status;
}

/* Cells are C strings cut out of the file: a zero byte would end one early and hide what follows. */
static gp_status check_text(const csv_table *table) {
  const char *zero = memchr(table->text.data, '\0', table->text.length);
  if (zero == NULL) return GP_OK;
  int64_t line = 1;
  for (const char *p = table->text.data; p < zero; p++) line += *p == '\n';
  return gp_fail(GP_ERR_DATA, "%s:%" PRId64 ": a zero byte: this is not a text file", table->path, line);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Lines are counted where they end in the file, so that quoted line ends count too. */
static void next_line(csv_reader *r) {
  r->line++;
  r->line_start = r->at;
}

/* Ends a cell whose text stops at `last`: steps over what follows it. *more: another cell follows in this
 * row. */
static gp_status end_cell(csv_reader *r, char *last, bool *more) {
  while (r->at < r->end && (is_blank(*r->at) || *r->at == '\r')) r->at++;
  char mark = r->at < r->end ? *r->at : '\n';
  if (mark != ',' && mark != '\n')
    return gp_fail(GP_ERR_DATA, "%s:%" PRId64 ":%td: text after the closing quote", r->path, r->line,
                   r->at - r->line_start + 1);
  *more = mark == ',';
  *last = '\0';
  if (r->at < r->end) r->at++;
  if (mark == '\n') next_line(r);
  return GP_OK;
}

/* A quoted cell, unquoted in place; "" is one quote; line ends may stand inside. */
static gp_status read_quoted(csv_reader *r, csv_cell *cell, bool *more) {
  char *to = cell->text = ++r->at;
  for (; r->at < r->end; r->at++) {
    if (*r->at == '"') {
      r->at++;
      if (r->at == r->end || *r->at != '"') return end_cell(r, to, more);
    }
    *to++ = *r->at;
    if (*r->at == '\n') {
      r->line++;
      r->line_start = r->at + 1;
    }
  }
  return gp_fail(GP_ERR_DATA, "%s:%" PRId64 ":%" PRId64 ": the quote is never closed", r->path, cell->line,
                 cell->column);
}

static gp_status read_cell(csv_reader *r, csv_cell *cell, bool *more) {
  while (r->at < r->end && is_blank(*r->at)) r->at++;
  *cell = (csv_cell){.text = r->at, .line = r->line, .column = r->at - r->line_start + 1};
  if (r->at < r->end && *r->at == '"') return read_quoted(r, cell, more);
  while (r->at < r->end && *r->at != ',' && *r->at != '\n') r->at++;
  char *last = r->at;
  while (last > cell->text && (is_blank(last[-1]) || last[-1] == '\r')) last--;
  return end_cell(r, last, more);
}

/* Steps over lines of nothing but blanks; stays at the start of a line that has something, blanks included, so that the
 * columns of its cells are counted from there. */
static void skip_blank_lines(csv_reader *r) {
  char *p = r->at;
  while (p < r->end && (is_blank(*p) || *p == '\r' || *p == '\n')) {
    if (*p++ != '\n') continue;
    r->at = p;
    next_line(r);
  }
  if (p == r->end) r->at = p;
}

/* The next row that is not blank; no cells at the end of the file. */
static gp_status read_row(csv_reader *r, gp_text *row) {
  bool more = true;
  row->length = 0;
  skip_blank_lines(r);
  if (r->at == r->end) return GP_OK;
  while (more) {
    csv_cell cell;
    GP_TRY(read_cell(r, &cell, &more));
    gp_text_add_bytes(row, (const char *)&cell, sizeof cell);
  }
  return row->failed ? out_of_memory(r->path) : GP_OK;
}

/* file:line:column, the column's name and the text: what is needed to find the cell in an editor or a spreadsheet. */
static gp_status fail_cell(const csv_table *table, const csv_cell *cell, int64_t column, const char *reason) {
  return gp_fail(GP_ERR_DATA, "%s:%" PRId64 ":%" PRId64 ": column '%.60s': '%.60s' %s", table->path,
                 cell->line, cell->column, cells_of(&table->header)[column].text, cell->text, reason);
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The nearest name, or, where none is near, the first few there are. `names` is in the file's order. */
static gp_status no_such_column(const csv_table *table, const char *target, const char *const *names) {
  const char *near = gp_text_nearest(target, names, (size_t)table->columns);
  if (near != NULL)
    return gp_fail(GP_ERR_DATA, "%s:1: no column '%s'; did you mean '%s'?", table->path, target, near);
  gp_text list = {0};
  for (int64_t j = 0; j < table->columns && j < 16; j++)
    gp_text_add(&list, "%s%.40s", j > 0 ? ", " : "", names[j]);
  if (table->columns > 16) gp_text_add(&list, ", ...");
  gp_fail(GP_ERR_DATA, "%s:1: no column '%s' (columns: %s)", table->path, target,
          list.failed ? "" : list.data);
  gp_text_free(&list);
  return GP_ERR_DATA;
}

/* Sorts the names (so a hostile header of a million columns costs no million squared) and looks for pairs. */
static gp_status check_unique(const csv_table *table, const char **names) {
  qsort(names, (size_t)table->columns, sizeof *names, compare_names);
  for (int64_t j = 1; j < table->columns; j++)
    if (strcmp(names[j - 1], names[j]) == 0)
      return gp_fail(GP_ERR_DATA, "%s:1: column '%.60s' is there twice", table->path, names[j]);
  return names[0][0] != '\0' ? GP_OK : gp_fail(GP_ERR_DATA, "%s:1: a column without a name", table->path);
}

/* The header decides the number of columns and where the target stands; every later row must fit it. */
static gp_status read_header(csv_table *table, csv_reader *r, const char *target) {
  GP_TRY(read_row(r, &table->header));
  const csv_cell *cells = cells_of(&table->header);
  table->columns = cell_count(&table->header);
  if (table->columns == 0) return gp_fail(GP_ERR_DATA, "%s:1: the file is empty", table->path);
  if (table->columns == 1)
    return gp_fail(GP_ERR_DATA, "%s:1: one column: inputs and a target are needed", table->path);
  const char **names = malloc((size_t)table->columns * sizeof *names);
  if (names == NULL) return out_of_memory(table->path);
  table->target = -1;
  for (int64_t j = 0; j < table->columns; j++) {
    names[j] = cells[j].text;
    if (strcmp(names[j], target) == 0) table->target = j;
  }
  gp_status status = table->target < 0 ? no_such_column(table, target, names) : check_unique(table, names);
  free(names);
  return status;
}

static gp_status add_input(csv_table *table, const csv_cell *cell, int64_t column) {
  double value;
  if (cell->text[0] == '\0') return fail_cell(table, cell, column, "is empty");
  if (!gp_text_to_real(cell->text, &value) || !isfinite(value))
    return fail_cell(table, cell, column, "is not a finite number");
  gp_text_add_bytes(&table->inputs, (const char *)&value, sizeof value);
  return GP_OK;
}

/* Inputs are turned into numbers at once; targets stay text until the task is known. */
static gp_status add_row(csv_table *table) {
  const csv_cell *cells = cells_of(&table->row);
  int64_t count = cell_count(&table->row);
  if (count != table->columns)
    return gp_fail(GP_ERR_DATA, "%s:%" PRId64 ": the row has %" PRId64 " cells, the header %" PRId64,
                   table->path, cells[0].line, count, table->columns);
  for (int64_t j = 0; j < count; j++)
    if (j != table->target) GP_TRY(add_input(table, &cells[j], j));
  const csv_cell *target = &cells[table->target];
  if (target->text[0] == '\0') return fail_cell(table, target, table->target, "is empty");
  gp_text_add_bytes(&table->targets, (const char *)target, sizeof *target);
  table->rows++;
  return table->inputs.failed || table->targets.failed ? out_of_memory(table->path) : GP_OK;
}

/* Reads and checks the whole file, also the rows that `first` will drop: a file is good or it is not. */
static gp_status read_table(csv_table *table, const csv_options *o) {
  table->path = o->file;
  if (o->target == NULL) return gp_fail(GP_ERR_CONFIG, "data.target: needs the name of a column");
  GP_TRY(read_text(table, o->file));
  if (table->text.length == 0) return gp_fail(GP_ERR_DATA, "%s:1: the file is empty", table->path);
  GP_TRY(check_text(table));
  char *start = table->text.data;
  csv_reader r = {
      .path = o->file, .at = start, .end = start + table->text.length, .line_start = start, .line = 1};
  if (strncmp(start, "\xEF\xBB\xBF", 3) == 0)
    r.at = r.line_start = start + 3; /* the mark some programs begin with */
  GP_TRY(read_header(table, &r, o->target));
  GP_TRY(read_row(&r, &table->row));
  while (cell_count(&table->row) > 0) {
    GP_TRY(add_row(table));
    GP_TRY(read_row(&r, &table->row));
  }
  return table->rows > 0 ? GP_OK : gp_fail(GP_ERR_DATA, "%s: no rows below the header", table->path);
}

/* Reads every target as a number; stops with an error at the first that is none. */
static gp_status read_targets(csv_table *table) {
  csv_cell *cells = cells_of(&table->targets);
  for (int64_t i = 0; i < table->rows; i++)
    if (!gp_text_to_real(cells[i].text, &cells[i].value) || !isfinite(cells[i].value))
      return fail_cell(table, &cells[i], table->target, "is not a finite number");
  return GP_OK;
}

typedef int csv_compare(const void *a, const void *b);

static int compare_text(const void *a, const void *b) {
  return strcmp(((const csv_cell *)a)->text, ((const csv_cell *)b)->text);
}

static int compare_value(const void *a, const void *b) {
  double x = ((const csv_cell *)a)->value, y = ((const csv_cell *)b)->value;
  return (x > y) - (x < y);
}

/* The different targets in ascending order, `count` of them. NULL when out of memory. The caller frees. */
static csv_cell *distinct_targets(const csv_table *table, csv_compare *compare, int64_t *count) {
  csv_cell *cells = malloc(table->targets.length);
  if (cells == NULL) return NULL;
  memcpy(cells, table->targets.data, table->targets.length);
  qsort(cells, (size_t)table->rows, sizeof *cells, compare);
  *count = 1;
  for (int64_t i = 1; i < table->rows; i++)
    if (compare(&cells[*count - 1], &cells[i]) != 0) cells[(*count)++] = cells[i];
  return cells;
}

/* Whether every target is a whole number (of any sign: labels -1 and +1 are common). */
static bool whole_numbers(const csv_table *table) {
  const csv_cell *cells = cells_of(&table->targets);
  for (int64_t i = 0; i < table->rows; i++)
    if (cells[i].value != floor(cells[i].value)) return false;
  return true;
}

static void copy_inputs(gp_dataset *out, const csv_table *table, int64_t row, int64_t to) {
  size_t bytes = (size_t)out->features * sizeof *out->x;
  memcpy(out->x + to * out->features, table->inputs.data + (size_t)row * bytes, bytes);
}

/* The shape of the result: `classes` sorted different targets, or regression when there are none. */
typedef struct csv_plan {
  csv_compare *compare;
  csv_cell *classes;
  int64_t count;
} csv_plan;

/* Copies the rows that are kept: row i goes to place[i] (NULL: i). */
static gp_status fill_dataset(gp_dataset *out, const csv_table *table, const csv_plan *plan, int64_t rows,
                              const int64_t *place) {
  const csv_cell *targets = cells_of(&table->targets);
  int64_t outputs = plan->count > 0 ? plan->count : 1;
  GP_TRY(gp_dataset_allocate(out, rows, 0, table->columns - 1, outputs, plan->count));
  for (int64_t i = 0; i < table->rows; i++) {
    int64_t to = place != NULL ? place[i] : i;
    if (to >= rows) continue;
    copy_inputs(out, table, i, to);
    if (plan->count == 0) {
      out->y[to] = targets[i].value;
      continue;
    }
    const csv_cell *found =
        bsearch(&targets[i], plan->classes, (size_t)plan->count, sizeof *plan->classes, plan->compare);
    gp_dataset_set_label(out, to, (int32_t)(found - plan->classes));
  }
  return GP_OK;
}

/* Fixes classes or regression, as the file's head comment says. */
static gp_status decide_task(csv_table *table, int task, csv_plan *plan) {
  double value;
  bool number = gp_text_to_real(cells_of(&table->targets)[0].text, &value);
  plan->compare = number || task == TASK_REGRESSION ? compare_value : compare_text;
  if (plan->compare == compare_value) {
    gp_status status = read_targets(table);
    if (status != GP_OK && task == TASK_CLASSIFICATION)
      plan->compare = compare_text; /* names like 1, 2, 2b */
    else
      GP_TRY(status);
  }
  if (task == TASK_REGRESSION) return GP_OK;
  plan->classes = distinct_targets(table, plan->compare, &plan->count);
  if (plan->classes == NULL) return out_of_memory(table->path);
  bool few = plan->count <= AUTO_CLASSES_MAX && 2 * plan->count <= table->rows;
  if (task == TASK_AUTO && plan->compare == compare_value && !(few && whole_numbers(table))) plan->count = 0;
  if (plan->count > GP_DATA_CLASSES_MAX)
    return gp_fail(GP_ERR_DATA, "%s: column '%.60s' has %" PRId64 " classes, at most %d are possible",
                   table->path, cells_of(&table->header)[table->target].text, plan->count,
                   GP_DATA_CLASSES_MAX);
  if (plan->count == 1)
    return gp_fail(GP_ERR_DATA, "%s: column '%.60s' has the one class '%.60s', two or more are needed",
                   table->path, cells_of(&table->header)[table->target].text, plan->classes[0].text);
  return GP_OK;
}

static void free_table(csv_table *table) {
  gp_text *const texts[] = {&table->text, &table->header, &table->row, &table->targets, &table->inputs};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) gp_text_free(texts[t]);
}

static gp_status make_csv(gp_dataset *out, const void *settings, uint64_t seed,
                          const gp_data_common *common) {
  const csv_options *o = settings;
  csv_table table = {0};
  csv_plan plan = {0};
  int64_t *place = NULL, rows;
  gp_status status;
  GP_TRY_DONE(read_table(&table, o));
  GP_TRY_DONE(decide_task(&table, o->task, &plan));
  if (o->shuffle) place = gp_generate_places(seed, table.rows);
  if (o->shuffle && place == NULL) GP_TRY_DONE(out_of_memory(o->file));
  bool cut = common->first >= 1 && common->first < table.rows && !gp_subset_wanted(common);
  rows = cut ? common->first : table.rows;
  GP_TRY_DONE(fill_dataset(out, &table, &plan, rows, place));
done:
  free(place);
  free(plan.classes);
  free_table(&table);
  return status;
}

const gp_data_item gp_data_csv = {
    .item = {.name = "csv",
             .summary = "numbers from a CSV file with a header line, also .gz; one column is the target",
             .source = "RFC 4180",
             .options = options},
    .make = make_csv,
    .splits = true,
};

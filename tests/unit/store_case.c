#include "store_case.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "journal.h"

static const int64_t steps_of[3][STORE_CHECKPOINTS_MAX] = {
    {0, 1, 10, 100}, {0, 1, 5, 10, 50, 100, 200}, {0, 1}};
static const size_t step_counts[3] = {4, 7, 2}, layer_counts[3] = {4, 6, 2};
/* As many eigenvalues as layers, and in version 0 as checkpoints: only the dimensions tell the shapes apart. */
static const size_t eigenvalue_counts[3] = {4, 5, 2}, singular_value_counts[3] = {3, 3, 3};
static const char *const activations[] = {"sigmoid", "relu", "t\xc3\xa4nh"};
static const char *const verdicts[] = {"pending", "healthy", "vanishing", NULL};

static const gp_variable variables_of[] = {
    {"run_id", "identity of the run", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"activation", "activation", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"depth", "hidden layers", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    {"learning_rate", "learning rate", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    {"seed", "seed of the run", "1", GP_PER_RUN, GP_U64, NULL, "replicate"},
    {"status", "state of the run", "1", GP_PER_RUN, GP_STATE, gp_run_state_words, NULL},
    {"verdict", "verdict", "1", GP_PER_RUN, GP_STATE, verdicts, NULL},
    {"message", "what went wrong", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"diverged_at", "step of the first non-finite loss", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    {"final_loss", "loss at the end", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    {"loss", "loss over the training set", "1", GP_PER_CHECKPOINT, GP_F64, NULL, NULL},
    {"weight_gradient_norm", "norm of the weight gradient", "1", GP_PER_LAYER, GP_F64, NULL, NULL},
    {"delta_rms", "rms of delta", "1", GP_PER_LAYER, GP_F64, NULL, NULL},
    /* Version 0 has as many layers as checkpoints: only the dimensions tell this one from `loss`. */
    {"predicted_delta", "theory", "1", GP_PER_RUN_LAYER, GP_F64, NULL, NULL},
    {"h_histogram", "values of h", "1", GP_PER_VALUE_BIN, GP_F64, NULL, NULL},
    {"g_histogram", "magnitudes of g", "1", GP_PER_MAGNITUDE_BIN, GP_F64, NULL, "zeros are in the first bin"},
    {"eigenvalues", "of the Hessian", "1", GP_PER_EIGENVALUE, GP_F64, NULL, NULL},
    {"product_values", "of the product", "1", GP_PER_SINGULAR_VALUE, GP_F64, NULL, NULL},
    {"weight_values", "of the weights", "1", GP_PER_LAYER_SINGULAR_VALUE, GP_F64, NULL, NULL},
};
/* Version 1 has these two more, and its variables stand in another order. */
static const gp_variable extra_parameter = {"activation_slope", "slope", "1", GP_PER_RUN, GP_F64, NULL, NULL};
static const gp_variable extra_result = {"accuracy", "accuracy", "1", GP_PER_CHECKPOINT, GP_F64, NULL, NULL};

void store_study_make(store_study *study, int version, const char *config) {
  size_t count = sizeof variables_of / sizeof variables_of[0];
  *study = (store_study){.version = version};
  memcpy(study->variables, variables_of, sizeof variables_of);
  if (version == 1) {
    study->variables[count++] = extra_result;
    study->variables[count++] = study->variables[3];
    study->variables[3] = extra_parameter;
  }
  const gp_attribute attributes[] = {{"title", "a study"},
                                     {"question", "is it stored?"},
                                     {"config", config},
                                     {"axes", "activation depth learning_rate seed"},
                                     {"layout_version", "1"}};
  memcpy(study->attributes, attributes, sizeof attributes);
  study->schema = (gp_schema){.variables = study->variables,
                              .count = count,
                              .checkpoints = steps_of[version],
                              .checkpoint_count = step_counts[version],
                              .layer_count = layer_counts[version],
                              .inner = {[GP_BIN] = GP_BINS,
                                        [GP_EIGENVALUE] = eigenvalue_counts[version],
                                        [GP_SINGULAR_VALUE] = singular_value_counts[version]},
                              .attributes = study->attributes,
                              .attribute_count = sizeof attributes / sizeof attributes[0]};
}

/* Runs 0, 7, 14 ... are small: they fit into version 2. Every fifth run diverged after its second checkpoint.
 */
static size_t run_layers(int number) {
  return number % 7 == 0 ? 2 : 2 + (size_t)(number % 3);
}

/* Few runs measure histograms, which are long. */
static size_t run_inner(int number, gp_inner inner) {
  if (inner == GP_BIN) return number % 6 == 5 ? GP_BINS : 0;
  return inner == GP_EIGENVALUE       ? run_layers(number)
         : inner == GP_SINGULAR_VALUE ? 1 + (size_t)number % 3
                                      : 0;
}

static size_t run_steps(int number, int64_t *steps) {
  size_t count = number % 5 == 0 || number % 7 == 0 ? 2 : 4;
  memcpy(steps, steps_of[0], count * sizeof *steps);
  return count;
}

/* Values that are hard to keep: infinities, NaN with a payload and a sign, -0, subnormals, and plain ones. */
static double hard_value(int number, int64_t step, size_t layer, int which) {
  static const double hard[] = {INFINITY, -INFINITY, -0.0, 4.9406564584124654e-324, 1.7976931348623157e308};
  unsigned mix = (unsigned)number * 2654435761u ^ (unsigned)step * 40503u ^ (unsigned)layer * 977u ^
                 (unsigned)which * 31u;
  if (mix % 11 == 0) return -NAN;
  if (mix % 11 < 6) return hard[mix % 11 - 1];
  return ldexp((double)(mix % 1000003) / 1000003, -(int)(mix % 900));
}

static double series_value(int number, const char *name, int64_t step, size_t layer, size_t inner) {
  return hard_value(number, step, layer + 100 * inner, (int)strlen(name));
}

/* A run that measures along bins may still leave one histogram out. */
static bool has_series(int number, const char *name) {
  return number % 12 != 5 || strcmp(name, "h_histogram") != 0;
}

/* The cell of a run by the variable's name. */
static gp_cell cell_value(int number, const char *name, bool finished) {
  static _Thread_local char id[33];
  gp_cell cell = {0};
  if (strcmp(name, "run_id") == 0) store_run_id(id, number), cell.text = id;
  if (strcmp(name, "activation") == 0) cell.text = activations[number % 3];
  if (strcmp(name, "depth") == 0) cell.integer = (int64_t)run_layers(number) - 1;
  if (strcmp(name, "learning_rate") == 0) cell.real = 0.1 / (1 + number / 3);
  if (strcmp(name, "activation_slope") == 0) cell.real = 0.25 * number;
  if (strcmp(name, "seed") == 0) cell.natural = UINT64_MAX - (uint64_t)number;
  if (strcmp(name, "status") == 0)
    cell.state = !finished ? GP_RUN_PENDING : number % 4 == 3 ? GP_RUN_ERROR : GP_RUN_DONE;
  if (strcmp(name, "verdict") == 0) cell.state = finished ? 1 + number % 2 : 0;
  if (strcmp(name, "message") == 0)
    cell.text =
        finished && number % 4 == 3 ? "it did not work \xe2\x80\x94 at all, for no reason that we know" : "";
  if (strcmp(name, "diverged_at") == 0) cell.integer = finished && number % 5 == 0 ? 1 : -1;
  if (strcmp(name, "final_loss") == 0) cell.real = finished ? hard_value(number, 0, 0, 1) : (double)NAN;
  return cell;
}

void store_run_id(char id[static 33], int number) {
  char text[32];
  int length = snprintf(text, sizeof text, "run %d", number);
  gp_hash_text(id, text, (size_t)length);
}

void store_run_make(store_run *run, const store_study *study, int number) {
  static _Thread_local int64_t steps[STORE_CHECKPOINTS_MAX];
  const gp_schema *schema = &study->schema;
  double *values = run->values;
  memset(run, 0, offsetof(store_run, values));
  store_run_id(run->record.run_id, number);
  run->record.checkpoints = steps;
  run->record.checkpoint_count = run_steps(number, steps);
  run->record.layer_count = run_layers(number);
  for (int d = 0; d < GP_INNERS; d++) run->record.inner[d] = run_inner(number, (gp_inner)d);
  run->record.seconds = 0.5 * number;
  run->record.cells = run->cells;
  run->record.series = run->series;
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    run->series[v] = has_series(number, variable->name) ? values : NULL;
    if (variable->shape == GP_PER_RUN) run->cells[v] = cell_value(number, variable->name, true);
    size_t inner = gp_shape_inner(variable->shape, run->record.inner);
    size_t width = gp_shape_layers(variable->shape, run->record.layer_count) * inner;
    size_t count = gp_shape_steps(variable->shape, run->record.checkpoint_count);
    for (size_t c = 0; c < count && variable->shape != GP_PER_RUN; c++)
      for (size_t i = 0; i < width; i++)
        *values++ = series_value(number, variable->name, steps[c], i / inner, i % inner);
  }
}

static const char *plan_run_id(const void *context, size_t row) {
  static _Thread_local char id[33];
  store_run_id(id, ((const store_study *)context)->numbers[row]);
  return id;
}

static gp_status plan_fill(const void *context, size_t row, gp_cell *cells) {
  const store_study *study = context;
  for (size_t v = 0; v < study->schema.count; v++)
    if (study->schema.variables[v].shape == GP_PER_RUN)
      cells[v] = cell_value(study->numbers[row], study->schema.variables[v].name, false);
  return GP_OK;
}

gp_pack_plan store_plan(const store_study *study, size_t count) {
  return (gp_pack_plan){count, plan_run_id, plan_fill, study, NULL, 0};
}

const char *store_journal(const char *path, const store_study *study, const int *numbers, size_t count) {
  char name[512];
  gp_journal *journal;
  size_t cut;
  snprintf(name, sizeof name, "%s.journal", path);
  if (gp_journal_open(&journal, name, &study->schema, &cut) != GP_OK) return gp_message();
  gp_status status = GP_OK;
  for (size_t i = 0; i < count && status == GP_OK; i++) {
    store_run run;
    store_run_make(&run, study, numbers[i]);
    status = gp_journal_append(journal, &run.record);
  }
  gp_status closed = gp_journal_close(journal, false);
  return status != GP_OK || closed != GP_OK ? gp_message() : NULL;
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return isnan(value) ? UINT64_C(0x7ff8000000000000) : bits;
}

static bool stored_bits_are(double stored, double expected) {
  uint64_t bits;
  memcpy(&bits, &stored, sizeof bits);
  return bits == bits_of(expected);
}

static const char *complaint(const char *name, int number, const char *what) {
  static _Thread_local char text[256];
  snprintf(text, sizeof text, "run %d, %s: %s", number, name, what);
  return text;
}

static bool cell_same(gp_type type, gp_cell stored, gp_cell expected) {
  if (type == GP_TEXT) return strcmp(stored.text, expected.text) == 0;
  if (type == GP_STATE) return stored.state == expected.state;
  return type == GP_F64 ? stored_bits_are(stored.real, expected.real) : stored.natural == expected.natural;
}

/* The value that belongs at a place of the padded series: NaN where the run has no such checkpoint or layer.
 */
static double expected_at(int number, const gp_variable *variable, int64_t step, size_t layer, size_t inner,
                          bool finished) {
  const gp_shape_item *over = &gp_shape_table[variable->shape];
  int64_t steps[STORE_CHECKPOINTS_MAX];
  size_t count = run_steps(number, steps);
  bool has = finished && (!over->layers || layer < run_layers(number)) && has_series(number, variable->name);
  if (over->inner != GP_NO_INNER && inner >= run_inner(number, over->inner)) has = false;
  for (size_t c = 0; has && c < count; c++)
    if (steps[c] == step) return series_value(number, variable->name, step, layer, inner);
  return (double)NAN;
}

static bool series_same(gp_table *table, int v, size_t row, int number, bool finished) {
  const gp_schema *schema = gp_table_schema(table);
  const gp_variable *variable = &schema->variables[v];
  const double *values;
  if (gp_table_series(table, v, &values) != GP_OK) return false;
  size_t inner = gp_shape_inner(variable->shape, schema->inner);
  size_t width = gp_shape_layers(variable->shape, schema->layer_count) * inner;
  size_t count = gp_shape_steps(variable->shape, schema->checkpoint_count);
  for (size_t c = 0; c < count; c++)
    for (size_t i = 0; i < width; i++)
      if (!stored_bits_are(
              values[(row * count + c) * width + i],
              expected_at(number, variable, schema->checkpoints[c], i / inner, i % inner, finished)))
        return false;
  return true;
}

/* Version 1's own result does not exist for runs that were recorded under another version: nothing is asked
 * of it. */
static const char *row_compare(gp_table *table, const store_study *study, size_t row, int number,
                               bool finished) {
  for (size_t v = 0; v < study->schema.count; v++) {
    const gp_variable *variable = &study->schema.variables[v];
    int found = gp_table_find(table, variable->name);
    if (found < 0) return complaint(variable->name, number, "the variable is missing");
    if (strcmp(variable->name, extra_result.name) == 0) continue;
    bool same = variable->shape == GP_PER_RUN ? cell_same(variable->type, gp_table_cell(table, found, row),
                                                          cell_value(number, variable->name, finished))
                                              : series_same(table, found, row, number, finished);
    if (!same) return complaint(variable->name, number, "a wrong value");
  }
  return NULL;
}

const char *store_compare(gp_table *table, const store_study *study, const int *numbers, const bool *done,
                          size_t count) {
  if (gp_table_runs(table) != count) return complaint("rows", (int)gp_table_runs(table), "a wrong number");
  for (size_t row = 0; row < count; row++) {
    const char *wrong = row_compare(table, study, row, numbers[row], done == NULL || done[row]);
    if (wrong != NULL) return wrong;
  }
  return NULL;
}

const char *store_folder(char path[static 256]) {
  const char *base = getenv("TMPDIR");
  snprintf(path, 256, "%s/gradpath-store-XXXXXX", base != NULL && base[0] ? base : "/tmp");
  return mkdtemp(path);
}

void store_folder_remove(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    if (entry->d_name[0] != '.') unlinkat(dirfd(folder), entry->d_name, 0);
  closedir(folder);
  rmdir(path);
}

unsigned char *store_file_read(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = malloc(*length + 1);
  if (bytes != NULL) *length = fread(bytes, 1, *length, file);
  fclose(file);
  return bytes;
}

/* In place: a file system may flush a file that was emptied first, and the damage tests write thousands. */
bool store_file_write(const char *path, const void *bytes, size_t length) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool good = pwrite(fd, bytes, length, 0) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0;
  return close(fd) == 0 && good;
}

bool store_files_same(const char *a, const char *b) {
  size_t m = 0, n = 1;
  unsigned char *left = store_file_read(a, &m), *right = store_file_read(b, &n);
  bool same = left != NULL && right != NULL && m == n && memcmp(left, right, m) == 0;
  free(left);
  free(right);
  return same;
}

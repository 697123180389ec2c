#include "given.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "text.h"
#include "tree_reader.h"

enum { NAME_BYTES = 80, STEPS_SHOWN = 8 };

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the weights of a file");
}

static void free_weights(gp_weights *w) {
  if (w == NULL) return;
  for (int l = 0; l < w->layers; l++) {
    if (w->weight != NULL) free(w->weight[l]);
    if (w->bias != NULL) free(w->bias[l]);
  }
  free(w->weight);
  free(w->bias);
  free(w);
}

void gp_given_free(gp_given *given) {
  for (size_t i = 0; i < given->count; i++) free_weights(given->items[i]);
  free(given->items);
  gp_runmap_free(&given->number_of);
}

/* ---- which file, step and shape ---- */

static bool takes(const gp_spec *spec) {
  int64_t step;
  return gp_spec_weights_file(spec, &step) != NULL;
}

/* The widths n_0 .. n_L; NULL without memory. */
static int64_t *widths_of(const gp_spec *spec, const gp_dataset *data) {
  int64_t *widths = malloc((size_t)(spec->depth + 2) * sizeof *widths);
  if (widths != NULL) gp_spec_widths(spec, data, widths);
  return widths;
}

static bool key_of(gp_run_key *key, const gp_spec *spec, const int64_t *widths) {
  gp_text text = {0};
  char hash[GP_HASH_TEXT];
  int64_t step;
  const char *path = gp_spec_weights_file(spec, &step);
  gp_text_add(&text, "%s\n%" PRId64 " %d", path, step, spec->bias);
  for (int64_t l = 0; l <= spec->depth + 1; l++) gp_text_add(&text, " %" PRId64, widths[l]);
  if (!text.failed) gp_hash_text(hash, text.data, text.length);
  bool fine = !text.failed && gp_run_key_parse(key, hash);
  gp_text_free(&text);
  return fine;
}

/* ---- reading ---- */

static gp_status many_steps(const int64_t *steps, size_t count) {
  gp_text text = {0};
  for (size_t i = 0; i < count && i < STEPS_SHOWN; i++)
    gp_text_add(&text, "%s%" PRId64, i > 0 ? ", " : "", steps[i]);
  gp_fail(GP_ERR_DATA, "it holds the steps %s%s: say which (step: %" PRId64 ")", text.failed ? "" : text.data,
          count > STEPS_SHOWN ? " ..." : "", steps[0]);
  gp_text_free(&text);
  return GP_ERR_DATA;
}

/* The group that the layers stand in, "" or "step_000100/": the step asked for, the only one, or the root. */
static gp_status find_group(char out[static NAME_BYTES], gp_tree_reader *file, int64_t step) {
  int64_t steps[STEPS_SHOWN];
  size_t count;
  GP_TRY(gp_tree_steps(file, steps, STEPS_SHOWN, &count));
  out[0] = '\0';
  if (step == INT64_MIN && count > 1) return many_steps(steps, count);
  if (step == INT64_MIN && count == 0) return GP_OK;
  snprintf(out, NAME_BYTES, "step_%06" PRId64 "/", step == INT64_MIN ? steps[0] : step);
  return GP_OK;
}

static gp_status read_one(double **out, gp_tree_reader *file, const char *name, int rank,
                          const int64_t *dims) {
  size_t count = (size_t)dims[0] * (rank > 1 ? (size_t)dims[1] : 1);
  *out = malloc(count * sizeof **out);
  return *out != NULL ? gp_tree_read(file, name, rank, dims, *out) : no_memory();
}

/* Layer `number`: its weights, and its biases where the file has some. */
static gp_status read_layer(gp_weights *w, gp_tree_reader *file, const char *group, int number,
                            const int64_t *widths, bool bias) {
  char name[2 * NAME_BYTES];
  const int64_t dims[] = {widths[number], widths[number - 1]};
  snprintf(name, sizeof name, "%slayer_%02d/weight", group, number);
  GP_TRY(read_one(&w->weight[number - 1], file, name, 2, dims));
  snprintf(name, sizeof name, "%slayer_%02d/bias", group, number);
  if (!gp_tree_has(file, name)) return GP_OK;
  if (!bias)
    return gp_fail(GP_ERR_DATA, "there is %s in it, but the model has no biases (model.bias: false)", name);
  return read_one(&w->bias[number - 1], file, name, 1, dims);
}

/* A file of a deeper network is another network's. */
static gp_status check_depth(gp_tree_reader *file, const char *group, int layers) {
  char name[2 * NAME_BYTES];
  snprintf(name, sizeof name, "%slayer_%02d", group, layers + 1);
  if (!gp_tree_has(file, name)) return GP_OK;
  return gp_fail(GP_ERR_DATA,
                 "there is %s in it, but the model has %d layers (depth %d and the output layer)", name,
                 layers, layers - 1);
}

/* The numbers and where they stand: equal numbers in another shape are other weights. */
static gp_status hash_weights(gp_weights *w, const int64_t *widths) {
  gp_text text = {0};
  char hash[GP_HASH_TEXT];
  for (int l = 1; l <= w->layers; l++) {
    gp_hash_text(hash, w->weight[l - 1], (size_t)(widths[l] * widths[l - 1]) * sizeof(double));
    gp_text_add(&text, "%" PRId64 " %" PRId64 " %s", widths[l], widths[l - 1], hash);
    if (w->bias[l - 1] != NULL) gp_hash_text(hash, w->bias[l - 1], (size_t)widths[l] * sizeof(double));
    gp_text_add(&text, " %s\n", w->bias[l - 1] != NULL ? hash : "-");
  }
  if (!text.failed) gp_hash_text(w->content_hash, text.data, text.length);
  bool failed = text.failed;
  gp_text_free(&text);
  return failed ? no_memory() : GP_OK;
}

static gp_status read_weights(gp_weights *w, gp_tree_reader *file, const gp_spec *spec, int64_t step,
                              const int64_t *widths) {
  char group[NAME_BYTES];
  GP_TRY(find_group(group, file, step));
  for (int l = 1; l <= w->layers; l++) GP_TRY(read_layer(w, file, group, l, widths, spec->bias));
  GP_TRY(check_depth(file, group, w->layers));
  return hash_weights(w, widths);
}

static gp_status make_weights(gp_weights **out, const gp_spec *spec, const int64_t *widths) {
  int64_t step;
  const char *path = gp_spec_weights_file(spec, &step);
  gp_tree_reader *file = NULL;
  gp_weights *w = *out = calloc(1, sizeof *w);
  if (w == NULL) return no_memory();
  w->weight = calloc((size_t)spec->depth + 1, sizeof *w->weight);
  w->bias = calloc((size_t)spec->depth + 1, sizeof *w->bias);
  if (w->weight == NULL || w->bias == NULL) return no_memory();
  w->layers = (int)spec->depth + 1;
  gp_status status = gp_tree_open(&file, path);
  bool opened = status == GP_OK;
  if (opened) status = read_weights(w, file, spec, step, widths);
  gp_tree_reader_close(file);
  if (status == GP_OK || status == GP_ERR_MEMORY) return status;
  /* What is said of the file begins with its path, what is found in it need not. */
  bool named = strncmp(gp_message(), path, strlen(path)) == 0;
  return gp_fail_prefix(status, "model.init.path: %s%s", named ? "" : path, named ? "" : ": ");
}

static gp_status keep(gp_given *given, gp_weights *weights, gp_run_key key) {
  gp_weights **grown = realloc(given->items, (given->count + 1) * sizeof(gp_weights *));
  if (grown == NULL) return no_memory();
  given->items = grown;
  if (gp_runmap_add(&given->number_of, key, given->count) == SIZE_MAX) return no_memory();
  given->items[given->count++] = weights;
  return GP_OK;
}

/* ---- what plans ask for ---- */

gp_status gp_given_take(gp_given *given, gp_spec *spec, const gp_dataset *data) {
  gp_run_key key;
  gp_weights *weights = NULL;
  gp_given_find(given, spec, data);
  if (!takes(spec) || spec->weights != NULL) return GP_OK;
  int64_t *widths = widths_of(spec, data);
  gp_status status =
      widths != NULL && key_of(&key, spec, widths) ? make_weights(&weights, spec, widths) : no_memory();
  if (status == GP_OK) status = keep(given, weights, key);
  if (status == GP_OK)
    spec->weights = weights;
  else
    free_weights(weights);
  free(widths);
  return status;
}

void gp_given_find(const gp_given *given, gp_spec *spec, const gp_dataset *data) {
  gp_run_key key;
  spec->weights = NULL;
  if (!takes(spec) || given->count == 0) return;
  int64_t *widths = widths_of(spec, data);
  size_t number =
      widths != NULL && key_of(&key, spec, widths) ? gp_runmap_find(&given->number_of, key) : SIZE_MAX;
  if (number != SIZE_MAX) spec->weights = given->items[number];
  free(widths);
}

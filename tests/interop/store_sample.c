/* Writes the result file that check_result_file.py reads with other people's libraries: store_sample FILE.h5.
 * Values are simple functions of row, step and layer that the reader recomputes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "journal.h"
#include "pack.h"

enum { ACTIVATIONS = 3, DEPTHS = 2, RATES = 4, SEEDS = 5, RUNS = ACTIVATIONS * DEPTHS * RATES * SEEDS };

static const char *const activations[ACTIVATIONS] = {"sigmoid", "tanh", "relu"};
static const int64_t steps[] = {0, 1, 10, 100};

static const char *const set_words[] = {"none", "diverged", "dead", NULL};

static const gp_variable variables[] = {
    {"run_id", "identity of the run", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"activation", "activation", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"depth", "hidden layers", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    {"learning_rate", "learning rate", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    {"seed", "seed of the run", "1", GP_PER_RUN, GP_U64, NULL, NULL},
    {"status", "state of the run", "1", GP_PER_RUN, GP_STATE, gp_run_state_words, NULL},
    {"message", "what went wrong", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    {"final_loss", "loss at the end", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    {"loss", "loss over the training set", "1", GP_PER_CHECKPOINT, GP_F64, NULL,
     "of the weights after that many steps"},
    {"weight_gradient_norm", "norm of dC/dW", "1", GP_PER_LAYER, GP_F64, NULL, NULL},
    {"conditions", "what held", "1", GP_PER_RUN, GP_I64, set_words, NULL},
    {"g_histogram", "magnitudes", "1", GP_PER_MAGNITUDE_BIN, GP_F64, NULL, NULL},
    {"weight_values", "singular values", "1", GP_PER_LAYER_SINGULAR_VALUE, GP_F64, NULL, NULL},
};
enum { VARIABLES = sizeof variables / sizeof variables[0] };

static const char *run_id(const void *context, size_t row) {
  static char id[GP_HASH_TEXT];
  (void)context;
  gp_hash_text(id, &row, sizeof row);
  return id;
}

static gp_status fill(const void *context, size_t row, gp_cell *cells) {
  cells[0].text = run_id(context, row);
  cells[1].text = activations[row / (DEPTHS * RATES * SEEDS)];
  cells[2].integer = (int64_t)(1 + row / (RATES * SEEDS) % DEPTHS);
  cells[3].real = (double[RATES]){0.001, 0.01, 0.1, 1}[row / SEEDS % RATES];
  cells[4].natural = row % SEEDS;
  cells[5].state = GP_RUN_PENDING;
  cells[6].text = row == 2 ? "d\xc3\xa9j\xc3\xa0" : "";
  cells[7].real = (double)NAN;
  cells[10].integer = 2 * (int64_t)(row % 4);
  return GP_OK;
}

/* Every run but the last is done; run 7 has an infinite loss at its end. */
static void record_make(gp_record *record, size_t row, gp_cell *cells, double *loss, double *norm,
                        double *bins, double *sigma) {
  snprintf(record->run_id, sizeof record->run_id, "%s", run_id(NULL, row));
  fill(NULL, row, cells);
  cells[5].state = GP_RUN_DONE;
  cells[7].real = row == 7 ? (double)INFINITY : 0.25 * (double)row;
  record->checkpoints = steps;
  record->checkpoint_count = 4;
  record->layer_count = (size_t)cells[2].integer + 1;
  record->inner[GP_BIN] = GP_BINS;
  record->inner[GP_SINGULAR_VALUE] = 2;
  for (size_t i = 0; i < 4 * record->layer_count * GP_BINS; i++) bins[i] = (double)(row + i);
  for (size_t i = 0; i < 4 * record->layer_count * 2; i++) sigma[i] = (double)row - (double)i;
  for (size_t c = 0; c < 4; c++) {
    loss[c] = (double)row + 0.001 * (double)steps[c];
    for (size_t l = 0; l < record->layer_count; l++)
      norm[c * record->layer_count + l] = (double)row * 100 + (double)c * 10 + (double)l;
  }
}

static gp_status journal_fill(const char *path, const gp_schema *schema) {
  char name[4096];
  gp_journal *journal;
  size_t cut;
  snprintf(name, sizeof name, "%s.journal", path);
  GP_TRY(gp_journal_open(&journal, name, schema, &cut));
  for (size_t row = 0; row + 1 < RUNS; row++) {
    gp_cell cells[VARIABLES];
    double loss[4], norm[12], bins[12 * GP_BINS], sigma[24];
    const double *series[VARIABLES] = {[8] = loss, [9] = norm, [11] = bins, [12] = sigma};
    gp_record record = {.cells = cells, .series = series, .seconds = 0.25 * (double)row};
    record_make(&record, row, cells, loss, norm, bins, sigma);
    GP_TRY(gp_journal_append(journal, &record));
  }
  return gp_journal_close(journal, false);
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: store_sample FILE.h5\n"), 2;
  static char notes[70001]; /* more than an attribute holds */
  memset(notes, 'n', sizeof notes - 1);
  const gp_attribute attributes[] = {{"title", "a sample"},
                                     {"question", ""},
                                     {"config", "depth: [1, 2]\n# \xc3\xa9\n"},
                                     {"axes", "activation depth learning_rate seed"},
                                     {"notes", notes}};
  const gp_attribute provenance[] = {{"host", "somewhere"}};
  const gp_schema schema = {.variables = variables,
                            .count = VARIABLES,
                            .checkpoints = steps,
                            .checkpoint_count = 4,
                            .layer_count = 3,
                            .inner = {[GP_BIN] = GP_BINS, [GP_SINGULAR_VALUE] = 3},
                            .attributes = attributes,
                            .attribute_count = 5};
  const gp_pack_plan plan = {RUNS, run_id, fill, NULL, provenance, 1};
  if (journal_fill(argv[1], &schema) == GP_OK && gp_pack(argv[1], &schema, &plan) == GP_OK) return 0;
  return fprintf(stderr, "%s\n", gp_message()), 1;
}

/* The parts of `explain`: one network small enough to be followed with pencil and paper.
 *
 * A book holds every array of one step, as the engine left it (what `dump` writes), and beside it the same step computed by
 * hand: plain double sums over the engine's own inputs of each stage, so that a difference is of that stage alone. */
#ifndef GP_EXPLAIN_H
#define GP_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "dataset.h"
#include "inspect.h"
#include "spec.h"
#include "trainer.h"

enum {
  EXPLAIN_WIDTH = 8,    /* units of a layer, inputs and outputs included */
  EXPLAIN_EXAMPLES = 8, /* of a batch */
  EXPLAIN_LAYERS = 32,
  EXPLAIN_CELLS = 64 /* of any array */
};

/* One array of the step: (rows, cols), row-major; a vector has one row. */
typedef struct explain_array {
  int layer; /* 0: of the whole network */
  char name[48];
  int64_t rows, cols;
  double x[EXPLAIN_CELLS];
} explain_array;

/* A layer by hand, (B, O) but for the weights. y is the normalised z or a, u what the activation sees; see nn/net.h. */
typedef struct explain_layer {
  int64_t in, out;
  double multiplier, alpha;
  int source; /* 0: no connection ends here */
  bool sums_before;
  const gp_activation *activation;
  const gp_choice *choice; /* of the activation */
  double z[EXPLAIN_CELLS], normalised[EXPLAIN_CELLS], y[EXPLAIN_CELLS], u[EXPLAIN_CELLS], a[EXPLAIN_CELLS],
      slope[EXPLAIN_CELLS], h[EXPLAIN_CELLS];
  double dh[EXPLAIN_CELLS], skipped[EXPLAIN_CELLS],
      delta[EXPLAIN_CELLS]; /* skipped: what the connection carries */
  double dw[EXPLAIN_CELLS], db[EXPLAIN_WIDTH];
} explain_layer;

typedef struct explain_book {
  const gp_spec *spec;
  const gp_dataset *data;
  gp_trainer *trainer;
  int64_t step, batch;
  int layers;
  bool all;     /* every sum is written out, not only the first example's */
  bool updated; /* the step has an update: its loss was finite and it is not the last */
  explain_array *arrays;
  size_t count, capacity;
  explain_layer layer[EXPLAIN_LAYERS + 1];        /* 1 .. layers */
  double x[EXPLAIN_CELLS], target[EXPLAIN_CELLS]; /* (B, I), (B, O) */
  double example_loss[EXPLAIN_EXAMPLES],
      slope[EXPLAIN_CELLS]; /* dloss/dz, or dloss/dp where the output has an activation */
  double loss_before, loss_after;
  double
      worst; /* largest difference between hand and engine, as a share of the array's largest entry or term */
  char where[64];
} explain_book;

/* Trains to the step and collects. Refuses (GP_ERR_USAGE) what cannot be followed by hand, with the reason. */
gp_status explain_collect(explain_book *book, int64_t step);
void explain_free(explain_book *book);

/* The array of that name, or its numbers, or NULL. */
const explain_array *explain_find(const explain_book *book, int layer, const char *name);
const double *explain_values(const explain_book *book, int layer, const char *name);

/* What layer l passes on, (B, O): the batch itself for 0. */
const double *explain_output(const explain_book *book, int l);

/* Whether nothing but an activation stands between z and h. */
bool explain_is_plain(const explain_book *book, int l);

/* The letter of a parameter array on the page: "weight" is W. */
const char *explain_symbol(const char *name);

/* Computes the step by hand and compares: explain_hand.c. */
void explain_by_hand(explain_book *book);

/* What is printed, in this order. */
void explain_print_forward(const explain_book *book);
void explain_print_backward(const explain_book *book);
gp_status explain_print_check(const explain_book *book, bool *held);
gp_status explain_print_update(const explain_book *book);

/* ---- explain_page.c ---- */

void explain_heading(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A sum or product that grows part by part and goes on in the next line when 78 columns are full. */
void explain_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void explain_part(const char *format, ...) __attribute__((format(printf, 1, 2)));
void explain_end(void);

/* "0.25", or "(-0.25)" where it is a factor. */
const char *explain_number(char buffer[static 32], double value);
const char *explain_factor(char buffer[static 32], double value);

/* One more column behind a table's: NULL name: none. */
typedef struct explain_column {
  const char *name;
  const double *x;
} explain_column;

/* A table of (rows, cols) numbers in blocks of columns that fit 80, after an empty line; rows are called "ROW 1", columns
 * "NAME[1]", or "NAME1]" where the name opens a bracket itself. */
gp_status explain_table(const char *row, const char *name, const double *x, int64_t rows, int64_t cols,
                        explain_column more);

#endif

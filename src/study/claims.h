/* Studies and their claims: what an experiment says will be found, judged on the numbers of its result file.
 *
 * A study is an item: name and question, the configuration that is run, the overrides that make the quick
 * version, and a function that reads the finished table and states each claim as measured, expected and held.
 * It lives in experiments/<NN_name>/. Nothing here prints. */
#ifndef GP_CLAIMS_H
#define GP_CLAIMS_H

#include "option.h"
#include "table.h"
#include "text.h"

enum { GP_CLAIM_BYTES = 200 };

/* One judged statement. `measured` and `expected` are short texts with their numbers and units. */
typedef struct gp_claim {
  char text[GP_CLAIM_BYTES], measured[GP_CLAIM_BYTES], expected[GP_CLAIM_BYTES];
  bool held;
} gp_claim;

/* The claims of one study, in order. Start from {0}; free with gp_claims_free. */
typedef struct gp_claims {
  gp_claim *items;
  size_t count, capacity;
} gp_claims;

/* Adds an empty claim with that text (printf style) and hands it out to be filled; `held` starts false. Valid
 * until the next call. NULL when memory ran out: the caller then returns GP_ERR_MEMORY. */
gp_claim *gp_claims_add(gp_claims *claims, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the two texts of a claim (printf style). */
void gp_claim_measured(gp_claim *claim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_claim_expected(gp_claim *claim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Judges a number that must lie in [low, high]: fills measured, expected and held. NaN never holds. */
void gp_claim_range(gp_claim *claim, double value, double low, double high);

/* How many of the claims did not hold. */
size_t gp_claims_failed(const gp_claims *claims);

void gp_claims_free(gp_claims *claims);

struct gp_plot_request;
struct gp_plot_result;

typedef struct gp_study {
  gp_item item;             /* name, one-line summary, source */
  const char *question;     /* what it asks, a sentence */
  const char *config;       /* name of its configuration in configs/ */
  const char *needs;        /* what a user must bring, said when its data cannot be read; NULL: nothing */
  const char *const *quick; /* overrides of the quick version, NULL-terminated */
  /* Charts that show its point, NULL-terminated; NULL: those `gradpath plot` draws by itself. */
  const char *const *charts;
  /* Draws figures of the study's own from the finished table, as plot.h says; NULL: none. */
  gp_status (*figures)(struct gp_plot_result *out, const struct gp_plot_request *request, gp_table *table);
  /* What is printed before the claims, made of the finished table: a matrix, a walk; NULL: nothing. Errors as of claims. */
  gp_status (*report)(gp_text *out, gp_table *table);
  /* States the claims on the finished table. Errors: GP_ERR_MEMORY, GP_ERR_FILE (a column is missing). */
  gp_status (*claims)(gp_claims *out, gp_table *table);
} gp_study;

#endif

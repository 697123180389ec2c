/* Specs for tests from a line of words, such as "activation=tanh depth=3 optimizer.momentum=0.9 batch=full".
 *
 * Keys are those of the configuration tables (gp_spec_sections); an option of an item has the item's key in front.
 * Two forms of their own: `every=N` (checkpoints every N steps) and `on=batch|train|N` (record.on; N: first N rows).
 * A word that means nothing ends the program: a table of test configurations must not rot silently. */
#ifndef SPEC_TEXT_H
#define SPEC_TEXT_H

#include "dataset.h"
#include "spec.h"

typedef struct spec_case {
  gp_spec given; /* as written: `auto` stands for itself */
  gp_spec spec;  /* resolved for the data */
  gp_dataset data;
  char text[512]; /* the words, cut: strings of the specs point here, so a case must not be copied */
} spec_case;

/* The default spec changed by `common`, then by `words`, with its data made and `auto` resolved. */
void spec_case_make(spec_case *c, const char *common, const char *words);
void spec_case_free(spec_case *c);

/* A numeric option of a chosen item by name; `missing` when the item has no such option. */
double spec_option(const gp_choice *choice, const char *name, double missing);

#endif

/* Identities: the same run has the same run_id in whatever study, another run another one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan_case.h"
#include "spec.h"

#define SMALL                                                                                                \
  "study: t\ndata: {name: spirals, samples: 32, test: 8}\ntrain: {batch: 8, steps: 10}\nmodel: {depth: 3}\n"

static void id_of(char id[static 33], const char *text, const char *override) {
  const char *overrides[] = {override, NULL};
  gp_plan *plan = plan_of(text, overrides);
  gp_plan_run_id(plan, 0, id);
  gp_plan_free(plan);
}

/* If this changes, every stored run of every user is computed again: a change of the canonical text or of
 * GP_NUMERICS_VERSION must be meant. */
Test(run_identity, golden) {
  static const char want[] = "numerics_version: 1\n"
                             "precision: float32\n"
                             "flush_to_zero: false\n"
                             "data: spirals\n"
                             "data.samples: 32\n"
                             "data.test: 8\n"
                             "data.noise: 0.1\n"
                             "data.turns: 1\n"
                             "data.classes: 2\n"
                             "data.seed: 0\n"
                             "data.first: auto\n"
                             "data.scale: none\n"
                             "model.depth: 3\n"
                             "model.width: 32\n"
                             "model.shape: auto\n"
                             "model.activation: relu\n"
                             "model.init: he\n"
                             "model.init.gain: 1\n"
                             "model.init.fan: in\n"
                             "model.init.distribution: normal\n"
                             "model.init.bias_variance: 0\n";
  gp_plan *plan = plan_of(SMALL, NULL);
  gp_text text = {0};
  char id[33], hash[33];
  cr_assert_eq(gp_plan_canonical(plan, 0, &text), GP_OK);
  cr_assert_eq(strncmp(text.data, want, strlen(want)), 0, "%s", text.data);
  cr_assert_str_eq(text.data + text.length - strlen("seed: 0\n"), "seed: 0\n");
  gp_hash_text(hash, text.data, text.length);
  cr_assert_str_eq(gp_plan_run_id(plan, 0, id), hash);
  cr_assert_str_eq(id, "e147f2ba86c2677f4b4e39728ca5ccab", "%s\n%s", id, text.data);
  gp_text_free(&text);
  gp_plan_free(plan);
}

/* Study, question, limits, other values of an axis, other axes, how a value is written: none of it is the run. */
Test(run_identity, what_is_no_part_of_it) {
  static const char *const same[] = {"study=other",
                                     "question=why",
                                     "limits.run_seconds=5",
                                     "depth=3,4",
                                     "seed=0..9",
                                     "learning_rate=1e-1",
                                     "learning_rate=0.1,0.2",
                                     "init=auto",
                                     "init=he",
                                     "output=auto",
                                     "activation=relu",
                                     "activation=relu,tanh",
                                     "data.noise=0.1,0.2",
                                     "scale=none",
                                     "sweep.where=depth==3",
                                     "probes=all",
                                     "steps=1e1",
                                     "weight_decay=0"};
  char id[33], other[33];
  id_of(id, SMALL, NULL);
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    id_of(other, SMALL, same[i]);
    cr_expect_str_eq(id, other, "%s changes the identity", same[i]);
  }
}

/* ---- every option of every table changes it ---- */

/* A legal value of the option other than its default, as text. false: there is none (a family of one item). */
static bool another_value(const gp_option *o, char out[static 128]) {
  double value;
  switch (o->type) {
  case GP_OPTION_BOOL:
    strcpy(out, o->preset != 0 ? "false" : "true");
    return true;
  case GP_OPTION_WORD:
    for (int w = 0; o->words[w] != NULL; w++)
      if (w != (int)o->preset && snprintf(out, 128, "%s", o->words[w]) > 0) return true;
    return false;
  case GP_OPTION_REAL:
    value = o->preset == o->preset && o->preset != 0 ? o->preset / 2 : 0.25;
    snprintf(out, 128, "%.17g", gp_option_in_range(o, value) ? value : o->min + 0.5);
    return true;
  case GP_OPTION_INT:
    value = o->preset == o->preset ? o->preset + 1 : o->min + 1;
    snprintf(out, 128, "%.0f", gp_option_in_range(o, value) ? value : o->preset - 1);
    return true;
  default:
    return false;
  }
}

/* Keys that need a value or company of their own to count. */
static const struct {
  const char *path, *override, *with;
} special[] = {{"data.first", "data.first=16", NULL},
               {"data.only_classes", "data.only_classes=1-0", NULL},
               {"data.per_class", "data.per_class=12", NULL},
               {"data.split", NULL, NULL}, /* read for data from files only, whose content stands for it */
               {"data.scale", "data.scale=standardize", NULL},
               {"data.scale_low", "data.scale=[-1, 1]", "data.scale=[0, 1]"},
               {"data.scale_high", "data.scale=[0, 2]", "data.scale=[0, 1]"},
               {"model.shape", "model.shape=4-4", NULL},
               {"train.layer_rates", "train.layer_rates=1-1-1-0", NULL},
               {"train.decoupled", "train.decoupled=true", "weight_decay=0.1"},
               {"train.decay_bias", "train.decay_bias=true", "weight_decay=0.1"},
               {"train.master_weights", "train.master_weights=false", "precision=bfloat16"},
               {"train.stop_on", "train.stop_on=diverged", NULL},
               {"train.batch", "train.batch=16", NULL},
               {"record.probes", "record.probes=gradients", NULL}};

static void check_changes(const char *path, const char *override, const char *with) {
  const char *base[] = {with, NULL}, *changed[] = {override, with, NULL};
  if (with != NULL && strchr(with, '[') != NULL) changed[1] = NULL; /* the same key: it replaces */
  gp_plan *a = plan_of(SMALL, base), *b = plan_of(SMALL, changed);
  char x[33], y[33];
  cr_expect_str_neq(gp_plan_run_id(a, 0, x), gp_plan_run_id(b, 0, y), "%s (%s) does not change the identity",
                    path, override);
  gp_plan_free(a);
  gp_plan_free(b);
}

/* Items that cannot be chosen by name alone read files. */
static bool needs_file(const gp_item *item) {
  for (const gp_option *o = item->options; o->name != NULL; o++)
    if (o->flags & GP_REQUIRED) return true;
  return false;
}

/* Item options are compared within their item: `choice={name: item, option: value}` against `choice=item`. */
static size_t check_items(const char *path, const gp_option *choice) {
  size_t checked = 0;
  for (const gp_item *const *item = choice->family->items; *item != NULL; item++)
    for (const gp_option *o = (*item)->options; o != NULL && o->name != NULL; o++) {
      char value[128], with[300], override[600];
      bool output = strcmp(choice->name, "output") == 0, path_option = (o->flags & GP_PATH) != 0;
      bool looks_ahead = strcmp(o->name, "nesterov") == 0; /* needs a momentum: checked below */
      if (output || path_option || needs_file(*item) || looks_ahead || !another_value(o, value)) continue;
      bool data = strcmp(path, "data") == 0;
      bool sized = data && gp_option_find((*item)->options, "samples") != NULL;
      const char *more = sized && strcmp(o->name, "samples") != 0 ? ", samples: 40" : "";
      snprintf(with, sizeof with, "%s={name: %s%s}", path, (*item)->name, more);
      snprintf(override, sizeof override, "%s={name: %s, %s: %s%s}", path, (*item)->name, o->name, value,
               more);
      const char *loss =
          data ? "loss=mse" : "bias=true"; /* the squared error serves classes and targets alike */
      /* Some initialisers are for residual networks, and a block of two layers needs a third. */
      bool init = strcmp(path, "model.init") == 0, residual = strcmp(path, "model.residual") == 0;
      const char *model = init ? "residual=identity" : residual ? "depth=4" : "precision=float32";
      const char *base[] = {with, loss, "batch=full", model, NULL},
                 *changed[] = {override, loss, "batch=full", model, NULL};
      gp_plan *a = plan_of(SMALL, base), *b = plan_of(SMALL, changed);
      char x[33], y[33];
      cr_expect_str_neq(gp_plan_run_id(a, 0, x), gp_plan_run_id(b, 0, y), "%s does not change the identity",
                        override);
      gp_plan_free(a);
      gp_plan_free(b);
      checked++;
    }
  return checked;
}

static bool is_special(const char *path) {
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    if (strcmp(special[i].path, path) == 0) return true;
  return false;
}

Test(run_identity, every_key_changes_it) {
  size_t checked = 0;
  for (const gp_spec_section *section = gp_spec_sections(); section->key != NULL; section++)
    for (const gp_option *o = section->options; o->name != NULL; o++) {
      char path[128], value[128], override[300];
      bool data = strcmp(o->name, "data") == 0;
      snprintf(path, sizeof path, "%s%s%s", section->key, section->key[0] != '\0' && !data ? "." : "",
               data ? "" : o->name);
      if (o->type == GP_OPTION_CHOICE) checked += check_items(path, o);
      if (is_special(path) || !another_value(o, value)) continue;
      snprintf(override, sizeof override, "%s=%s", path, value);
      check_changes(path, override, NULL);
      checked++;
    }
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    if (special[i].override != NULL) check_changes(special[i].path, special[i].override, special[i].with);
  static const char *const others[] = {"data=circles",
                                       "activation=tanh",
                                       "init=lecun",
                                       "loss=mse",
                                       "checkpoints={log: 20}",
                                       "checkpoints={every: 5}",
                                       "checkpoints=0,1,10",
                                       "record.on=train",
                                       "record.on={first: 8}",
                                       "optimizer={name: sgd, momentum: 0.9}",
                                       "batch=full"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) check_changes(others[i], others[i], NULL);
  check_changes("nesterov", "optimizer={name: sgd, momentum: 0.9, nesterov: true}", NULL);
  cr_assert_gt(checked, 60, "only %zu options were checked", checked); /* or the loop went past them */
}

/* ---- data from files ---- */

static void write_csv(const char *path, const char *text) {
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
}

/* The content of a data file counts, its name does not. */
Test(run_identity, files_count_by_content) {
  static const char rows[] = "a,b,y\n1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,6,0\n";
  char folder[] = "/tmp/gp-identity-XXXXXX", one[64], two[64], text[400], a[33], b[33], c[33];
  cr_assert_not_null(mkdtemp(folder));
  snprintf(one, sizeof one, "%s/one.csv", folder);
  snprintf(two, sizeof two, "%s/two.csv", folder);
  write_csv(one, rows);
  write_csv(two, rows);
  static const char form[] =
      "study: t\ndata: {name: csv, file: '%s', target: y, split: 0.8}\ntrain: {batch: 2, loss: mse}\n";
  snprintf(text, sizeof text, form, one);
  id_of(a, text, NULL);
  snprintf(text, sizeof text, form, two);
  id_of(b, text, NULL);
  write_csv(two, "a,b,y\n1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,7,0\n");
  id_of(c, text, NULL);
  unlink(one);
  unlink(two);
  rmdir(folder);
  cr_expect_str_eq(a, b);
  cr_expect_str_neq(a, c);
}

/* ---- the tables ---- */

/* Options of one name in one family are one column and are read by one row: they must be of one kind. */
Test(run_identity, options_of_one_name_agree) {
  for (const gp_family *const *family = gp_families(); *family != NULL; family++)
    for (const gp_item *const *i = (*family)->items; *i != NULL; i++)
      for (const gp_option *o = (*i)->options; o != NULL && o->name != NULL; o++)
        for (const gp_item *const *j = (*family)->items; *j != *i; j++) {
          const gp_option *p = gp_option_find((*j)->options, o->name);
          if (p == NULL) continue;
          cr_expect_eq(p->type, o->type, "%s: %s and %s", o->name, (*i)->name, (*j)->name);
          for (int w = 0; o->type == GP_OPTION_WORD && o->words[w] != NULL; w++)
            cr_expect_str_eq(o->words[w], p->words[w]);
        }
}

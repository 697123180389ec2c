/* Golden digests: the recorded numbers of small runs, hashed, as they were when golden.txt was written. They must come
 * out the same on every tier, in both plans, from every compiler, on every machine.
 *
 * A line of golden.txt is a digest and the run's words (tests/oracle/spec_text.h); '#' begins a comment. When numbers
 * are changed on purpose, raise GP_NUMERICS_VERSION (it is part of every run's identity) and write the file anew:
 *   GRADPATH_GOLDEN_WRITE=1 build/release/tests/golden/test_golden */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "hash.h"

static const char path[] = GP_SOURCE_DIR "/tests/golden/golden.txt";
static const char common[] =
    "data.samples=60 data.test=20 depth=3 width=12 batch=16 steps=12 every=4 seed=7 ";
enum { LINE = 512, LINES_MAX = 64 };

/* What is hashed, by name: a variable added later changes no digest. */
static const char *const hashed[] = {"verdict",
                                     "conditions",
                                     "steps_done",
                                     "diverged_at",
                                     "gradient_factor",
                                     "gradient_span",
                                     "final_loss",
                                     "best_loss",
                                     "final_accuracy",
                                     "final_test_loss",
                                     "final_test_accuracy",
                                     "baseline_loss",
                                     "loss",
                                     "accuracy",
                                     "test_loss",
                                     "test_accuracy",
                                     "batch_loss",
                                     "gradient_norm",
                                     "weight_gradient_norm",
                                     "bias_gradient_norm",
                                     "delta_mean_norm",
                                     "delta_rms",
                                     "delta_total_norm",
                                     "homogeneity",
                                     "activation_mean",
                                     "activation_rms",
                                     "preactivation_mean",
                                     "preactivation_rms",
                                     "zero_fraction",
                                     "dead_fraction",
                                     "saturated_fraction",
                                     "weight_norm",
                                     "update_norm",
                                     "update_ratio"};

static void digest_of(const gp_trace *trace, char out[GP_HASH_TEXT]) {
  size_t count, used = 0, room = 65536;
  const gp_variable *variables = gp_train_variables(&count);
  double *values = malloc(room * sizeof *values);
  for (size_t h = 0; h < sizeof hashed / sizeof *hashed; h++) {
    size_t v = engine_variable(hashed[h]);
    for (size_t i = 0; i < engine_count(trace, &variables[v]); i++) {
      cr_assert_lt(used, room);
      double value = engine_value(trace, variables, v, i);
      values[used++] = isnan(value) ? __builtin_nan("") : value;
    }
  }
  gp_hash_text(out, values, used * sizeof *values);
  free(values);
}

/* One run on one tier, alone or in the first lane of a group. False when this CPU has not got the tier. */
static bool digest_on(const char *tier, const spec_case *c, bool laned, char out[GP_HASH_TEXT]) {
  const gp_spec *spec = &c->spec;
  const gp_dataset *data = &c->data;
  enum gp_run_state state;
  gp_trace trace;
  gp_trainer *trainer = engine_on(tier);
  if (trainer == NULL) return false;
  cr_assert_eq(gp_trainer_prepare_group(trainer, &spec, &data, 1, laned ? 16 : 1), GP_OK, "%s", gp_message());
  gp_trainer_run_group(trainer, NULL, &state);
  gp_trainer_trace(trainer, 0, &trace);
  digest_of(&trace, out);
  gp_trainer_free(trainer);
  return true;
}

static void check_line(const char *digest, const char *words) {
  static const char *const tiers[] = {"portable", "avx2", "avx512"};
  char found[GP_HASH_TEXT];
  spec_case c;
  spec_case_make(&c, common, words);
  for (int t = 0; t < 3; t++)
    for (int laned = 0; laned < 2; laned++)
      if (digest_on(tiers[t], &c, laned, found))
        cr_assert_str_eq(
            found, digest,
            "%s%s: '%s' has other numbers than when golden.txt was written; see the head of this test",
            tiers[t], laned ? " in lanes" : "", words);
  spec_case_free(&c);
}

/* The file's lines; those that hold a run have their words at words[i], the others NULL. */
static int read_lines(char lines[LINES_MAX][LINE], const char *words[LINES_MAX]) {
  int count = 0;
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file, "cannot open %s", path);
  for (; count < LINES_MAX && fgets(lines[count], LINE, file) != NULL; count++) {
    lines[count][strcspn(lines[count], "\n")] = '\0';
    char *space = strchr(lines[count], ' ');
    words[count] = lines[count][0] != '#' && space != NULL ? space + 1 : NULL;
  }
  fclose(file);
  return count;
}

static void write_lines(char lines[LINES_MAX][LINE], const char *words[LINES_MAX], int count) {
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file, "cannot write %s", path);
  for (int i = 0; i < count; i++) {
    char digest[GP_HASH_TEXT];
    spec_case c;
    if (words[i] == NULL) {
      fprintf(file, "%s\n", lines[i]);
      continue;
    }
    spec_case_make(&c, common, words[i]);
    digest_on("portable", &c, false, digest);
    fprintf(file, "%s %s\n", digest, words[i]);
    spec_case_free(&c);
  }
  fclose(file);
}

Test(golden, numbers_are_what_they_were) {
  static char lines[LINES_MAX][LINE];
  const char *words[LINES_MAX];
  int count = read_lines(lines, words), runs = 0;
  if (getenv("GRADPATH_GOLDEN_WRITE") != NULL) {
    write_lines(lines, words, count);
    count = read_lines(lines, words);
  }
  for (int i = 0; i < count; i++) {
    if (words[i] == NULL) continue;
    lines[i][strcspn(lines[i], " ")] = '\0';
    check_line(lines[i], words[i]);
    runs++;
  }
  cr_assert_geq(runs, 8, "only %d runs in %s", runs, path);
}

/* Another seed, and one weight's last bit, make another digest. */
Test(golden, a_digest_tells_runs_apart) {
  char a[GP_HASH_TEXT], b[GP_HASH_TEXT], again[GP_HASH_TEXT];
  spec_case one, other;
  spec_case_make(&one, common, "precision=float64 learning_rate=0.1");
  spec_case_make(&other, common, "precision=float64 learning_rate=0.10000000000000002");
  digest_on("portable", &one, false, a);
  digest_on("portable", &one, false, again);
  digest_on("portable", &other, false, b);
  cr_assert_str_eq(a, again);
  cr_assert_str_neq(a, b);
  spec_case_free(&one);
  spec_case_free(&other);
}

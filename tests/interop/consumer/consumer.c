/* A user of libgradpath: runs a small sweep from an installed config and reads it back. Built by
 * install_check.sh against an installation, once through find_package and once through pkg-config. */
#include <gradpath.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what) {
  fprintf(stderr, "consumer: %s: %s\n", what, gp_last_message());
  return 1;
}

/* Two runs: loss falls from the first checkpoint to the last, and every layer has a gradient. */
static int check(gp_results *results) {
  const double *loss, *norm;
  size_t layers, none;
  char word[16];
  if (gp_results_runs(results) != 2) return failed("number of runs");
  if (gp_results_series(results, "loss", &loss, &none) != 0 || none != 0) return failed("loss");
  if (gp_results_series(results, "weight_gradient_norm", &norm, &layers) != 0 || layers != 3)
    return failed("norm");
  size_t points = gp_results_checkpoints(results);
  for (size_t run = 0; run < 2; run++) {
    if (gp_results_number(results, "depth", run) != 2) return failed("depth");
    if (strcmp(gp_results_word(results, "activation", run, word, sizeof word), run == 0 ? "tanh" : "relu") !=
        0)
      return failed("activation");
    if (!(loss[run * points + points - 1] < loss[run * points])) return failed("the loss did not fall");
    for (size_t layer = 0; layer < layers; layer++)
      if (!(norm[run * points * layers + layer] > 0)) return failed("a gradient is zero");
  }
  if (gp_results_step(results, points - 1) != 50) return failed("last step");
  if (!isnan(gp_results_number(results, "no_such_column", 0))) return failed("a missing column has a number");
  if (gp_results_series(results, "depth", &loss, &none) != 2)
    return failed("a column was taken for a series");
  return 0;
}

int main(void) {
  const char *overrides[] = {"activation=tanh,relu", "depth=2", "learning_rate=0.1", "steps=50", "seed=0"};
  gp_request request = GP_REQUEST_DEFAULT;
  request.config = "smoke";
  request.overrides = overrides;
  request.override_count = sizeof overrides / sizeof *overrides;
  request.output = "consumer.h5";
  request.threads = 2;
  if (gp_run(&request) != 0) return failed("run");
  request.config = "no-such-config";
  if (gp_run(&request) != 2 || gp_last_message()[0] == '\0') return failed("an unknown config was accepted");
  gp_results *results = NULL;
  if (gp_results_open(&results, "consumer.h5") != 0) return failed("open");
  int outcome = check(results);
  gp_results_close(results);
  if (outcome == 0) printf("consumer: gradpath %s: all checks passed\n", gp_version());
  return outcome;
}

/* gradpath verify: are the stored numbers those that the configuration gives? */
#include <stdio.h>

#include "cli.h"
#include "verify.h"

typedef struct verify_options {
  int64_t runs;
} verify_options;

enum { DEFAULT_RUNS = 5 };

static const cli_flag flags[] = {
    CLI_NUMBER(verify_options, runs, 'k', "runs", "K",
               "how many runs are computed again (default 5; more than there are: all)"),
    CLI_FLAGS_END,
};

static void print_place(const gp_difference *d) {
  printf("  variable    %s\n", d->variable);
  const gp_shape_item *over = &gp_shape_table[d->shape];
  if (over->steps) printf("  checkpoint  %lld\n", (long long)d->place.checkpoint);
  if (over->layers) printf("  layer       %zu\n", d->place.layer);
  if (over->inner != GP_NO_INNER) printf("  %-11s %zu\n", gp_inner_table[over->inner].name, d->place.inner);
  printf("  stored      %s\n  computed    %s\n", d->first, d->second);
}

static gp_status print_result(const gp_verify_result *r, const char *path) {
  const char *word = r->same ? "PASS" : "FAIL";
  printf("%s%s%s %s: ", cli_out(r->same ? CLI_GREEN : CLI_RED), word, cli_out(CLI_OFF), path);
  if (r->same) {
    printf("%zu of %zu finished runs computed again, every stored value has the same bits\n", r->checked,
           r->finished);
    return GP_OK;
  }
  bool named = r->describe.length > 0 && !r->describe.failed;
  printf("run %zu differs%s%s%s\n", r->row, named ? " (" : "", named ? r->describe.data : "",
         named ? ")" : "");
  printf("  run_id      %s\n", r->run_id);
  print_place(&r->difference);
  return gp_fail(GP_ERR_NO, "%s does not hold what its configuration gives (after %zu run%s)", path,
                 r->checked, r->checked == 1 ? "" : "s");
}

static gp_status run(const cli_call *call) {
  const verify_options *o = call->options;
  gp_verify_result result;
  const char *path = call->operands[0];
  if (o->runs == 0) return gp_fail(GP_ERR_USAGE, "--runs wants at least 1");
  GP_TRY(cli_exists(path));
  gp_verify_options options = {.tier = call->tier, .runs = o->runs > 0 ? (size_t)o->runs : DEFAULT_RUNS};
  gp_status status = gp_verify(&result, path, &options);
  if (status == GP_OK) status = print_result(&result, path);
  gp_verify_free(&result);
  return status;
}

extern const cli_command cli_verify;
const cli_command cli_verify = {
    .name = "verify",
    .operands = "FILE",
    .summary = "Compute stored runs again and compare every bit",
    .details =
        "Takes finished runs at random (drawn by the identities in the file: the same file is judged by the "
        "same runs)\n"
        "and computes them again, in memory, from the configuration that the file itself holds. PASS, or the "
        "first\n"
        "variable, run, checkpoint and layer that differs, and exit 1. Data files must lie where the "
        "configuration says,\n"
        "seen from this folder.\n"
        "\n"
        "Examples:\n"
        "  gradpath verify results/smoke.h5\n"
        "  gradpath verify results/sigmoid-vs-relu.h5 --runs 100 --tier portable\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};

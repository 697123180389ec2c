/* gradpath merge: shards of a sweep into one file. */
#include <stdio.h>

#include "cli.h"
#include "merging.h"

typedef struct merge_options {
  bool no_provenance;
} merge_options;

static const cli_flag flags[] = {
    CLI_SWITCH(merge_options, no_provenance, 0, "no-provenance", "leave out what the machine determines"),
    CLI_FLAGS_END,
};

static gp_status run(const cli_call *call) {
  const merge_options *o = call->options;
  gp_merge_counts counts;
  const char *out = call->operands[0];
  for (size_t i = 1; i < call->operand_count; i++) GP_TRY(cli_exists(call->operands[i]));
  GP_TRY(gp_merging_run(&counts, out, call->operands + 1, call->operand_count - 1, !o->no_provenance));
  printf("%s: %zu of %zu runs, from %zu files", out, counts.finished, counts.rows, call->operand_count - 1);
  if (counts.overlapping > 0)
    printf("; %zu were there more than once, with the same bits", counts.overlapping);
  putchar('\n');
  if (counts.finished < counts.rows)
    cli_warn("%zu runs are in none of the files: they are pending in %s", counts.rows - counts.finished, out);
  return GP_OK;
}

extern const cli_command cli_merge;
const cli_command cli_merge = {
    .name = "merge",
    .operands = "OUT IN ...",
    .summary = "Join the shards of a sweep into one file",
    .details =
        "The inputs are results of the same configuration and settings, as run --shard I/N writes them. The "
        "result has the\n"
        "bytes of one that was computed in one piece (/provenance apart, where the histories of the parts "
        "are "
        "kept).\n"
        "Runs that several files hold must agree in every bit; a conflict is an error that names the run, "
        "and "
        "nothing is\n"
        "written. An OUT that is there already takes part if it is a result of the same configuration, and "
        "is "
        "refused and\n"
        "left alone if it is anything else. Merging again with further shards continues.\n"
        "\n"
        "Example:\n"
        "  gradpath merge results/smoke.h5 results/smoke.*-of-4.h5\n",
    .flags = flags,
    .least = 2,
    .most = SIZE_MAX,
    .run = run,
};

/* gradpath pack: the file of a sweep that was cut short, from its journal. */
#include <stdio.h>

#include "cli.h"
#include "shards.h"
#include "sweep.h"

typedef struct pack_options {
  bool no_provenance;
} pack_options;

static const cli_flag flags[] = {
    CLI_SWITCH(pack_options, no_provenance, 0, "no-provenance", "leave out what the machine determines"),
    CLI_FLAGS_END,
};

/* The plan of the configuration that the journal (or else the file) holds. */
static gp_status load_plan(gp_plan **out, const char *path) {
  gp_table *table;
  GP_TRY(gp_table_open(&table, path));
  const char *config = gp_table_attribute(table, "config");
  gp_status status = gp_plan_load_text(out, path, config != NULL ? config : "");
  gp_table_close(table);
  if (status == GP_OK) return GP_OK;
  return gp_fail_prefix(status, "%s: its rows cannot be made again from the configuration in its journal:\n",
                        path);
}

static void print_outcome(const char *path, const gp_sweep_result *r) {
  printf("%s: %zu of %zu runs\n", path, r->progress.kept, r->rows);
  if (r->recovered_bytes_cut > 0)
    cli_warn("the sweep was killed: %zu bytes of an unfinished record were dropped", r->recovered_bytes_cut);
}

static gp_status run(const cli_call *call) {
  const pack_options *o = call->options;
  const char *path = call->operands[0];
  gp_plan *plan;
  gp_sweep_result result;
  GP_TRY(cli_exists(path));
  if (!gp_shards_exist(path)) {
    printf("%s: nothing to pack, it has no journal beside it\n", path);
    return GP_OK;
  }
  GP_TRY(load_plan(&plan, path));
  gp_sweep_options options = {
      .output = path, .tier = call->tier, .provenance = !o->no_provenance, .pack_only = true};
  gp_status status = gp_sweep_run(plan, &options, &result);
  if (status == GP_OK) print_outcome(path, &result);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_pack;
const cli_command cli_pack = {
    .name = "pack",
    .operands = "FILE",
    .summary = "Make FILE of FILE.journal, after a sweep that was killed",
    .details =
        "A sweep packs when it ends or is stopped; one that was killed leaves FILE.journal with every "
        "finished "
        "run. show\n"
        "and plot read it as it is, and the same run command continues and packs. This command only packs: "
        "it "
        "computes\n"
        "nothing, and needs no configuration, which the journal holds (data files must still be where it "
        "says). Unfinished\n"
        "runs are pending in FILE. While the sweep is running the file is its own, and the command is "
        "refused.\n"
        "\n"
        "Example:\n"
        "  gradpath pack results/smoke.h5\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};

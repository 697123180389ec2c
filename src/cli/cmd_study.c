/* gradpath study: an experiment of this suite from its configuration to the verdict on its claims. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "claims.h"
#include "draw.h"
#include "sheet.h"
#include "run_sweep.h"
#include "studies.h"

typedef struct study_options {
  bool quick, fresh, no_charts;
  int64_t jobs;
} study_options;

static const cli_flag flags[] = {
    CLI_SWITCH(study_options, quick, 'q', "quick", "a small version, in seconds"),
    CLI_NUMBER(study_options, jobs, 'j', "jobs", "N", "workers (default: one per processor)"),
    CLI_SWITCH(study_options, fresh, 0, "fresh", "keep an old result as a numbered backup and start anew"),
    CLI_SWITCH(study_options, no_charts, 0, "no-charts", "do not draw"),
    CLI_FLAGS_END,
};

static gp_status list_studies(void) {
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, 2));
  GP_TRY_DONE(sheet_head(g, 0, "study", SHEET_TEXT));
  GP_TRY_DONE(sheet_head(g, 1, "question", SHEET_TEXT));
  for (const gp_item *const *item = gp_study_family.items; *item != NULL; item++) {
    GP_TRY_DONE(sheet_add(g, (*item)->name));
    GP_TRY_DONE(sheet_add(g, ((const gp_study *)(const void *)*item)->question));
  }
  sheet_print(g, SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

static gp_status find_study(const gp_study **out, const char *name) {
  const char *names[64];
  size_t count = 0;
  *out = (const gp_study *)(const void *)gp_family_find(&gp_study_family, name);
  if (*out != NULL) return GP_OK;
  for (const gp_item *const *item = gp_study_family.items; *item != NULL && count < 64; item++)
    names[count++] = (*item)->name;
  return cli_unknown("study", name, names, count);
}

static void print_claim(const gp_claim *claim) {
  printf("  %s%s%s  %s\n         measured %s; expected %s\n", cli_out(claim->held ? CLI_GREEN : CLI_RED),
         claim->held ? "held " : "FAILS", cli_out(CLI_OFF), claim->text, claim->measured, claim->expected);
}

static gp_status report(const gp_study *study, gp_table *table) {
  gp_text text = {0};
  if (study->report == NULL) return GP_OK;
  gp_status status = study->report(&text, table);
  if (status == GP_OK && text.failed) status = gp_fail(GP_ERR_MEMORY, "out of memory");
  if (status == GP_OK) fputs(text.data, stdout);
  gp_text_free(&text);
  return status;
}

/* Reads the file again, as a user would, and lets the study report and state its claims on it. */
static gp_status judge(const gp_study *study, const char *path) {
  gp_claims claims = {0};
  gp_table *table = NULL;
  GP_TRY(cli_open(&table, path));
  gp_status status = report(study, table);
  if (status == GP_OK) status = study->claims(&claims, table);
  if (status == GP_OK) {
    size_t failed = gp_claims_failed(&claims);
    puts("Claims");
    for (size_t i = 0; i < claims.count; i++) print_claim(&claims.items[i]);
    printf("%zu of %zu claims held\n", claims.count - failed, claims.count);
    if (failed > 0) status = gp_fail(GP_ERR_NO, "%zu of %zu claims do not hold", failed, claims.count);
  }
  gp_claims_free(&claims);
  gp_table_close(table);
  return status;
}

/* Figures of the study's own. */
static gp_status draw_own(const gp_study *study, const char *path, const gp_plot_request *request) {
  gp_plot_result result = {0};
  gp_table *table = NULL;
  if (study->figures == NULL) return GP_OK;
  GP_TRY(cli_open(&table, path));
  gp_status status = study->figures(&result, request, table);
  cli_say_drawn(&result);
  gp_table_close(table);
  return status;
}

/* Charts are not the result: when gnuplot is missing the claims are judged all the same. */
static void draw(const gp_study *study, const char *path, bool quick) {
  gp_text folder = {0}, command = {0};
  cli_chart_folder(&folder, path);
  gp_text_add(&command, "gradpath study %s%s", study->item.name, quick ? " --quick" : "");
  gp_plot_request request = {.charts = study->charts, .directory = folder.data, .command = command.data};
  if (!folder.failed && !command.failed &&
      (cli_draw(&path, 1, &request, NULL) != GP_OK || draw_own(study, path, &request) != GP_OK))
    cli_warn("not all charts were drawn: %s", gp_message());
  gp_text_free(&folder);
  gp_text_free(&command);
}

/* The study's plan; what a user must bring is said when data cannot be read. */
static gp_status load_study(gp_plan **plan, const cli_call *load, const gp_study *study, bool quick) {
  static const char *const none[] = {NULL};
  gp_status status = cli_load(plan, load, quick ? study->quick : none);
  bool data = status == GP_ERR_DATA || status == GP_ERR_IO || status == GP_ERR_CONFIG;
  if (!data || study->needs == NULL) return status;
  char reason[512];
  snprintf(reason, sizeof reason, "%s", gp_message());
  return gp_fail(status, "%s\n%s needs %s", reason, study->item.name, study->needs);
}

/* Sweep, charts, claims. A stopped sweep is neither drawn nor judged. */
static gp_status run_study(const cli_call *call, const gp_study *study) {
  const study_options *o = call->options;
  const char *operands[] = {study->config};
  cli_call load = *call;
  gp_plan *plan = NULL;
  gp_text output = {0};
  gp_status status;
  load.operands = operands;
  load.operand_count = 1;
  GP_TRY(load_study(&plan, &load, study, o->quick));
  printf("%s%s%s: %s\n", cli_out(CLI_BOLD), study->item.name, cli_out(CLI_OFF), gp_plan_question(plan));
  cli_default_output(&output, plan, o->quick, 0, 0);
  gp_sweep_options options = {
      .output = output.data, .jobs = o->jobs > 0 ? (int)o->jobs : 0, .fresh = o->fresh, .provenance = true};
  status = output.failed ? gp_fail(GP_ERR_MEMORY, "out of memory") : cli_sweep(plan, &options, call);
  if (status == GP_OK && !o->no_charts) draw(study, output.data, o->quick);
  if (status == GP_OK) status = judge(study, output.data);
  gp_text_free(&output);
  gp_plan_free(plan);
  return status;
}

static gp_status run(const cli_call *call) {
  const gp_study *study;
  if (call->operand_count == 0) return list_studies();
  GP_TRY(find_study(&study, call->operands[0]));
  return run_study(call, study);
}

extern const cli_command cli_study;
const cli_command cli_study = {
    .name = "study",
    .operands = "[NAME]",
    .summary = "Run a study, draw its charts, judge its claims",
    .details =
        "Without a name the studies are listed. Each claim is printed as measured and expected; when one "
        "does not hold\n"
        "the exit code is 1. Results go to results/<study>.h5 (results/<study>-quick.h5), charts beside it.\n"
        "\n"
        "Example:\n"
        "  gradpath study sigmoid-vs-relu --quick\n",
    .flags = flags,
    .least = 0,
    .most = 1,
    .run = run,
};

/* gradpath report: what a file says, as a page to read, print or put into a paper. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "report.h"
#include "studies.h"

typedef struct report_options {
  const char *formats, *directory;
} report_options;

static const cli_flag flags[] = {
    CLI_TEXT(report_options, formats, 'f', "format", "NAME,...",
             "html, markdown, latex, pdf (default: html,markdown,latex)"),
    CLI_TEXT(report_options, directory, 'o', "output", "DIR",
             "folder (default: the first file's name without .h5)"),
    CLI_FLAGS_END,
};

static void add_command(gp_text *out, const cli_call *call) {
  gp_text_add(out, "gradpath");
  for (size_t i = 0; i < call->argument_count; i++) gp_text_add_word(out, call->arguments[i]);
}

/* Lines of a text, each behind a mark. */
static void print_lines(FILE *file, const gp_text *text, const char *mark) {
  for (const char *line = text->data != NULL ? text->data : ""; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    if (length > 0) fprintf(file, "%s%.*s\n", mark, (int)length, line);
    line += length + (line[length] == '\n');
  }
}

/* Whether the stored configuration is the study's own: as it is in configs/, or with the overrides of its quick version. A
 * sweep that somebody changed answers another question, and its claims would be judged on what it has not. */
static bool is_own(const gp_study *study, const char *config) {
  static const char mark[] = "\n# override: ";
  for (const char *at = config; (at = strstr(at, mark)) != NULL;) {
    bool quick = false;
    at += sizeof mark - 1;
    size_t length = strcspn(at, "\n");
    for (const char *const *known = study->quick; known != NULL && *known != NULL; known++)
      quick |= strlen(*known) == length && strncmp(*known, at, length) == 0;
    if (!quick) return false;
  }
  return true;
}

/* The claims of the study that the file is named after; none for any other file. */
static gp_status judge(gp_claims *out, const char *path) {
  gp_table *table = NULL;
  GP_TRY(cli_open(&table, path));
  const char *title = gp_table_attribute(table, "title"), *config = gp_table_attribute(table, "config");
  const gp_study *study =
      (const gp_study *)(const void *)gp_family_find(&gp_study_family, title != NULL ? title : "");
  gp_status status =
      study != NULL && config != NULL && is_own(study, config) ? study->claims(out, table) : GP_OK;
  gp_table_close(table);
  if (status != GP_ERR_FILE) return status;
  gp_claims_free(out); /* a file of that name with other columns */
  return GP_OK;
}

static gp_status write_report(const cli_call *call, const gp_claims *claims, const char *directory,
                              const char *command) {
  const report_options *o = call->options;
  gp_report_result result;
  gp_report_request request = {.paths = call->operands,
                               .count = call->operand_count,
                               .formats = o->formats,
                               .directory = directory,
                               .command = command,
                               .claims = claims};
  gp_status status = gp_report_write(&request, &result);
  if (status == GP_OK) {
    puts("Report");
    print_lines(stdout, &result.files, "  ");
    print_lines(stderr, &result.notes, "gradpath: note: ");
  }
  gp_report_result_free(&result);
  return status;
}

static gp_status with_claims(const cli_call *call, const char *directory, const char *command) {
  gp_claims *claims = calloc(call->operand_count, sizeof *claims);
  gp_status status = claims == NULL ? gp_fail(GP_ERR_MEMORY, "out of memory") : GP_OK;
  for (size_t i = 0; i < call->operand_count && status == GP_OK; i++)
    status = judge(&claims[i], call->operands[i]);
  if (status == GP_OK) status = write_report(call, claims, directory, command);
  for (size_t i = 0; i < call->operand_count && claims != NULL; i++) gp_claims_free(&claims[i]);
  free(claims);
  return status;
}

static gp_status run(const cli_call *call) {
  const report_options *o = call->options;
  gp_text directory = {0}, command = {0};
  for (size_t i = 0; i < call->operand_count; i++) GP_TRY(cli_exists(call->operands[i]));
  add_command(&command, call);
  if (o->directory != NULL)
    gp_text_add(&directory, "%s", o->directory);
  else
    cli_chart_folder(&directory, call->operands[0]);
  gp_status status = command.failed || directory.failed ? gp_fail(GP_ERR_MEMORY, "out of memory")
                                                        : with_claims(call, directory.data, command.data);
  gp_text_free(&command);
  gp_text_free(&directory);
  return status;
}

extern const cli_command cli_make_report;
const cli_command cli_make_report = {
    .name = "report",
    .operands = "FILE...",
    .summary = "Write a report: findings, tables, charts, theory, and how to make it again",
    .details = "Examples:\n"
               "  gradpath report results/sigmoid-vs-relu.h5\n"
               "  gradpath report results/sigmoid-vs-relu.h5 --format html,pdf -o report\n"
               "  gradpath report a.h5 b.h5 -o both\n"
               "\n"
               "report.html needs no other file and no network. report.md and report.tex use the charts in "
               "figures/. "
               "PDF is made\n"
               "with pdflatex, or with a headless Chromium where that is not installed. Files that another "
               "program left "
               "under these\n"
               "names are not overwritten.\n",
    .flags = flags,
    .least = 1,
    .most = 64,
    .run = run,
};

/* gradpath plot: charts of a result file, each with its script and data beside it. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "sheet.h"

typedef struct plot_options {
  const char *charts, *formats, *directory, *x, *color, *panel;
  bool list;
} plot_options;

static const cli_flag flags[] = {
    CLI_TEXT(plot_options, charts, 'c', "chart", "NAME,...",
             "these charts (default: those that the axes make sensible)"),
    CLI_TEXT(plot_options, formats, 'f', "format", "svg,pdf,png", "formats (default: all)"),
    CLI_TEXT(plot_options, directory, 'o', "output", "DIR", "folder (default: the file's name without .h5)"),
    CLI_TEXT(plot_options, x, 0, "x", "COLUMN", "the axis that runs to the right"),
    CLI_TEXT(plot_options, color, 0, "lines", "COLUMN", "the axis that tells lines apart"),
    CLI_TEXT(plot_options, panel, 0, "panel", "COLUMN", "the axis that gets a panel per value"),
    CLI_SWITCH(plot_options, list, 'l', "list", "list the charts"),
    CLI_FLAGS_END,
};

enum { CHARTS_MAX = 64 };

/* "a,b" in place: pointers to each name, NULL-terminated. */
static gp_status split(char *names, const char **out) {
  size_t count = 0;
  for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
    if (count == CHARTS_MAX) return gp_fail(GP_ERR_USAGE, "--chart names more than %d charts", CHARTS_MAX);
    out[count++] = name;
  }
  out[count] = NULL;
  return GP_OK;
}

static gp_status list_charts(void) {
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, 3));
  GP_TRY_DONE(sheet_head(g, 0, "chart", SHEET_TEXT));
  GP_TRY_DONE(sheet_head(g, 1, "shows", SHEET_TEXT));
  GP_TRY_DONE(sheet_head(g, 2, "needs", SHEET_TEXT));
  for (const gp_plot_entry *c = gp_plot_charts(); c->name != NULL; c++) {
    GP_TRY_DONE(sheet_add(g, c->name));
    GP_TRY_DONE(sheet_add(g, c->summary));
    GP_TRY_DONE(sheet_add(g, c->needs));
  }
  sheet_print(g, SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

/* "gradpath plot FILE --chart ...": how to make the figures again, for their captions. */
static void add_command(gp_text *out, const cli_call *call) {
  gp_text_add(out, "gradpath");
  for (size_t i = 0; i < call->argument_count; i++) gp_text_add(out, " %s", call->arguments[i]);
}

/* Fills the request: formats, folder, and the command line for the captions. */
static gp_status draw_file(const cli_call *call, const plot_options *o, const char *path,
                           const char **charts) {
  gp_plot_request request = {.charts = charts, .x = o->x, .color = o->color, .panel = o->panel};
  gp_text command = {0}, directory = {0};
  gp_status status;
  if (o->formats != NULL) GP_TRY(gp_plot_formats(&request.formats, o->formats));
  add_command(&command, call);
  if (o->directory != NULL)
    gp_text_add(&directory, "%s", o->directory);
  else
    cli_chart_folder(&directory, path);
  request.command = command.data;
  request.directory = directory.data;
  status =
      command.failed || directory.failed ? gp_fail(GP_ERR_MEMORY, "out of memory") : cli_draw(path, &request);
  gp_text_free(&command);
  gp_text_free(&directory);
  return status;
}

static gp_status run(const cli_call *call) {
  const plot_options *o = call->options;
  const char *charts[CHARTS_MAX + 1];
  if (o->list) return list_charts();
  if (call->operand_count == 0) return gp_fail(GP_ERR_USAGE, "missing operand: gradpath plot FILE");
  char *names = o->charts == NULL ? NULL : strdup(o->charts);
  if (o->charts != NULL && names == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_status status = names == NULL ? GP_OK : split(names, charts);
  if (status == GP_OK) status = draw_file(call, o, call->operands[0], names == NULL ? NULL : charts);
  free(names);
  return status;
}

extern const cli_command cli_plot;
const cli_command cli_plot = {
    .name = "plot",
    .operands = "FILE",
    .summary = "Draw charts from a result file",
    .details =
        "Examples:\n"
        "  gradpath plot results/sigmoid-vs-relu.h5\n"
        "  gradpath plot results/sigmoid-vs-relu.h5 --chart gradient-by-layer --format pdf -o figures\n"
        "  gradpath plot --list\n"
        "\n"
        "Beside each figure lie the gnuplot script and the data that make it: gnuplot NAME.gp draws it "
        "again.\n",
    .flags = flags,
    .least = 0,
    .most = 1,
    .run = run,
};

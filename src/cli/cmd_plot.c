/* gradpath plot: charts of a result file, each with its script and data beside it. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "sheet.h"

typedef struct plot_options {
  const char *charts, *formats, *directory, *x, *lines, *color, *panel, *band, *width, *theme;
  cli_texts where;
  bool list;
} plot_options;

static const cli_flag flags[] = {
    CLI_TEXT(plot_options, charts, 'c', "chart", "NAME,...",
             "these charts (default: those that the axes make sensible)"),
    CLI_TEXT(plot_options, formats, 'f', "format", "FORMAT,...",
             "svg, pdf, png (default: these three), cairolatex"),
    CLI_TEXT(plot_options, directory, 'o', "output", "DIR",
             "folder (default: the first file's name without .h5)"),
    CLI_TEXT(plot_options, x, 0, "x", "COLUMN", "the axis that runs to the right"),
    CLI_TEXT(plot_options, color, 0, "color", "COLUMN",
             "the axis that tells colours apart (auto, always, never: colours of the terminal)"),
    CLI_TEXT(plot_options, lines, 0, "lines", "COLUMN", "the same"),
    CLI_TEXT(plot_options, panel, 0, "panel", "COLUMN", "the axis that gets a panel per value"),
    CLI_TEXT(plot_options, band, 0, "band", "COLUMN,...",
             "the axes folded into median and band (default: the seeds)"),
    CLI_TEXTS(plot_options, where, 'w', "where", "COND",
              "only runs that meet it: depth=5, seed<3; layer=1,5 and step=0 choose inside them"),
    CLI_TEXT(plot_options, width, 0, "width", "WIDTH",
             "text (default, 7.2 in), column (3.4 in), slide (10 in)"),
    CLI_TEXT(plot_options, theme, 0, "theme", "THEME", "light (default), dark"),
    CLI_SWITCH(plot_options, list, 'l', "list", "list the charts"),
    CLI_FLAGS_END,
};

enum { CHARTS_MAX = 64 };

/* What the operands and --chart ask for. */
typedef struct plot_wish {
  const char *files[CLI_TEXTS_MAX], *charts[CHARTS_MAX + 1]; /* charts NULL-terminated */
  size_t file_count, chart_count;
  char *names; /* of --chart, cut at the commas */
} plot_wish;

static gp_status add_chart(plot_wish *wish, const char *name) {
  if (wish->chart_count == CHARTS_MAX)
    return gp_fail(GP_ERR_USAGE, "more than %d charts are named", CHARTS_MAX);
  wish->charts[wish->chart_count++] = name;
  return GP_OK;
}

static bool is_chart(const char *name) {
  for (const gp_plot_entry *c = gp_plot_charts(); c->name != NULL; c++)
    if (strcmp(c->name, name) == 0) return true;
  return false;
}

/* What is no chart is a file when it looks like one, so that a misspelt chart is told as such. */
static bool is_file(const char *operand) {
  size_t length = strlen(operand);
  bool named = (length > 3 && strcmp(operand + length - 3, ".h5") == 0) || strchr(operand, '/') != NULL;
  return !is_chart(operand) && (named || cli_exists(operand) == GP_OK);
}

/* FILE... [CHART...], and "a,b" of --chart. The charts' names are checked when they are drawn. */
static gp_status read_wish(plot_wish *wish, const cli_call *call, const char *charts) {
  if (call->operand_count == 0)
    return gp_fail(GP_ERR_USAGE, "missing operand: gradpath plot FILE... [CHART...]");
  for (size_t i = 0; i < call->operand_count; i++) {
    const char *operand = call->operands[i];
    if (i > 0 && !is_file(operand))
      GP_TRY(add_chart(wish, operand));
    else if (wish->file_count == CLI_TEXTS_MAX)
      return gp_fail(GP_ERR_USAGE, "more than %d files are named", CLI_TEXTS_MAX);
    else
      wish->files[wish->file_count++] = operand;
  }
  if (charts == NULL) return GP_OK;
  wish->names = strdup(charts);
  if (wish->names == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (char *name = strtok(wish->names, ","); name != NULL; name = strtok(NULL, ","))
    GP_TRY(add_chart(wish, name));
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

/* --color names an axis here; the words of the flag that every command has keep their meaning. */
static bool is_terminal_word(const char *word) {
  return strcmp(word, "auto") == 0 || strcmp(word, "always") == 0 || strcmp(word, "never") == 0;
}

static gp_status take_roles(gp_plot_request *request, const plot_options *o) {
  bool terminal = o->color != NULL && is_terminal_word(o->color);
  if (terminal) GP_TRY(cli_color_set(o->color));
  if (o->color != NULL && !terminal && o->lines != NULL)
    return gp_fail(GP_ERR_USAGE, "--color and --lines name the same role: give one");
  request->x = o->x;
  request->panel = o->panel;
  request->band = o->band;
  request->color = terminal || o->color == NULL ? o->lines : o->color;
  return GP_OK;
}

static gp_status draw_file(const cli_call *call, const plot_options *o, const plot_wish *wish) {
  gp_plot_request request = {.charts = wish->chart_count > 0 ? wish->charts : NULL};
  gp_text command = {0}, directory = {0};
  gp_status status;
  GP_TRY(take_roles(&request, o));
  if (o->width != NULL) GP_TRY(gp_plot_width_named(&request.width, o->width));
  if (o->theme != NULL) GP_TRY(gp_plot_theme_named(&request.dark, o->theme));
  if (o->formats != NULL) GP_TRY(gp_plot_formats(&request.formats, o->formats));
  add_command(&command, call);
  if (o->directory != NULL)
    gp_text_add(&directory, "%s", o->directory);
  else
    cli_chart_folder(&directory, wish->files[0]),
        gp_text_add(&directory, "%s", wish->file_count > 1 ? "-compared" : "");
  request.command = command.data;
  request.directory = directory.data;
  status = command.failed || directory.failed ? gp_fail(GP_ERR_MEMORY, "out of memory")
                                              : cli_draw(wish->files, wish->file_count, &request, &o->where);
  gp_text_free(&command);
  gp_text_free(&directory);
  return status;
}

static gp_status run(const cli_call *call) {
  const plot_options *o = call->options;
  plot_wish wish = {0};
  if (o->list) return list_charts();
  gp_status status = read_wish(&wish, call, o->charts);
  if (status == GP_OK) status = draw_file(call, o, &wish);
  free(wish.names);
  return status;
}

extern const cli_command cli_plot;
const cli_command cli_plot = {
    .name = "plot",
    .operands = "FILE... [CHART...]",
    .summary = "Draw charts from a result file",
    .details =
        "Examples:\n"
        "  gradpath plot results/sigmoid-vs-relu.h5\n"
        "  gradpath plot results/sigmoid-vs-relu.h5 gradient-by-layer --format pdf\n"
        "  gradpath plot results/sigmoid-vs-relu.h5 loss-curves --color init\n"
        "  gradpath plot before.h5 after.h5 depth-span          (a colour or panel per file)\n"
        "  gradpath plot --list\n"
        "\n"
        "Beside each figure lie the gnuplot script and the data that make it: gnuplot NAME.gp draws it "
        "again.\n",
    .flags = flags,
    .least = 0,
    .most = CHARTS_MAX + CLI_TEXTS_MAX,
    .run = run,
};

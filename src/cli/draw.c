/* Drawing the charts of a file; see draw.h. */
#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

void cli_chart_folder(gp_text *out, const char *path) {
  size_t length = strlen(path);
  bool suffixed = length > 3 && strcmp(path + length - 3, ".h5") == 0;
  gp_text_add(out, "%.*s%s", (int)(suffixed ? length - 3 : length), path, suffixed ? "" : ".charts");
}

/* Lines of a text, each behind a mark. */
static void print_lines(FILE *file, const char *heading, const gp_text *text, const char *mark) {
  if (text->length == 0 || text->failed) return;
  if (heading != NULL) fprintf(file, "%s\n", heading);
  for (const char *line = text->data; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    if (length > 0) fprintf(file, "%s%.*s\n", mark, (int)length, line);
    line += length + (line[length] == '\n');
  }
}

/* Length of a line's path without its suffix. */
static size_t stem_of(const char *line, size_t length) {
  for (size_t i = length; i > 0 && line[i - 1] != '/'; i--)
    if (line[i - 1] == '.') return i - 1;
  return length;
}

/* One line per figure: "charts/depth-span: dat txt gp svg". */
static void print_files(const gp_text *files) {
  const char *before = "";
  size_t before_length = 0;
  if (files->length == 0 || files->failed) return;
  fputs("Charts", stdout);
  for (const char *line = files->data; *line != '\0';) {
    size_t length = strcspn(line, "\n"), stem = stem_of(line, length);
    if (stem != before_length || strncmp(line, before, stem) != 0) printf("\n  %.*s:", (int)stem, line);
    if (stem < length) printf(" %.*s", (int)(length - stem - 1), line + stem + 1);
    before = line;
    before_length = stem;
    line += length + (line[length] == '\n');
  }
  putchar('\n');
}

/* layer=1,5 and step=0 choose inside the runs, unless the file has columns of these names; the other conditions go on. */
static void take_inner(gp_plot_request *request, cli_texts *rest, const gp_table *table,
                       const cli_texts *where) {
  for (size_t i = 0; i < where->count; i++) {
    const char *text = where->items[i];
    if (strncmp(text, "layer=", 6) == 0 && gp_table_find(table, "layer") < 0)
      request->layer = text + 6;
    else if (strncmp(text, "step=", 5) == 0 && gp_table_find(table, "step") < 0)
      request->step = text + 5;
    else
      rest->items[rest->count++] = text;
  }
}

/* Which runs are drawn, and in which words; free with free(*keep). GP_ERR_USAGE when there is none. */
static gp_status select_runs(bool **keep, gp_text *words, const gp_table *table, const cli_texts *where) {
  cli_rows rows;
  GP_TRY(cli_rows_select(&rows, table, where, NULL));
  *keep = calloc(gp_table_runs(table) + 1, sizeof **keep);
  for (size_t i = 0; i < rows.count && *keep != NULL; i++) (*keep)[rows.rows[i]] = true;
  size_t count = rows.count;
  free(rows.rows);
  for (size_t i = 0; i < where->count; i++) gp_text_add(words, "%s%s", i > 0 ? ", " : "", where->items[i]);
  if (*keep == NULL || words->failed) return gp_fail(GP_ERR_MEMORY, "out of memory");
  return count > 0 ? GP_OK : gp_fail(GP_ERR_USAGE, "no run meets %s", words->data);
}

void cli_say_drawn(gp_plot_result *result) {
  print_lines(stdout, "Findings", &result->findings, "  - ");
  print_files(&result->files);
  print_lines(stderr, NULL, &result->notes, "gradpath: note: ");
  gp_plot_result_free(result);
}

typedef struct draw_files {
  gp_table *parts[CLI_TEXTS_MAX], *joined, *table; /* table: the only part, or the joined one */
  gp_text labels[CLI_TEXTS_MAX];
  const char *names[CLI_TEXTS_MAX + 1], *paths[CLI_TEXTS_MAX + 1]; /* NULL-terminated */
  size_t count;
  gp_text all; /* the paths in one line */
} draw_files;

/* "runs/a.h5" is called a. */
static void add_label(gp_text *out, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
  size_t length = strlen(name);
  if (length > 3 && strcmp(name + length - 3, ".h5") == 0) length -= 3;
  gp_text_add_bytes(out, name, length);
}

static gp_status open_files(draw_files *f, const char *const *paths, size_t count) {
  if (count > CLI_TEXTS_MAX) return gp_fail(GP_ERR_USAGE, "more than %d files", CLI_TEXTS_MAX);
  for (size_t i = 0; i < count; i++) {
    GP_TRY(cli_open(&f->parts[f->count++], paths[i]));
    f->paths[i] = paths[i];
    add_label(&f->labels[i], paths[i]);
    gp_text_add(&f->all, "%s%s", i > 0 ? ", " : "", paths[i]);
    if (f->labels[i].failed || f->all.failed) return gp_fail(GP_ERR_MEMORY, "out of memory");
    f->names[i] = f->labels[i].data;
  }
  /* Files of one name in several folders are called by their paths. */
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < i; k++)
      if (strcmp(f->labels[i].data, f->labels[k].data) == 0) f->names[i] = paths[i], f->names[k] = paths[k];
  if (count > 1) GP_TRY(gp_table_join(&f->joined, f->parts, f->names, count));
  f->table = count > 1 ? f->joined : f->parts[0];
  return GP_OK;
}

static void close_files(draw_files *f) {
  gp_table_close(f->joined);
  for (size_t i = 0; i < f->count; i++) gp_table_close(f->parts[i]), gp_text_free(&f->labels[i]);
  gp_text_free(&f->all);
}

gp_status cli_draw(const char *const *paths, size_t count, const gp_plot_request *request,
                   const cli_texts *where) {
  draw_files files = {.count = 0};
  gp_plot_result result = {0};
  gp_plot_request narrowed = *request;
  bool *keep = NULL;
  gp_text words = {0};
  cli_texts rest = {.count = 0};
  gp_status status;
  GP_TRY_DONE(open_files(&files, paths, count));
  narrowed.paths = files.paths;
  if (where != NULL) take_inner(&narrowed, &rest, files.table, where);
  if (rest.count > 0) {
    GP_TRY_DONE(select_runs(&keep, &words, files.table, &rest));
    narrowed.keep = keep;
    narrowed.where = words.data;
  }
  status = gp_plot_draw(files.table, files.all.data, &narrowed, &result);
done:
  cli_say_drawn(&result);
  gp_text_free(&words);
  free(keep);
  close_files(&files);
  return status;
}

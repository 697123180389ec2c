/* Drawing the charts of a file; see draw.h. */
#include "draw.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

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

gp_status cli_draw(const char *path, const gp_plot_request *request) {
  gp_table *table = NULL;
  gp_plot_result result = {0};
  GP_TRY(gp_table_open(&table, path));
  gp_status status = gp_plot_draw(table, path, request, &result);
  print_lines(stdout, "Findings", &result.findings, "  - ");
  print_lines(stdout, "Charts", &result.files, "  ");
  print_lines(stderr, NULL, &result.notes, "gradpath: note: ");
  gp_plot_result_free(&result);
  gp_table_close(table);
  return status;
}

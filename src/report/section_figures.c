/* Drawing by plot, captions from the texts that it leaves beside each chart. */
#include "section_figures.h"

#include <string.h>

#include "report_files.h"

/* Where the part of a caption that a report needs ends: what follows says where the file and the command are, which the
 * report's last section does. */
static size_t caption_end(const char *text) {
  const char *data = strstr(text, "\nData: ");
  size_t end = data != NULL ? (size_t)(data - text) : strlen(text);
  while (end > 0 && text[end - 1] == '\n') end--;
  return end;
}

/* A line, and what comes behind it. */
static const char *take_line(gp_text *out, const char *at) {
  size_t length = strcspn(at, "\n");
  gp_text_add_bytes(out, at, length);
  return at + length + (at[length] == '\n');
}

/* NAME.txt: the title's line, the set-up's line, an empty one, then the numbers. */
static gp_status add_figure(gp_document *out, const char *caption_path, const char *figure) {
  gp_text text = {0}, title = {0}, caption = {0}, numbers = {0};
  gp_status status = gp_file_read(&text, caption_path);
  if (status == GP_OK && text.data != NULL) {
    text.data[caption_end(text.data)] = '\0';
    const char *at = take_line(&title, text.data);
    gp_text_add(&caption, "%s", title.data != NULL ? title.data : figure);
    gp_text_add(&caption, ". ");
    at = take_line(&caption, at);
    gp_text_add(&caption, ".");
    gp_text_add(&numbers, "%s", at + strspn(at, "\n"));
    if (title.failed || caption.failed || numbers.failed)
      out->failed = true;
    else
      gp_document_figure(out, figure, title.data != NULL ? title.data : figure, caption.data, numbers.data);
  }
  gp_text *const owned[] = {&text, &title, &caption, &numbers};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) gp_text_free(owned[i]);
  return status;
}

/* `files` has the paths of all charts in the order drawn, a .txt for each. */
static gp_status add_figures(gp_document *out, const gp_text *files, const char *folder) {
  gp_status status = GP_OK;
  for (const char *line = files->data != NULL ? files->data : ""; *line != '\0' && status == GP_OK;) {
    size_t length = strcspn(line, "\n");
    if (length > 4 && strncmp(line + length - 4, ".txt", 4) == 0) {
      gp_text path = {0}, figure = {0};
      const char *name = memrchr(line, '/', length);
      name = name != NULL ? name + 1 : line;
      gp_text_add_bytes(&path, line, length);
      gp_text_add(&figure, "%s/%.*s", folder, (int)(line + length - 4 - name), name);
      status = path.failed || figure.failed ? gp_fail(GP_ERR_MEMORY, "no memory for a figure")
                                            : add_figure(out, path.data, figure.data);
      gp_text_free(&path);
      gp_text_free(&figure);
    }
    line += length + (line[length] == '\n');
  }
  return status;
}

gp_status gp_section_figures(gp_document *out, const gp_report_data *data, const char *scratch,
                             const char *folder, unsigned pictures, const char *command, gp_text *notes) {
  gp_text directory = {0};
  gp_plot_result drawn = {0};
  gp_status status;
  GP_TRY_DONE(gp_path_join(&directory, scratch, folder));
  gp_plot_request request = {.formats = pictures, .directory = directory.data, .command = command};
  status = gp_plot_draw(data->table, data->path, &request, &drawn);
  if (drawn.notes.length > 0) gp_text_add(notes, "%s", drawn.notes.data);
  if (status != GP_OK) goto done;
  if (drawn.files.length > 0) gp_document_heading(out, 2, "Figures");
  status = add_figures(out, &drawn.files, folder);
done:
  gp_plot_result_free(&drawn);
  gp_text_free(&directory);
  return status;
}

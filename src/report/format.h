/* What a document can be written as. A format is a const struct in one file and a line in report.c. */
#ifndef GP_FORMAT_H
#define GP_FORMAT_H

#include "document.h"

typedef struct gp_format {
  const char *name, *file; /* "html", "report.html" */
  const char *mark;        /* somewhere in every such file: what it is known again by */
  /* gp_plot_format bits of the pictures it needs; asked before any is drawn. */
  unsigned (*pictures)(void);
  /* Writes `file` into the folder, where the pictures lie already. Problems that cost nothing become notes. Errors:
   * GP_ERR_IO (not written, program missing), GP_ERR_MEMORY. */
  gp_status (*write)(const gp_document *document, const char *folder, gp_text *notes);
} gp_format;

extern const gp_format gp_format_html, gp_format_markdown, gp_format_latex, gp_format_pdf;

#endif

/* A report about result files: one document, written in several formats.
 *
 *   file -> report_data (axes, groups) -> sections -> document (blocks) -> format: report.html report.md report.tex report.pdf
 *        -> plot: figures/ (charts with scripts, data, captions), inside the HTML page and beside the others */
#ifndef GP_REPORT_H
#define GP_REPORT_H

#include "claims.h"
#include "text.h"

typedef struct gp_report_request {
  const char *const *paths; /* result files, `count` of them, at least one */
  size_t count;
  const char *formats;   /* "html,pdf"; NULL: html, markdown, latex */
  const char *directory; /* made when missing */
  const char *command;   /* how to write it again; NULL: left out */
  /* The judged claims of each file's study (none: count 0), or NULL. */
  const gp_claims *claims;
} gp_report_request;

/* One line per entry. */
typedef struct gp_report_result {
  gp_text files; /* written, figures/ as one */
  gp_text notes; /* charts that the files could not fill, and the like */
} gp_report_result;

/* Writes the report. It is made aside, and its files are renamed into their places, charts first, when all of it is there; until then
 * nothing is replaced. GP_ERR_USAGE: unknown format (with the nearest), a file in the way that no report of
 * ours left; GP_ERR_FILE: a file that is no result file; GP_ERR_IO: cannot be written, gnuplot or the maker of the PDF missing
 * or failing; GP_ERR_MEMORY. The caller frees `out` with gp_report_result_free, also after a failure. */
gp_status gp_report_write(const gp_report_request *request, gp_report_result *out);
void gp_report_result_free(gp_report_result *result);

#endif

/* PDF by another program: pdflatex over the LaTeX twin, or a headless Chromium over the HTML page. */
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot.h"
#include "program.h"
#include "report_files.h"

enum { SECONDS = 120 };

/* A way to a PDF: the program, the format it reads, and how it is called. */
typedef struct route {
  const char *program;
  const gp_format *source;
  gp_status (*convert)(const char *program, const char *folder, gp_text *said);
} route;

/* Until the widths of long tables have settled. No shell escape: texts of a file shall not run anything, whatever gets
 * through. */
static gp_status run_latex(const char *program, const char *folder, gp_text *said) {
  const char *const arguments[] = {program,          "-no-shell-escape",   "-interaction=nonstopmode",
                                   "-halt-on-error", gp_format_latex.file, NULL};
  bool changed = true;
  for (int pass = 0; pass < 4 && changed; pass++) {
    gp_text_free(said);
    GP_TRY(gp_program_run(folder, arguments, SECONDS, said));
    changed = said->data != NULL && strstr(said->data, "Rerun LaTeX") != NULL;
  }
  return GP_OK;
}

/* Offline, with a profile of its own in the scratch folder. The page is ours and holds no program, so that the browser's
 * sandbox, which root may not have, is not needed. */
static gp_status run_browser(const char *program, const char *folder, gp_text *said) {
  gp_text profile = {0}, page = {0};
  char *absolute = realpath(folder, NULL);
  gp_text_add(&profile, "--user-data-dir=%s/browser", absolute != NULL ? absolute : folder);
  gp_text_add(&page, "file://%s/%s", absolute != NULL ? absolute : folder, gp_format_html.file);
  free(absolute);
  const char *const arguments[] = {program,
                                   "--headless",
                                   "--no-sandbox",
                                   "--disable-gpu",
                                   "--disable-dev-shm-usage",
                                   "--no-first-run",
                                   "--disable-background-networking",
                                   "--disable-component-update",
                                   "--disable-sync",
                                   "--host-resolver-rules=MAP * ~NOTFOUND",
                                   profile.data,
                                   "--no-pdf-header-footer",
                                   "--print-to-pdf=report.pdf",
                                   page.data,
                                   NULL};
  gp_status status = profile.failed || page.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the report")
                                                   : gp_program_run(folder, arguments, SECONDS, said);
  gp_text_free(&profile);
  gp_text_free(&page);
  return status;
}

static const route routes[] = {
    {"pdflatex", &gp_format_latex, run_latex},
    {"chromium", &gp_format_html, run_browser},
    {"chromium-browser", &gp_format_html, run_browser},
    {"google-chrome", &gp_format_html, run_browser},
};
enum { ROUTES = sizeof routes / sizeof *routes };

/* What every way that is there needs: the second is for when the first fails. */
static unsigned pictures(void) {
  unsigned wanted = 0;
  for (size_t i = 0; i < ROUTES; i++)
    if (gp_program_exists(routes[i].program)) wanted |= routes[i].source->pictures();
  return wanted;
}

/* The reason among what the program said: TeX's first error begins with "!"; of another program the last line. */
static void add_reason(gp_text *out, const gp_text *said) {
  const char *text = said->data != NULL ? said->data : "", *reason = strstr(text, "\n!");
  if (reason != NULL) {
    reason++;
  } else {
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n') length--;
    while (length > 0 && text[length - 1] != '\n') length--;
    reason = text + length;
  }
  if (*reason != '\0') gp_text_add(out, ": %.*s", (int)strcspn(reason, "\n"), reason);
}

/* A PDF has no room for a mark that both programs would leave; a comment behind its end is allowed and read by nobody. */
static gp_status mark(const char *folder) {
  gp_text path = {0};
  gp_status status = gp_path_join(&path, folder, gp_format_pdf.file);
  FILE *file = status == GP_OK ? fopen(path.data, "abe") : NULL;
  bool written = file != NULL && fprintf(file, "%% %s\n", gp_format_pdf.mark) > 0;
  if (file != NULL && fclose(file) != 0) written = false;
  if (status == GP_OK && !written) status = gp_fail(GP_ERR_IO, "%s cannot be written", path.data);
  gp_text_free(&path);
  return status;
}

static gp_status try_route(const route *way, const gp_document *document, const char *folder,
                           gp_text *notes) {
  gp_text said = {0}, path = {0};
  gp_status status = way->source->write(document, folder, notes);
  if (status == GP_OK) status = way->convert(way->program, folder, &said);
  if (status == GP_OK) status = gp_path_join(&path, folder, gp_format_pdf.file);
  if (status == GP_OK && access(path.data, R_OK) != 0)
    status = gp_fail(GP_ERR_IO, "%s left no PDF", way->program);
  if (status != GP_OK) {
    gp_text_add(notes, "no PDF this way: %s", gp_message());
    add_reason(notes, &said);
    gp_text_add(notes, "\n");
  }
  gp_text_free(&said);
  gp_text_free(&path);
  return status;
}

static gp_status write_pdf(const gp_document *document, const char *folder, gp_text *notes) {
  bool tried = false;
  for (size_t i = 0; i < ROUTES; i++) {
    if (!gp_program_exists(routes[i].program)) continue;
    tried = true;
    if (try_route(&routes[i], document, folder, notes) == GP_OK) return mark(folder);
  }
  if (tried)
    return gp_fail(GP_ERR_IO, "the PDF could not be made:\n%s", notes->data != NULL ? notes->data : "");
  return gp_fail(
      GP_ERR_IO,
      "PDF needs pdflatex (Debian: texlive-latex-recommended, lmodern) or chromium, and neither is on "
      "PATH; the formats html, markdown and latex need neither");
}

const gp_format gp_format_pdf = {
    .name = "pdf",
    .file = "report.pdf",
    .mark = "written by gradpath report",
    .pictures = pictures,
    .write = write_pdf,
};

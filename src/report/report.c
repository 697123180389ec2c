/* From result files to the files of a report. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "report_files.h"
#include "section_figures.h"
#include "sections.h"

static const gp_format *const formats[] = {&gp_format_html, &gp_format_markdown, &gp_format_latex,
                                           &gp_format_pdf};
enum { FORMATS = sizeof formats / sizeof *formats };
static const char preset[] = "html,markdown,latex", figures[] = "figures";

/* ---- formats ---- */

static gp_status unknown_format(const char *word, size_t length) {
  const char *names[FORMATS];
  char asked[32];
  snprintf(asked, sizeof asked, "%.*s", (int)length, word);
  for (size_t i = 0; i < FORMATS; i++) names[i] = formats[i]->name;
  const char *nearest = gp_text_nearest(asked, names, FORMATS);
  return gp_fail(GP_ERR_USAGE, "unknown format '%s'%s%s%s (formats: html, markdown, latex, pdf)", asked,
                 nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "'?" : "");
}

static gp_status read_formats(bool wanted[static FORMATS], const char *names) {
  bool any = false;
  for (const char *at = names; *at != '\0';) {
    size_t length = strcspn(at, ","), found = FORMATS;
    for (size_t i = 0; i < FORMATS; i++)
      if (strlen(formats[i]->name) == length && strncmp(formats[i]->name, at, length) == 0) found = i;
    if (found == FORMATS) return unknown_format(at, length);
    wanted[found] = any = true;
    at += length + (at[length] == ',');
  }
  return any ? GP_OK : gp_fail(GP_ERR_USAGE, "no format given (formats: html, markdown, latex, pdf)");
}

/* ---- the document ---- */

typedef struct job {
  const gp_report_request *request;
  gp_report_result *result;
  bool wanted[FORMATS];
  gp_report_data *files;
  gp_document document;
  gp_text scratch;
} job;

static const char *attribute(const gp_report_data *data, const char *name) {
  const char *text = gp_table_attribute(data->table, name);
  return text != NULL ? text : "";
}

static const char *title_of(const gp_report_data *data) {
  const char *title = attribute(data, "title");
  return *title != '\0' ? title : data->path;
}

static unsigned wanted_pictures(const job *j) {
  unsigned pictures = 0;
  for (size_t i = 0; i < FORMATS; i++)
    if (j->wanted[i]) pictures |= formats[i]->pictures();
  return pictures;
}

/* One file's part. `folder` is where its charts go, from the report's own. */
static gp_status add_part(job *j, const gp_report_data *data, const char *folder) {
  gp_document *document = &j->document;
  const char *command = j->request->command;
  unsigned pictures = wanted_pictures(j);
  GP_TRY(gp_section_findings(document, data));
  if (j->request->claims != NULL) gp_section_claims(document, &j->request->claims[data - j->files]);
  GP_TRY(gp_section_setup(document, data));
  /* No picture can be asked for when only a PDF is, and no program is there to make it: the format says so later. */
  if (pictures != 0)
    GP_TRY(gp_section_figures(document, data, j->scratch.data, folder, pictures, command, &j->result->notes));
  GP_TRY(gp_section_verdicts(document, data));
  GP_TRY(gp_section_theory(document, data));
  GP_TRY(gp_section_rules(document, data));
  return gp_section_origin(document, data, command);
}

static gp_status build_one(job *j) {
  const gp_report_data *data = &j->files[0];
  gp_text_add(&j->document.title, "%s", title_of(data));
  gp_document_heading(&j->document, 1, "%s", title_of(data));
  if (*attribute(data, "question") != '\0')
    gp_document_paragraph(&j->document, "%s", attribute(data, "question"));
  return add_part(j, data, figures);
}

/* The files side by side, before each has its part. */
static void add_overview(job *j) {
  static const char *const heads[] = {"runs", "finished", "trained"};
  gp_document *document = &j->document;
  gp_document_table(document, "%s", "");
  gp_document_column(document, false, "study");
  gp_document_column(document, false, "file");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    gp_document_column(document, true, "%s", heads[i]);
  for (size_t f = 0; f < j->request->count; f++) {
    const gp_report_data *data = &j->files[f];
    size_t trained = 0;
    for (size_t r = 0; r < data->frame.runs; r++)
      trained += data->frame.done[r] && gp_runs_with(data, &r, 1, "healthy") > 0;
    gp_document_cell(document, "%s", title_of(data));
    gp_document_cell(document, "%s", data->path);
    gp_document_cell(document, "%zu", data->frame.runs);
    gp_document_cell(document, "%zu", data->finished);
    gp_document_cell(document, "%zu", trained);
  }
}

static gp_status build_several(job *j) {
  gp_status status = GP_OK;
  for (size_t f = 0; f < j->request->count; f++)
    gp_text_add(&j->document.title, "%s%s", f > 0 ? ", " : "", title_of(&j->files[f]));
  gp_document_heading(&j->document, 1, "%s", j->document.title.failed ? "report" : j->document.title.data);
  gp_document_paragraph(&j->document, "%zu result files.", j->request->count);
  add_overview(j);
  j->document.shift = 1;
  for (size_t f = 0; f < j->request->count && status == GP_OK; f++) {
    gp_text folder = {0};
    gp_text_add(&folder, "%s/%zu", figures, f + 1);
    gp_document_heading(&j->document, 1, "%zu. %s", f + 1, title_of(&j->files[f]));
    if (*attribute(&j->files[f], "question") != '\0')
      gp_document_paragraph(&j->document, "%s", attribute(&j->files[f], "question"));
    status = folder.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the report")
                           : add_part(j, &j->files[f], folder.data);
    gp_text_free(&folder);
  }
  return status;
}

/* ---- files ---- */

/* Calls for the path of each format's file in the report's folder. */
static gp_status check_targets(const job *j) {
  gp_status status = GP_OK;
  for (size_t i = 0; i < FORMATS && status == GP_OK; i++) {
    gp_text path = {0};
    if (!j->wanted[i]) continue;
    status = gp_path_join(&path, j->request->directory, formats[i]->file);
    if (status == GP_OK) status = gp_file_is_ours(path.data, formats[i]->mark);
    gp_text_free(&path);
  }
  return status;
}

static gp_status write_formats(job *j) {
  GP_TRY(gp_document_check(&j->document));
  for (size_t i = 0; i < FORMATS; i++)
    if (j->wanted[i]) GP_TRY(formats[i]->write(&j->document, j->scratch.data, &j->result->notes));
  return GP_OK;
}

static gp_status deliver_file(job *j, const char *name) {
  gp_text from = {0}, to = {0};
  gp_status status = gp_path_join(&from, j->scratch.data, name);
  if (status == GP_OK) status = gp_path_join(&to, j->request->directory, name);
  if (status == GP_OK && rename(from.data, to.data) != 0) {
    status = gp_fail(GP_ERR_IO, "%s cannot be written", to.data);
  }
  if (status == GP_OK) gp_text_add(&j->result->files, "%s\n", to.data);
  gp_text_free(&from);
  gp_text_free(&to);
  return status;
}

/* Charts first: a document shall not refer to what is not there yet. */
static gp_status deliver(job *j) {
  static const char reason[] = "Charts of gradpath report, which replaces them when it runs again.\n";
  const gp_text mark = {.data = (char *)(uintptr_t)reason, .length = sizeof reason - 1};
  gp_text from = {0}, to = {0};
  gp_status status;
  GP_TRY_DONE(gp_path_join(&from, j->scratch.data, figures));
  GP_TRY_DONE(gp_path_join(&to, j->request->directory, figures));
  if (access(from.data, F_OK) == 0) {
    GP_TRY_DONE(gp_folder_is_ours(from.data, to.data));
    GP_TRY_DONE(gp_file_write(from.data, GP_FOLDER_MARK, &mark));
    GP_TRY_DONE(gp_folder_move(from.data, to.data));
    gp_text_add(&j->result->files, "%s\n", to.data);
  }
  for (size_t i = 0; i < FORMATS; i++)
    if (j->wanted[i]) GP_TRY_DONE(deliver_file(j, formats[i]->file));
done:
  gp_text_free(&from);
  gp_text_free(&to);
  return status;
}

static gp_status write_all(job *j) {
  GP_TRY(check_targets(j));
  GP_TRY(gp_folder_make(j->request->directory));
  GP_TRY(gp_scratch_make(&j->scratch, j->request->directory));
  GP_TRY(j->request->count == 1 ? build_one(j) : build_several(j));
  GP_TRY(write_formats(j));
  return deliver(j);
}

gp_status gp_report_write(const gp_report_request *request, gp_report_result *out) {
  job j = {.request = request, .result = out};
  gp_status status;
  *out = (gp_report_result){0};
  GP_TRY(read_formats(j.wanted, request->formats != NULL ? request->formats : preset));
  j.files = calloc(request->count, sizeof *j.files);
  if (j.files == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the report");
  for (size_t f = 0; f < request->count; f++)
    GP_TRY_DONE(gp_report_data_open(&j.files[f], request->paths[f]));
  status = write_all(&j);
  gp_scratch_remove(j.scratch.data);
  if (status != GP_OK) rmdir(request->directory); /* one that was made for it, and is still empty */
done:
  for (size_t f = 0; f < request->count; f++) gp_report_data_close(&j.files[f]);
  free(j.files);
  gp_text_free(&j.scratch);
  gp_document_free(&j.document);
  if (status == GP_OK && (out->files.failed || out->notes.failed))
    status = gp_fail(GP_ERR_MEMORY, "no memory for the report");
  return status;
}

void gp_report_result_free(gp_report_result *result) {
  gp_text_free(&result->files);
  gp_text_free(&result->notes);
}

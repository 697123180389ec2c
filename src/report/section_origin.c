/* Where the numbers come from and how to have them again. */
#include "sections.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "hash.h"

/* The hash that `xxhsum -H2` prints; false when there is no such file (a sweep that still runs has only a journal). */
static bool hash_of(char out[static GP_HASH_TEXT], const char *path, long long *size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat found;
  if (file < 0) return false;
  bool known = fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0;
  void *bytes = known ? mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  close(file);
  if (bytes == MAP_FAILED) return false;
  gp_hash_text(out, bytes, (size_t)found.st_size);
  munmap(bytes, (size_t)found.st_size);
  *size = (long long)found.st_size;
  return true;
}

static void add_pair(gp_document *out, const char *what, const char *value) {
  gp_text name = {0};
  gp_say_column(&name, what);
  gp_document_cell(out, "%s", name.data != NULL ? name.data : what);
  gp_document_cell(out, "%s", value);
  out->failed |= name.failed;
  gp_text_free(&name);
}

static void add_environment(gp_document *out, const gp_report_data *data) {
  char hash[GP_HASH_TEXT];
  long long size;
  size_t count;
  const gp_attribute *provenance = gp_table_provenance(data->table, &count);
  gp_document_table(out, "Environment");
  gp_document_column(out, false, "what");
  gp_document_column(out, false, "value");
  add_pair(out, "file", data->path);
  if (hash_of(hash, data->path, &size)) {
    gp_document_cell(out, "XXH3-128 of the file (xxhsum -H2)");
    gp_document_cell(out, "%s", hash);
    gp_document_cell(out, "size");
    gp_document_cell(out, "%lld bytes", size);
  } else {
    add_pair(out, "state", "the sweep is still running; its runs were read from the journal");
  }
  for (size_t i = 0; provenance != NULL && i < count; i++)
    if (strcmp(provenance[i].name, "gradpath_version") != 0)
      add_pair(out, provenance[i].name, provenance[i].text);
  const char *version = gp_table_attribute(data->table, "gradpath_version");
  add_pair(out, "gradpath_version", version != NULL ? version : "unknown");
  gp_document_cell(out, "report by");
  gp_document_cell(out, "gradpath %s (%s)", gp_build_version(), gp_build_commit());
}

/* The overrides that the stored text ends with, as words of a command line. Returns where the configuration proper ends. */
static size_t add_overrides(gp_text *out, const char *config) {
  static const char mark[] = "# override: ";
  const char *first = NULL;
  for (const char *at = strstr(config, mark); at != NULL; at = strstr(at, mark)) {
    bool begins = at == config || at[-1] == '\n';
    if (begins && first == NULL) first = at;
    at += sizeof mark - 1;
    if (!begins) continue;
    gp_text override = {0};
    gp_text_add_bytes(&override, at, strcspn(at, "\n"));
    if (override.data != NULL) gp_text_add_word(out, override.data);
    out->failed |= override.failed;
    gp_text_free(&override);
  }
  size_t length = first != NULL ? (size_t)(first - config) : strlen(config);
  while (length > 0 && config[length - 1] == '\n') length--;
  return length;
}

static void add_commands(gp_document *out, const gp_report_data *data, const char *command) {
  const char *config = gp_table_attribute(data->table, "config");
  const char *study = gp_table_attribute(data->table, "title");
  gp_text lines = {0}, name = {0};
  size_t length = config != NULL ? strlen(config) : 0;
  gp_text_add(&name, "%s.yaml", study != NULL && *study != '\0' ? study : "study");
  if (config != NULL) {
    gp_text_add(&lines, "gradpath run");
    gp_text_add_word(&lines, name.data != NULL ? name.data : "");
    length = add_overrides(&lines, config);
    gp_text_add(&lines, " -o");
    gp_text_add_word(&lines, data->path);
    gp_text_add(&lines, "\n");
  }
  gp_text_add(&lines, "gradpath verify");
  gp_text_add_word(&lines, data->path);
  if (command != NULL) gp_text_add(&lines, "\n%s", command);
  gp_document_paragraph(
      out, "The commands that compute the runs, check some of them bit for bit, and write this report:");
  if (!lines.failed) gp_document_code(out, "%s", lines.data);
  if (config != NULL) {
    gp_document_paragraph(out, "The configuration, %s:", name.data != NULL ? name.data : "");
    gp_document_code(out, "%.*s", (int)length, config);
  }
  out->failed |= lines.failed || name.failed;
  gp_text_free(&lines);
  gp_text_free(&name);
}

gp_status gp_section_origin(gp_document *out, const gp_report_data *data, const char *command) {
  gp_document_heading(out, 2, "Where the numbers come from");
  add_environment(out, data);
  add_commands(out, data, command);
  return GP_OK;
}

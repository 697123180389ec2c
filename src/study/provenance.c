/* The attributes of /provenance; see provenance.h. */
#include "provenance.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "build.h"
#include "processors.h"
#include "statistics.h"

void gp_provenance_add(gp_provenance *provenance, const char *name, const char *format, ...) {
  if (provenance->count == GP_PROVENANCE_MAX) return;
  char *text = provenance->texts[provenance->count];
  va_list args;
  va_start(args, format);
  vsnprintf(text, GP_PROVENANCE_BYTES, format, args);
  va_end(args);
  char *own = provenance->names[provenance->count];
  snprintf(own, sizeof provenance->names[0], "%s", name);
  provenance->attributes[provenance->count++] = (gp_attribute){own, text};
}

static void add_time(gp_provenance *provenance, const char *name) {
  struct tm utc;
  time_t now = time(NULL);
  char text[32] = "";
  if (gmtime_r(&now, &utc) != NULL) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  gp_provenance_add(provenance, name, "%s", text);
}

static void add_build(gp_provenance *provenance) {
  provenance->count = 0;
  gp_provenance_add(provenance, "gradpath_version", "%s", gp_build_version());
  gp_provenance_add(provenance, "source_commit", "%s", gp_build_commit());
  gp_provenance_add(provenance, "compiler", "%s %s", gp_build_compiler(), gp_build_flags());
}

static void add_machine(gp_provenance *provenance) {
  struct utsname system;
  char processor[128];
  gp_processor_name(processor, sizeof processor);
  if (uname(&system) == 0) {
    gp_provenance_add(provenance, "host", "%s", system.nodename);
    gp_provenance_add(provenance, "operating_system", "%s %s %s", system.sysname, system.release,
                      system.machine);
  }
  gp_provenance_add(provenance, "processor", "%s", processor);
  add_time(provenance, "start");
}

void gp_provenance_begin(gp_provenance *provenance, const char *tier, const char *plan, int threads,
                         int ranks) {
  add_build(provenance);
  gp_provenance_add(provenance, "tier", "%s", tier);
  gp_provenance_add(provenance, "plan", "%s", plan);
  gp_provenance_add(provenance, "threads", "%d", threads);
  gp_provenance_add(provenance, "ranks", "%d", ranks);
  add_machine(provenance);
}

/* An attribute holds at most 64 KiB: of a longer history the oldest lines go. */
static const char *recent(const char *history) {
  enum { HISTORY_BYTES = 32768 };
  size_t length = strlen(history);
  const char *from = length > HISTORY_BYTES ? strchr(history + length - HISTORY_BYTES, '\n') : NULL;
  return from != NULL ? from + 1 : history;
}

/* Whether the text has the line. */
static bool has_line(const char *text, const char *line, size_t length) {
  for (const char *at = text; at != NULL; at = strchr(at, '\n'), at += at != NULL)
    if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0')) return true;
  return false;
}

void gp_provenance_history(gp_text *out, const char *known, const gp_attribute *attributes, size_t count) {
  for (size_t i = 0; attributes != NULL && i < count; i++) {
    if (strcmp(attributes[i].name, "history") != 0) continue;
    for (const char *at = recent(attributes[i].text); *at != '\0'; at += *at == '\n') {
      size_t length = strcspn(at, "\n");
      if (!has_line(known, at, length))
        gp_text_add(out, "%s%.*s", out->length > 0 ? "\n" : "", (int)length, at);
      at += length;
    }
  }
}

/* The text of an attribute that was added, "" when it was not. */
static const char *text_of(const gp_provenance *provenance, const char *name) {
  for (size_t i = 0; i < provenance->count; i++)
    if (strcmp(provenance->attributes[i].name, name) == 0) return provenance->texts[i];
  return "";
}

static void add_history(gp_provenance *provenance, const gp_text *history) {
  if (!history->failed && provenance->count < GP_PROVENANCE_MAX)
    provenance->attributes[provenance->count++] = (gp_attribute){"history", history->data};
}

void gp_provenance_end(gp_provenance *provenance, double *seconds, size_t count, gp_text *history) {
  add_time(provenance, "end");
  double total = gp_sum(seconds, count), median = gp_quantile(seconds, count, 0.5);
  gp_provenance_add(provenance, "runs_computed", "%zu", count);
  if (count > 0)
    gp_provenance_add(provenance, "run_seconds", "total %.3f, median %.6f, longest %.6f", total, median,
                      seconds[count - 1]); /* gp_quantile sorted them */
  gp_text_add(history, "%s%s to %s: %zu runs, gradpath %s (%s), tier %s, %s ranks of %s threads",
              history->length > 0 ? "\n" : "", text_of(provenance, "start"), text_of(provenance, "end"),
              count, gp_build_version(), gp_build_commit(), text_of(provenance, "tier"),
              text_of(provenance, "ranks"), text_of(provenance, "threads"));
  add_history(provenance, history);
}

void gp_provenance_copy(gp_provenance *out, const gp_attribute *attributes, size_t count) {
  out->count = 0;
  for (size_t i = 0; attributes != NULL && i < count; i++)
    if (strcmp(attributes[i].name, "history") != 0)
      gp_provenance_add(out, attributes[i].name, "%s", attributes[i].text);
}

void gp_provenance_keep(gp_provenance *provenance, const gp_provenance *past, const gp_text *history) {
  if (past->count == 0) return;
  gp_provenance_copy(provenance, past->attributes, past->count);
  add_history(provenance, history);
}

void gp_provenance_merged(gp_provenance *provenance, size_t files, size_t runs, gp_text *history) {
  add_build(provenance);
  add_machine(provenance);
  gp_text_add(history, "%s%s: merged %zu files, %zu runs, gradpath %s (%s)", history->length > 0 ? "\n" : "",
              text_of(provenance, "start"), files, runs, gp_build_version(), gp_build_commit());
  add_history(provenance, history);
}

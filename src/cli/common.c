/* What several commands need: loading a configuration, messages, choices. */
#include "bar.h"
#include "cli.h"
#include "shards.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool silent;

void cli_silence(void) {
  silent = true;
  cli_bar_silence();
}

bool cli_is_silent(void) {
  return silent;
}

void cli_report(gp_status status) {
  if (silent) return;
  const char *message = gp_message();
  size_t line = strcspn(message, "\n");
  /* An error in a configuration, or in a file it names, begins with its position ("sweep.yaml:2:22: error: ..."): it is
   * printed as it is. */
  const char *placed = strstr(message, ": error: ");
  bool verbatim = placed != NULL && (size_t)(placed - message) < line;
  bool stopped = status == GP_ERR_INTERRUPTED || status == GP_ERR_TERMINATED;
  const char *front = verbatim ? "" : stopped ? "gradpath: " : "gradpath: error: ";
  fprintf(stderr, "%s%s%s", cli_err(CLI_RED), front, cli_err(CLI_OFF));
  cli_put(stderr, message[0] == '\0' ? gp_status_meaning(status) : message, "\n\t");
  fputc('\n', stderr);
}

void cli_warn(const char *format, ...) {
  va_list args;
  if (silent) return;
  fprintf(stderr, "%sgradpath: warning:%s ", cli_err(CLI_YELLOW), cli_err(CLI_OFF));
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

gp_status cli_unknown(const char *what, const char *word, const char *const *names, size_t count) {
  enum { FEW = 32 };
  gp_text list = {0};
  const char *nearest = gp_text_nearest(word, names, count);
  gp_text_add(&list, "unknown %s '%s'", what, word);
  if (nearest != NULL) gp_text_add(&list, "; did you mean '%s'?", nearest);
  for (size_t i = 0; i < count && count <= FEW; i++)
    gp_text_add(&list, "%s%s", i > 0 ? ", " : "; known: ", names[i]);
  gp_fail(GP_ERR_USAGE, "%s", list.failed ? "unknown name" : list.data);
  gp_text_free(&list);
  return GP_ERR_USAGE;
}

gp_status cli_choice(const char *flag, const char *word, const char *const *choices, int *out) {
  size_t count = 0;
  *out = 0;
  for (; choices[count] != NULL; count++) {
    if (word == NULL || strcmp(word, choices[count]) != 0) continue;
    *out = (int)count;
    return GP_OK;
  }
  if (word == NULL) return GP_OK;
  char what[64];
  snprintf(what, sizeof what, "value of %s", flag);
  return cli_unknown(what, word, choices, count);
}

/* The last name of the key of an override: "train.learning_rate=1" -> "learning_rate". Length in *length. */
static const char *last_name(const char *override, size_t *length) {
  size_t end = strcspn(override, "="), start = end;
  while (start > 0 && override[start - 1] != '.') start--;
  *length = end - start;
  return override + start;
}

/* Whether the user set the same key: what was asked for wins over what makes a version quick. */
static bool replaced(const char *extra, const char *const *given, size_t count) {
  size_t length, other;
  const char *name = last_name(extra, &length);
  for (size_t i = 0; i < count; i++) {
    const char *given_name = last_name(given[i], &other);
    if (length == other && strncmp(name, given_name, length) == 0) return true;
  }
  return false;
}

gp_status cli_load(gp_plan **out, const cli_call *call, const char *const *extra) {
  const char *const *given = call->operands + 1;
  size_t given_count = call->operand_count - 1, extra_count = 0, count = 0;
  for (size_t i = 0; i < given_count; i++)
    if (strchr(given[i], '=') == NULL)
      return gp_fail(GP_ERR_USAGE, "unexpected operand '%s': settings are written key=value", given[i]);
  while (extra != NULL && extra[extra_count] != NULL) extra_count++;
  const char **all = malloc((given_count + extra_count + 1) * sizeof *all);
  if (all == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (size_t i = 0; i < extra_count; i++)
    if (!replaced(extra[i], given, given_count)) all[count++] = extra[i];
  for (size_t i = 0; i < given_count; i++) all[count++] = given[i];
  gp_status status = gp_plan_load(out, call->operands[0], all, count);
  free(all);
  return status;
}

gp_status cli_exists(const char *path) {
  bool missing = access(path, F_OK) != 0 && errno == ENOENT && !gp_shards_exist(path);
  return missing ? gp_fail(GP_ERR_FILE, "%s: there is no such file", path) : GP_OK;
}

gp_status cli_open(gp_table **out, const char *path) {
  GP_TRY(cli_exists(path));
  return gp_table_open(out, path);
}

gp_status cli_one_run(const gp_plan *plan) {
  if (gp_plan_runs(plan) == 1) return GP_OK;
  gp_text axes = {0};
  for (size_t a = 0; a < gp_plan_axes(plan); a++) {
    gp_plan_axis axis = gp_plan_axis_at(plan, a);
    if (axis.length > 1) gp_text_add(&axes, " %s=...", axis.name);
  }
  gp_fail(GP_ERR_USAGE, "this configuration has %zu runs, and one is wanted: choose with%s",
          gp_plan_runs(plan), axes.length > 0 && !axes.failed ? axes.data : " key=value");
  gp_text_free(&axes);
  return GP_ERR_USAGE;
}

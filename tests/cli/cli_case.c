/* Calling the program from a test; see cli_case.h. */
#include "cli_case.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

static char folder[64];
static char *texts[8192];
static int text_count;

static const char tiny[] = "study: tiny\n"
                           "question: Does it run?\n"
                           "data: {name: spirals, samples: 64, test: 32, noise: 0.1}\n"
                           "model: {depth: [1, 4], width: 8, activation: [sigmoid, tanh, relu]}\n"
                           "train: {learning_rate: [0.01, 1], batch: 16, steps: 30}\n"
                           "seed: 0..1\n"
                           "record: {checkpoints: {log: 6}}\n";

/* About 60 million floating-point operations per run, 120 runs: seconds on any machine, so that a signal arrives in
 * the middle. */
static const char longer[] = "study: long\n"
                             "data: {name: spirals, samples: 256, test: 64}\n"
                             "model: {depth: [3, 6], width: 24, activation: [tanh, relu]}\n"
                             "train: {learning_rate: [0.01, 0.03, 0.1], batch: 32, steps: 1500}\n"
                             "seed: 0..9\n"
                             "record: {checkpoints: {log: 6}}\n";

static void write_file(const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
}

void cli_case_begin(void) {
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%.40s/gradpath-cli-XXXXXX", base != NULL ? base : "/tmp");
  cr_assert_not_null(mkdtemp(folder));
  write_file("tiny.yaml", tiny);
  write_file("long.yaml", longer);
}

static char *read_text(const char *name) {
  char path[256];
  enum { MOST = 8 << 20 };
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  char *text = malloc(MOST + 1);
  cr_assert(file != NULL && text != NULL && text_count < (int)(sizeof texts / sizeof texts[0]));
  size_t length = fread(text, 1, MOST, file);
  fclose(file);
  text[length] = '\0';
  char *fitted = realloc(text, length + 1);
  if (fitted != NULL) text = fitted;
  texts[text_count++] = text;
  return text;
}

cli_result cli_sh(const char *format, ...) {
  char line[2048], command[4096];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  snprintf(command, sizeof command, "cd %s && export G=%s/gradpath && ( %s\n) >.out 2>.err", folder,
           GP_BINARY_DIR, line);
  int status = system(command);
  cli_result result = {.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
  result.out = read_text(".out");
  result.err = read_text(".err");
  return result;
}

const char *cli_case_folder(void) {
  return folder;
}

bool cli_has_file(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return access(path, F_OK) == 0;
}

void cli_case_end(void) {
  char command[128];
  for (int i = 0; i < text_count; i++) free(texts[i]);
  text_count = 0;
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  cr_assert_eq(system(command), 0);
}

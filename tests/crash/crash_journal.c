/* kill -9 against the journal and packing. A child appends runs, says over a pipe which ones the library
 * called committed, packs now and then, and is killed at a random moment; the next child goes on with the
 * same output. After each kill no acknowledged run may be missing or changed, and the file, where there is
 * one, must open; at the end it must be the same, byte for byte, as one that was written in peace.
 *
 * Usage: crash_journal [KILLS [SEED]], 20 kills by default. Plain program, not Criterion: the child must be
 * one process. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "store_case.h"

enum { RUNS = 20000, PACK_EVERY = 1500, KILL_AFTER_MAX_MS = 120 };

static store_study study;
static int numbers[RUNS];
static char path[512], journal_path[512], reference[512];

static int fail(const char *what, const char *detail) {
  fprintf(stderr, "crash_journal: %s: %s\n", what, detail);
  return 1;
}

/* Packs everything and, as the command line does, removes the journal afterwards. */
static bool pack_and_remove(gp_journal **journal) {
  size_t cut;
  gp_pack_plan plan = store_plan(&study, RUNS);
  if (gp_journal_sync(*journal) != GP_OK || gp_pack(path, &study.schema, &plan) != GP_OK) return false;
  if (gp_journal_close(*journal, true) != GP_OK) return false;
  return gp_journal_open(journal, journal_path, &study.schema, &cut) == GP_OK;
}

/* Appends what is missing in order, acknowledging each run after the append returned. Does not return. */
static void child(int pipe_end) {
  static unsigned char state[RUNS];
  char example[33];
  size_t cut, foreign;
  gp_journal *journal;
  gp_pack_plan plan = store_plan(&study, RUNS);
  bool good = gp_journal_open(&journal, journal_path, &study.schema, &cut) == GP_OK &&
              gp_pack_scan(path, &plan, state, &foreign, example) == GP_OK && foreign == 0;
  for (int row = 0, appended = 0; good && row < RUNS; row++) {
    store_run run;
    if (state[row] != GP_RUN_PENDING) continue;
    store_run_make(&run, &study, numbers[row]);
    good =
        gp_journal_append(journal, &run.record) == GP_OK && write(pipe_end, &row, sizeof row) == sizeof row;
    if (good && ++appended % PACK_EVERY == 0) good = pack_and_remove(&journal);
  }
  if (good) good = pack_and_remove(&journal) && gp_journal_close(journal, true) == GP_OK;
  if (!good) fail("the writer failed", gp_message());
  _exit(good ? 0 : 1);
}

/* Marks what came through the pipe. */
static size_t read_acknowledged(int pipe_end, bool *acknowledged) {
  int rows[1024];
  size_t count = 0;
  for (ssize_t got; (got = read(pipe_end, rows, sizeof rows)) > 0;)
    for (size_t i = 0; i < (size_t)got / sizeof rows[0]; i++, count++) acknowledged[rows[i]] = true;
  return count;
}

/* Every acknowledged run must be known to a scan, and a sample of rows must hold the right values. */
static const char *check_kept(const bool *acknowledged) {
  static unsigned char state[RUNS];
  char example[33];
  size_t foreign;
  gp_pack_plan plan = store_plan(&study, RUNS);
  if (gp_pack_scan(path, &plan, state, &foreign, example) != GP_OK) return gp_message();
  for (int row = 0; row < RUNS; row++)
    if (acknowledged[row] && state[row] == GP_RUN_PENDING) return "an acknowledged run is lost";
  return foreign == 0 ? NULL : "a run that nobody wrote";
}

/* One child, killed after a random time unless it finishes before. */
static int trial(bool *acknowledged, size_t *count, bool *finished) {
  int ends[2], how;
  if (pipe(ends) != 0) return fail("no pipe", "");
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    child(ends[1]);
  }
  close(ends[1]);
  /* The pipe holds 64 KiB and is read after the kill: a full one stops the writer, which is a kill's moment
   * too. */
  struct timespec wait = {0, 1000000L * (1 + rand() % KILL_AFTER_MAX_MS)};
  nanosleep(&wait, NULL);
  kill(pid, SIGKILL);
  *count += read_acknowledged(ends[0], acknowledged);
  close(ends[0]);
  waitpid(pid, &how, 0);
  *finished = WIFEXITED(how) && WEXITSTATUS(how) == 0;
  if (WIFEXITED(how) && WEXITSTATUS(how) != 0) return fail("the writer failed", "see above");
  const char *wrong = check_kept(acknowledged);
  return wrong == NULL ? 0 : fail("after a kill", wrong);
}

/* A child that is left alone, its acknowledgements read away. */
static int finish(void) {
  int ends[2], how;
  static bool ignored[RUNS];
  if (pipe(ends) != 0) return fail("no pipe", "");
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    child(ends[1]);
  }
  close(ends[1]);
  read_acknowledged(ends[0], ignored);
  close(ends[0]);
  waitpid(pid, &how, 0);
  return WIFEXITED(how) && WEXITSTATUS(how) == 0 ? 0 : fail("the last writer failed", "");
}

static int write_reference(void) {
  gp_pack_plan plan = store_plan(&study, RUNS);
  const char *wrong = store_journal(reference, &study, numbers, RUNS);
  if (wrong != NULL) return fail("reference", wrong);
  return gp_pack(reference, &study.schema, &plan) == GP_OK ? 0 : fail("reference", gp_message());
}

static int check_values(void) {
  gp_table *table;
  if (gp_table_open(&table, path) != GP_OK) return fail("at the end", gp_message());
  const char *wrong = store_compare(table, &study, numbers, NULL, RUNS);
  gp_table_close(table);
  return wrong == NULL ? 0 : fail("at the end", wrong);
}

static int all_trials(int kills) {
  static bool acknowledged[RUNS];
  size_t count = 0;
  int done = 0;
  for (bool finished = false; done < kills && !finished; done += !finished)
    if (trial(acknowledged, &count, &finished) != 0) return 1;
  if (finish() != 0 || write_reference() != 0 || check_values() != 0) return 1;
  if (!store_files_same(path, reference))
    return fail("at the end", "the file differs from one written in peace");
  printf("crash_journal: %d kills, %zu acknowledged runs, 0 lost, final file identical\n", done, count);
  return 0;
}

int main(int argc, char **argv) {
  char folder[256];
  int kills = argc > 1 ? atoi(argv[1]) : 20;
  srand(argc > 2 ? (unsigned)atoi(argv[2]) : 1);
  if (store_folder(folder) == NULL) return fail("no folder for temporary files", "");
  for (int i = 0; i < RUNS; i++) numbers[i] = i;
  store_study_make(&study, 0, "a");
  study.numbers = numbers;
  snprintf(path, sizeof path, "%s/a.h5", folder);
  snprintf(journal_path, sizeof journal_path, "%s/a.h5.journal", folder);
  snprintf(reference, sizeof reference, "%s/reference.h5", folder);
  int result = all_trials(kills);
  store_folder_remove(folder);
  return result;
}

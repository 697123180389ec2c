/* Damaged, truncated and hostile files, full disks and locks: reported or harmless, never a wrong number. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "journal.h"
#include "scan.h"
#include "store_case.h"
#include "tree.h"

/* HDF5 1.10.8 itself leaks when a file is damaged and when a close fails; our own allocations are still
 * watched (they do not pass through its library). */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5\n";
}

typedef struct place {
  char folder[256], path[512], journal[512];
} place;

static void place_make(place *at) {
  cr_assert(store_folder(at->folder) != NULL);
  snprintf(at->path, sizeof at->path, "%s/a.h5", at->folder);
  snprintf(at->journal, sizeof at->journal, "%s/a.h5.journal", at->folder);
}

static void check_good(gp_status status) {
  cr_assert(status == GP_OK, "%s", gp_message());
}

static void check_null(const char *wrong) {
  cr_assert(wrong == NULL, "%s", wrong);
}

/* A repeatable stream of numbers for the places of the damage. */
static unsigned next_random(unsigned *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static const int three[] = {5, 1, 2};

/* The journal of three runs, and where its frames end: ends[0] is the schema's. */
static unsigned char *small_journal(const place *at, store_study *study, size_t *length,
                                    size_t ends[static 4]) {
  store_study_make(study, 0, "a");
  check_null(store_journal(at->path, study, three, 3));
  unsigned char *bytes = store_file_read(at->journal, length);
  size_t offset = GP_JOURNAL_HEADER;
  for (int k = 0; k < 4; k++) {
    uint32_t payload;
    memcpy(&payload, bytes + offset + 4, sizeof payload);
    ends[k] = offset += payload + GP_FRAME_EXTRA;
  }
  cr_assert_eq(offset, *length);
  return bytes;
}

/* Reading after a cut at every length yields exactly the records before it. */
Test(store_damage, torn_tail_at_every_length_reads_the_exact_prefix) {
  place at;
  store_study study;
  size_t length, ends[4];
  place_make(&at);
  unsigned char *bytes = small_journal(&at, &study, &length, ends);
  for (size_t cut = 0; cut <= length; cut++) {
    gp_table *table;
    cr_assert(store_file_write(at.journal, bytes, cut));
    gp_status status = gp_table_open(&table, at.path);
    if (cut < ends[0]) {
      cr_assert_eq(status, GP_ERR_IO, "cut at %zu", cut); /* it never held a run: as if not there */
      continue;
    }
    check_good(status);
    size_t runs = (cut >= ends[1]) + (cut >= ends[2]) + (cut >= ends[3]);
    check_null(store_compare(table, &study, three, NULL, runs));
    gp_table_close(table);
  }
  free(bytes);
  store_folder_remove(at.folder);
}

/* The writer cuts the tail, says how much, and goes on. Every 41st length and both sides of every frame's
 * end. */
Test(store_damage, writer_continues_after_a_torn_tail) {
  place at;
  store_study study;
  size_t length, ends[4];
  place_make(&at);
  unsigned char *bytes = small_journal(&at, &study, &length, ends);
  for (size_t cut = 0; cut <= length; cut++) {
    bool edge = false;
    size_t good = 0, runs = 0;
    for (int k = 0; k < 4; k++) {
      edge |= cut + 1 >= ends[k] && cut <= ends[k] + 1;
      if (cut >= ends[k]) good = ends[k], runs = (size_t)k;
    }
    if (!edge && cut % 41 != 0) continue;
    gp_journal *journal;
    gp_table *table;
    size_t dropped;
    store_run run;
    const int after[] = {9};
    int expected[4];
    memcpy(expected, three, sizeof three);
    expected[runs] = after[0];
    cr_assert(store_file_write(at.journal, bytes, cut));
    check_good(gp_journal_open(&journal, at.journal, &study.schema, &dropped));
    cr_assert_eq(dropped, cut - good, "cut at %zu", cut);
    store_run_make(&run, &study, after[0]);
    check_good(gp_journal_append(journal, &run.record));
    check_good(gp_journal_close(journal, false));
    check_good(gp_table_open(&table, at.path));
    check_null(store_compare(table, &study, expected, NULL, runs + 1));
    gp_table_close(table);
  }
  free(bytes);
  store_folder_remove(at.folder);
}

/* Compares what can be read with a prefix of `numbers`; false when the file was refused. */
static bool read_prefix(const char *path, const store_study *study, const int *numbers, size_t most,
                        size_t *found) {
  gp_table *table;
  gp_status status = gp_table_open(&table, path);
  cr_assert(status == GP_OK || status == GP_ERR_FILE, "%s", gp_message());
  if (status != GP_OK) return false;
  *found = gp_table_runs(table);
  cr_assert(*found <= most);
  check_null(store_compare(table, study, numbers, NULL, *found));
  gp_table_close(table);
  return true;
}

Test(store_damage, flipped_bits_of_a_journal_are_never_a_wrong_value) {
  enum { RUNS = 20, FLIPS = 200 };
  place at;
  store_study study;
  size_t length, found, refused = 0, shorter = 0;
  int numbers[RUNS];
  unsigned random = 7;
  for (int i = 0; i < RUNS; i++) numbers[i] = i;
  place_make(&at);
  store_study_make(&study, 0, "a");
  check_null(store_journal(at.path, &study, numbers, RUNS));
  unsigned char *bytes = store_file_read(at.journal, &length);
  for (int flip = 0; flip < FLIPS; flip++) {
    size_t place_of = next_random(&random) % length;
    unsigned char bit = (unsigned char)(1u << next_random(&random) % 8);
    bytes[place_of] ^= bit;
    cr_assert(store_file_write(at.journal, bytes, length));
    if (!read_prefix(at.path, &study, numbers, RUNS, &found))
      refused++;
    else
      shorter += found < RUNS;
    bytes[place_of] ^= bit;
  }
  cr_assert_eq(refused + shorter, FLIPS, "%d flips, %zu refused, %zu cut: some went unnoticed", FLIPS,
               refused, shorter);
  free(bytes);
  store_folder_remove(at.folder);
}

/* Frames with right checksums and wrong contents: refused or read, without a crash or an endless allocation
 * (the sanitizer build of this test is what looks). */
Test(store_damage, hostile_frames_do_no_harm) {
  enum { TRIALS = 3000 };
  place at;
  store_study study;
  size_t length, ends[4];
  unsigned random = 99;
  place_make(&at);
  unsigned char *bytes = small_journal(&at, &study, &length, ends), *damaged = malloc(length);
  for (int trial = 0; trial < TRIALS; trial++) {
    int frame = trial % 4;
    size_t begin = frame == 0 ? GP_JOURNAL_HEADER : ends[frame - 1],
           payload = ends[frame] - begin - GP_FRAME_EXTRA;
    memcpy(damaged, bytes, length);
    for (unsigned k = 1 + next_random(&random) % 3; k > 0; k--) {
      static const unsigned char extremes[] = {0, 1, 0x7f, 0x80, 0xff};
      unsigned choice = next_random(&random) % 6;
      size_t where = begin + GP_FRAME_HEAD + next_random(&random) % (trial % 2 ? payload : 24);
      damaged[where] = choice < 5 ? extremes[choice] : (unsigned char)next_random(&random);
    }
    uint32_t crc = gp_crc32c(0, damaged + begin, payload + GP_FRAME_HEAD);
    memcpy(damaged + ends[frame] - 4, &crc, sizeof crc);
    cr_assert(store_file_write(at.journal, damaged, length));
    gp_table *table;
    gp_status status = gp_table_open(&table, at.path);
    cr_assert(status == GP_OK || status == GP_ERR_FILE || status == GP_ERR_MEMORY, "%s", gp_message());
    for (int v = 0; status == GP_OK && v < (int)gp_table_schema(table)->count; v++) {
      const double *values;
      if (gp_table_schema(table)->variables[v].shape != GP_PER_RUN) gp_table_series(table, v, &values);
    }
    gp_table_close(table);
  }
  free(bytes);
  free(damaged);
  store_folder_remove(at.folder);
}

/* A packed file of some size, and its bytes. */
static unsigned char *packed_file(const place *at, store_study *study, int *numbers, size_t count,
                                  size_t *length) {
  for (size_t i = 0; i < count; i++) numbers[i] = (int)i;
  store_study_make(study, 0, "the configuration as given");
  check_null(store_journal(at->path, study, numbers, count));
  study->numbers = numbers;
  gp_pack_plan plan = store_plan(study, count);
  check_good(gp_pack(at->path, &study->schema, &plan));
  unlink(at->journal);
  return store_file_read(at->path, length);
}

Test(store_damage, flipped_bits_of_a_result_file_are_reported_or_harmless, .timeout = 100) {
  enum { RUNS = 200, FLIPS = 300 };
  place at;
  store_study study;
  size_t length, found, reported = 0;
  int numbers[RUNS];
  unsigned random = 3;
  place_make(&at);
  unsigned char *bytes = packed_file(&at, &study, numbers, RUNS, &length);
  for (int flip = 0; flip < FLIPS; flip++) {
    /* half of them in the first 4 KiB, where superblock and root group are */
    size_t place_of = next_random(&random) % (flip % 2 ? length : 4096);
    unsigned char bit = (unsigned char)(1u << next_random(&random) % 8);
    gp_table *table;
    bytes[place_of] ^= bit;
    cr_assert(store_file_write(at.path, bytes, length));
    bytes[place_of] ^= bit;
    gp_status status = gp_table_open(&table, at.path);
    for (int v = 0; status == GP_OK && v < (int)gp_table_schema(table)->count; v++) {
      const double *values;
      if (gp_table_schema(table)->variables[v].shape != GP_PER_RUN)
        status = gp_table_series(table, v, &values);
    }
    reported += status != GP_OK;
    if (status == GP_OK) {
      cr_assert_str_eq(gp_table_attribute(table, "config"), "the configuration as given");
      cr_assert_str_eq(gp_table_attribute(table, "axes"), "activation depth learning_rate seed");
      check_null(store_compare(table, &study, numbers, NULL, RUNS));
    }
    gp_table_close(table);
  }
  cr_log_info("%zu of %d flips reported, the others harmless", reported, FLIPS);
  cr_assert_gt(reported, FLIPS / 2);
  for (size_t cut = 0; cut < length; cut += length / 100 + 1) {
    cr_assert(store_file_write(at.path, bytes, cut));
    cr_assert(!read_prefix(at.path, &study, numbers, RUNS, &found), "a file of %zu of %zu bytes was read",
              cut, length);
  }
  free(bytes);
  store_folder_remove(at.folder);
}

static gp_status open_and_close(const char *path) {
  gp_table *table;
  gp_status status = gp_table_open(&table, path);
  gp_table_close(table);
  return status;
}

Test(store_damage, foreign_files_are_refused) {
  static const char text[] = "study: x\ndata: {name: xor}\nmodel: {depth: 2}\n";
  place at;
  gp_tree *tree;
  place_make(&at);
  cr_assert(store_file_write(at.path, text, sizeof text));
  cr_assert_eq(open_and_close(at.path), GP_ERR_FILE);
  cr_assert(strstr(gp_message(), at.path) != NULL, "%s", gp_message());
  unlink(at.path);
  cr_assert_eq(mkdir(at.path, 0700), 0);
  cr_assert_eq(open_and_close(at.path), GP_ERR_FILE);
  rmdir(at.path);
  cr_assert_eq(mkfifo(at.path, 0600), 0);
  cr_assert_eq(open_and_close(at.path), GP_ERR_FILE);
  unlink(at.path);
  check_good(gp_tree_create(&tree, at.path)); /* HDF5, but not a result file */
  check_good(gp_tree_attribute(tree, "/", "title", "something else"));
  check_good(gp_tree_close(tree));
  cr_assert_eq(open_and_close(at.path), GP_ERR_FILE);
  unlink(at.path);
  cr_assert(store_file_write(at.journal, text, sizeof text));
  cr_assert_eq(open_and_close(at.path), GP_ERR_FILE);
  store_study study;
  gp_journal *journal;
  size_t cut, length;
  store_study_make(&study, 0, "a");
  cr_assert_eq(gp_journal_open(&journal, at.journal, &study.schema, &cut), GP_ERR_FILE);
  free(store_file_read(at.journal, &length));
  cr_assert_eq(length, sizeof text, "a file that is not ours was changed");
  store_folder_remove(at.folder);
}

Test(store_damage, one_writer_at_a_time) {
  place at;
  store_study study;
  gp_journal *first, *second;
  size_t cut;
  char pid[32];
  place_make(&at);
  store_study_make(&study, 0, "a");
  check_good(gp_journal_open(&first, at.journal, &study.schema, &cut));
  cr_assert_eq(gp_journal_open(&second, at.journal, &study.schema, &cut), GP_ERR_IO);
  snprintf(pid, sizeof pid, "process %d ", (int)getpid());
  cr_assert(strstr(gp_message(), pid) != NULL, "%s", gp_message());
  check_good(gp_journal_close(first, true));
  cr_assert(access(at.journal, F_OK) != 0);
  check_good(gp_journal_open(&second, at.journal, &study.schema, &cut));
  check_good(gp_journal_close(second, false));
  check_good(gp_journal_close(NULL, false));
  store_folder_remove(at.folder);
}

/* A limit on the size of files stands for a full disk: EFBIG comes by the same ways as ENOSPC. */
static void limit_files(rlim_t bytes) {
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(store_damage, full_disk_while_appending) {
  enum { RUNS = 60 };
  place at;
  store_study study;
  gp_journal *journal;
  size_t cut, written = 0;
  int numbers[RUNS];
  store_run run;
  for (int i = 0; i < RUNS; i++) numbers[i] = i;
  place_make(&at);
  store_study_make(&study, 0, "a");
  check_good(gp_journal_open(&journal, at.journal, &study.schema, &cut));
  limit_files(10000);
  gp_status status = GP_OK;
  for (; status == GP_OK && written < RUNS; written += status == GP_OK) {
    store_run_make(&run, &study, numbers[written]);
    status = gp_journal_append(journal, &run.record);
  }
  cr_assert_eq(status, GP_ERR_IO);
  cr_assert(strstr(gp_message(), at.journal) != NULL && strstr(gp_message(), "large") != NULL, "%s",
            gp_message());
  limit_files(RLIM_INFINITY);
  cr_assert_eq(gp_journal_append(journal, &run.record), GP_ERR_IO, "a dead journal took a record");
  cr_assert(strstr(gp_message(), "large") != NULL, "%s", gp_message());
  cr_assert_eq(gp_journal_close(journal, false), GP_ERR_IO);
  check_good(gp_journal_open(&journal, at.journal, &study.schema, &cut));
  cr_assert_eq(cut, 0, "the torn record was left in the file");
  check_good(gp_journal_close(journal, false));
  gp_table *table;
  check_good(gp_table_open(&table, at.path));
  check_null(store_compare(table, &study, numbers, NULL, written));
  gp_table_close(table);
  store_folder_remove(at.folder);
}

/* At every limit the old file stays as it was and no temporary is left; without a limit packing works again.
 */
Test(store_damage, full_disk_while_packing) {
  enum { RUNS = 300, MORE = 400 };
  place at;
  store_study study;
  int numbers[MORE];
  size_t length, now, failed = 0;
  char temporary[600];
  place_make(&at);
  snprintf(temporary, sizeof temporary, "%s.tmp", at.path);
  unsigned char *before = packed_file(&at, &study, numbers, RUNS, &length);
  for (int i = 0; i < MORE; i++) numbers[i] = i;
  check_null(store_journal(at.path, &study, numbers + RUNS, MORE - RUNS));
  gp_pack_plan plan = store_plan(&study, MORE);
  for (size_t limit = 0; limit < length; limit += 4093) {
    limit_files(limit);
    gp_status status = gp_pack(at.path, &study.schema, &plan);
    limit_files(RLIM_INFINITY);
    cr_assert_eq(status, GP_ERR_IO, "limit %zu", limit);
    cr_assert(strstr(gp_message(), temporary) != NULL, "%s", gp_message());
    cr_assert(access(temporary, F_OK) != 0, "the temporary was left");
    unsigned char *after = store_file_read(at.path, &now);
    cr_assert(now == length && memcmp(before, after, now) == 0, "limit %zu: the old file changed", limit);
    free(after);
    failed++;
  }
  cr_assert_gt(failed, 10);
  check_good(gp_pack(at.path, &study.schema, &plan));
  unlink(at.journal);
  cr_assert(read_prefix(at.path, &study, numbers, MORE, &now) && now == MORE);
  free(before);
  store_folder_remove(at.folder);
}

Test(store_damage, places_that_cannot_be_written) {
  place at;
  store_study study;
  gp_journal *journal;
  gp_tree *tree;
  size_t cut;
  const int numbers[] = {1};
  char path[600];
  place_make(&at);
  store_study_make(&study, 0, "a");
  study.numbers = numbers;
  gp_pack_plan plan = store_plan(&study, 1);
  snprintf(path, sizeof path, "%s/no/such/folder.h5", at.folder);
  cr_assert_eq(gp_journal_open(&journal, path, &study.schema, &cut), GP_ERR_IO);
  cr_assert_eq(gp_pack(path, &study.schema, &plan), GP_ERR_IO);
  cr_assert(strstr(gp_message(), "No such file") != NULL, "%s", gp_message());
  cr_assert_eq(gp_tree_create(&tree, path), GP_ERR_IO);
  cr_assert_null(tree);
  store_folder_remove(at.folder);
}

/* The dump's file: nested groups, scalars, empty and compressed arrays, and the first error kept. */
Test(store_damage, tree_keeps_its_first_error_and_publishes_only_when_whole) {
  enum { MANY = 4096 };
  static double reals[MANY];
  const int64_t many[] = {64, 64}, none[] = {0}, integers[] = {3, -4};
  place at;
  gp_tree *tree;
  char temporary[600];
  place_make(&at);
  snprintf(temporary, sizeof temporary, "%s.tmp", at.path);
  check_good(gp_tree_create(&tree, at.path));
  check_good(gp_tree_real(tree, "/step_000001/layer_01/weight", 2, many, reals));
  check_good(gp_tree_real(tree, "/step_000001/loss", 0, NULL, reals));
  check_good(gp_tree_real(tree, "/step_000001/none", 1, none, reals));
  check_good(gp_tree_integer(tree, "/step_000001/batch", 1, (const int64_t[]){2}, integers));
  check_good(gp_tree_attribute(tree, "/step_000001", "config", "a: 1"));
  cr_assert(access(at.path, F_OK) != 0);
  check_good(gp_tree_close(tree));
  cr_assert(access(at.path, F_OK) == 0 && access(temporary, F_OK) != 0);
  unlink(at.path);
  check_good(gp_tree_create(&tree, at.path));
  check_good(gp_tree_real(tree, "a", 1, many, reals));
  gp_status first = gp_tree_real(tree, "a", 1, many, reals); /* the name is taken */
  cr_assert_neq(first, GP_OK);
  char message[512];
  snprintf(message, sizeof message, "%s", gp_message());
  cr_assert_eq(gp_tree_integer(tree, "b", 1, many + 1, integers), first);
  cr_assert_str_eq(gp_message(), message);
  cr_assert_eq(gp_tree_close(tree), first);
  cr_assert(access(at.path, F_OK) != 0 && access(temporary, F_OK) != 0);
  check_good(gp_tree_create(&tree, at.path));
  gp_tree_abandon(tree);
  gp_tree_abandon(NULL);
  check_good(gp_tree_close(NULL));
  cr_assert(access(at.path, F_OK) != 0 && access(temporary, F_OK) != 0);
  store_folder_remove(at.folder);
}

/* Journal, packing and table: what goes in comes out, whatever way it went. */
#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal.h"
#include "record.h"
#include "store_case.h"

enum { RUNS_MAX = 130 };

static void count_up(int *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) numbers[i] = (int)i;
}

static void check_good(gp_status status) {
  cr_assert(status == GP_OK, "%s", gp_message());
}

static void check_null(const char *wrong) {
  cr_assert(wrong == NULL, "%s", wrong);
}

static void in_folder(char path[static 512], const char *folder, const char *name) {
  snprintf(path, 512, "%s/%s", folder, name);
}

static void check_file(const char *path, const store_study *study, const int *numbers, const bool *done,
                       size_t count) {
  gp_table *table;
  check_good(gp_table_open(&table, path));
  check_null(store_compare(table, study, numbers, done, count));
  gp_table_close(table);
}

static void pack(const char *path, store_study *study, const int *numbers, size_t count) {
  study->numbers = numbers;
  gp_pack_plan plan = store_plan(study, count);
  check_good(gp_pack(path, &study->schema, &plan));
}

/* 0 runs, 1 run, and the edges of the smallest chunk. */
Test(store, round_trip_through_journal_and_file) {
  static const size_t counts[] = {0, 1, 63, 64, 65, 130};
  char folder[256], path[512], journal[512];
  int numbers[RUNS_MAX];
  count_up(numbers, RUNS_MAX);
  for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
    store_study study;
    store_study_make(&study, 0, "depth: [1, 2]\n");
    cr_assert(store_folder(folder) != NULL);
    in_folder(path, folder, "a.h5");
    in_folder(journal, folder, "a.h5.journal");
    check_null(store_journal(path, &study, numbers, counts[k]));
    check_file(path, &study, numbers, NULL, counts[k]);
    pack(path, &study, numbers, counts[k]);
    check_file(path, &study, numbers, NULL, counts[k]);
    unlink(journal);
    check_file(path, &study, numbers, NULL, counts[k]);
    store_folder_remove(folder);
  }
}

Test(store, table_shows_words_numbers_and_attributes) {
  char folder[256], path[512], buffer[32];
  const int numbers[] = {3, 1};
  const char config[] = "study: x\n# \xc3\xbc\n";
  store_study study;
  gp_table *table;
  store_study_make(&study, 0, config);
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  cr_assert_eq(gp_table_open(&table, path), GP_ERR_IO);
  check_null(store_journal(path, &study, numbers, 1));
  study.numbers = numbers;
  gp_pack_plan plan = store_plan(&study, 2);
  const gp_attribute provenance[] = {{"host", "here"}, {"threads", "2"}};
  plan.provenance = provenance;
  plan.provenance_count = 2;
  check_good(gp_pack(path, &study.schema, &plan));
  check_good(gp_table_open(&table, path));
  cr_assert_str_eq(gp_table_attribute(table, "config"), config);
  cr_assert_null(gp_table_attribute(table, "nothing"));
  cr_assert_str_eq(gp_table_word(table, gp_table_find(table, "status"), 0, buffer), "error");
  cr_assert_str_eq(gp_table_word(table, gp_table_find(table, "status"), 1, buffer), "pending");
  cr_assert_str_eq(gp_table_word(table, gp_table_find(table, "learning_rate"), 0, buffer), "0.05");
  cr_assert_str_eq(gp_table_word(table, gp_table_find(table, "seed"), 0, buffer), "18446744073709551612");
  cr_assert_str_eq(gp_table_word(table, gp_table_find(table, "final_loss"), 1, buffer), "nan");
  cr_assert_eq(gp_table_real(table, gp_table_find(table, "status"), 0), (double)GP_RUN_ERROR);
  cr_assert(isnan(gp_table_real(table, gp_table_find(table, "activation"), 0)));
  size_t count;
  const gp_attribute *stored = gp_table_provenance(table, &count);
  cr_assert_eq(count, 2);
  cr_assert_str_eq(stored[1].name, "threads");
  cr_assert_str_eq(stored[1].text, "2");
  cr_assert_eq(gp_table_seconds(table)[0], 0.5 * numbers[0]);
  cr_assert(isnan(gp_table_seconds(table)[1]), "pending");
  gp_table_close(table);
  store_folder_remove(folder);
}

/* The seconds of a run go with it: read from a journal, packed, packed again from the file, and gone without the group. */
Test(store, seconds_of_runs_are_kept) {
  enum { RUNS = 3 };
  char folder[256], path[512], journal[512];
  const int numbers[RUNS] = {7, 8, 9};
  const gp_attribute provenance[] = {{"host", "here"}};
  gp_table *table;
  store_study study;
  store_study_make(&study, 0, "a");
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  in_folder(journal, folder, "a.h5.journal");
  check_null(store_journal(path, &study, numbers, 2));
  study.numbers = numbers;
  gp_pack_plan plan = store_plan(&study, RUNS);
  plan.provenance = provenance;
  plan.provenance_count = 1;
  for (int round = 0; round < 3; round++) {
    check_good(gp_table_open(&table, path));
    const double *seconds = gp_table_seconds(table);
    cr_assert(seconds[0] == 3.5 && seconds[1] == 4, "round %d: %g %g", round, seconds[0], seconds[1]);
    if (round > 0) cr_assert(isnan(seconds[2]), "pending");
    gp_table_close(table);
    check_good(gp_pack(path, &study.schema, &plan));
    unlink(journal);
  }
  plan.provenance = NULL;
  check_good(gp_pack(path, &study.schema, &plan));
  check_good(gp_table_open(&table, path));
  cr_assert(isnan(gp_table_seconds(table)[0]));
  gp_table_close(table);
  store_folder_remove(folder);
}

/* Journal in five orders, with superseded records and in two stages: always the same file. */
Test(store, file_does_not_depend_on_the_way) {
  enum { RUNS = 100 };
  char folder[256], path[512], journal[512], reference[512];
  int numbers[RUNS], order[RUNS];
  store_study study;
  count_up(numbers, RUNS);
  store_study_make(&study, 0, "a");
  cr_assert(store_folder(folder) != NULL);
  in_folder(reference, folder, "reference.h5");
  in_folder(path, folder, "a.h5");
  in_folder(journal, folder, "a.h5.journal");
  check_null(store_journal(reference, &study, numbers, RUNS));
  pack(reference, &study, numbers, RUNS);
  srand(1);
  for (int trial = 0; trial < 6; trial++) {
    memcpy(order, numbers, sizeof order);
    for (size_t i = RUNS - 1; i > 0; i--) {
      size_t j = (size_t)rand() % (i + 1);
      int other = order[i];
      order[i] = order[j];
      order[j] = other;
    }
    size_t first = (size_t)trial * 20;
    check_null(store_journal(path, &study, order, first));
    pack(path, &study, numbers, RUNS); /* pending rows for what is missing */
    if (trial % 2 == 0) unlink(journal);
    check_null(store_journal(path, &study, order + first, RUNS - first));
    pack(path, &study, numbers, RUNS);
    cr_assert(store_files_same(path, reference), "trial %d", trial);
    pack(path, &study, numbers, RUNS);
    cr_assert(store_files_same(path, reference), "trial %d, packed again", trial);
    unlink(journal);
    unlink(path);
  }
  store_folder_remove(folder);
}

Test(store, scan_says_what_is_finished_and_pack_refuses_strangers) {
  enum { RUNS = 10 };
  char folder[256], path[512], example[33], id[33];
  int numbers[RUNS];
  unsigned char state[RUNS];
  size_t foreign;
  store_study study;
  count_up(numbers, RUNS);
  store_study_make(&study, 0, "a");
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  study.numbers = numbers;
  gp_pack_plan plan = store_plan(&study, RUNS), smaller = store_plan(&study, 3);
  check_good(gp_pack_scan(path, &plan, state, &foreign, example));
  cr_assert(foreign == 0 && state[0] == GP_RUN_PENDING && state[RUNS - 1] == GP_RUN_PENDING);
  check_null(store_journal(path, &study, numbers + 2, 2));
  check_good(gp_pack_scan(path, &plan, state, &foreign, example));
  cr_assert(foreign == 0 && state[1] == GP_RUN_PENDING && state[2] == GP_RUN_DONE &&
            state[3] == GP_RUN_ERROR);
  check_good(gp_pack_scan(path, &smaller, state, &foreign, example));
  store_run_id(id, 3);
  cr_assert_eq(foreign, 1);
  cr_assert_str_eq(example, id);
  cr_assert_eq(gp_pack(path, &study.schema, &smaller), GP_ERR_CONFIG);
  cr_assert(strstr(gp_message(), id) != NULL, "%s", gp_message());
  cr_assert(access(path, F_OK) != 0, "a refused pack wrote something");
  pack(path, &study, numbers, RUNS);
  /* pending rows of an older file are nothing to lose */
  const int finished[] = {3, 2};
  pack(path, &study, finished, 2);
  check_file(path, &study, finished, NULL, 2);
  store_folder_remove(folder);
}

/* An older file and an older part of the same journal, both under other schemas than the final one. */
Test(store, study_grows_and_shrinks) {
  char folder[256], path[512], journal[512], fresh[512];
  const int older[] = {1, 2, 3, 4, 5}, middle[] = {10, 11}, newer[] = {20, 5};
  const int all[] = {20, 1, 10, 2, 3, 30, 4, 5, 11};
  const bool done[] = {true, true, true, true, true, false, true, true, true};
  store_study study, grown;
  store_study_make(&study, 0, "small");
  store_study_make(&grown, 1, "grown");
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  in_folder(journal, folder, "a.h5.journal");
  in_folder(fresh, folder, "fresh.h5");
  check_null(store_journal(path, &study, older, 5));
  pack(path, &study, older, 5);
  unlink(journal);
  check_null(store_journal(path, &study, middle, 2));
  check_null(store_journal(path, &grown, newer, 2));
  const int unpacked[] = {1, 2, 3, 4, 5, 10, 11, 20};
  gp_table *table;
  check_good(gp_table_open(&table, path)); /* file and journal of two schemas, read without packing */
  cr_assert_eq(gp_table_runs(table), 8);
  cr_assert_eq(gp_table_schema(table)->checkpoint_count, 7);
  cr_assert_str_eq(gp_table_attribute(table, "config"), "grown");
  for (int row = 0; row < 8; row++) {
    int at = gp_table_find(table, "seed");
    cr_assert_eq(gp_table_cell(table, at, (size_t)row).natural, UINT64_MAX - (uint64_t)unpacked[row]);
  }
  gp_table_close(table);
  pack(path, &grown, all, 9);
  check_file(path, &grown, all, done, 9);
  unlink(journal);
  pack(path, &grown, all, 9);
  check_file(path, &grown, all, done, 9);
  /* back to the smaller schema: nothing is lost, since no run has more than that; the bytes are those of a
   * fresh one */
  const int again[] = {1, 2, 3, 4, 5, 10, 11, 20};
  pack(path, &study, again, 8);
  check_file(path, &study, again, NULL, 8);
  check_null(store_journal(fresh, &study, again, 8));
  pack(fresh, &study, again, 8);
  cr_assert(store_files_same(path, fresh));
  /* values that would have no place are refused */
  store_study tiny;
  store_study_make(&tiny, 2, "tiny");
  tiny.numbers = again;
  gp_pack_plan plan = store_plan(&tiny, 8);
  cr_assert_eq(gp_pack(path, &tiny.schema, &plan), GP_ERR_FILE);
  cr_assert(store_files_same(path, fresh), "a refused pack changed the file");
  store_folder_remove(folder);
}

Test(store, same_variable_with_another_meaning_is_refused) {
  static const char *const shifted[] = {"pending", "vanishing", "healthy", NULL};
  char folder[256], path[512];
  const int numbers[] = {1, 2};
  store_study study;
  store_study_make(&study, 0, "a");
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  check_null(store_journal(path, &study, numbers, 2));
  pack(path, &study, numbers, 2);
  study.variables[6].meanings = shifted;
  gp_pack_plan plan = store_plan(&study, 2);
  cr_assert_eq(gp_pack(path, &study.schema, &plan), GP_ERR_FILE);
  cr_assert(strstr(gp_message(), "verdict") != NULL, "%s", gp_message());
  store_folder_remove(folder);
}

/* A set of bits keeps its words, the one for none in front. */
Test(store, words_of_a_set_survive) {
  static const char *const words[] = {"none", "diverged", "dead", NULL};
  char folder[256], path[512];
  const int numbers[] = {1, 2};
  store_study study;
  gp_table *table = NULL;
  store_study_make(&study, 0, "a");
  study.variables[8].meanings = words;
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  check_null(store_journal(path, &study, numbers, 2));
  pack(path, &study, numbers, 2);
  cr_assert_eq(gp_table_open(&table, path), GP_OK, "%s", gp_message());
  const gp_schema *schema = gp_table_schema(table);
  int v = gp_schema_find(schema, study.variables[8].name);
  cr_assert(v >= 0 && schema->variables[v].meanings != NULL);
  for (size_t w = 0; w < 3; w++) cr_expect_str_eq(schema->variables[v].meanings[w], words[w]);
  cr_expect_null(schema->variables[v].meanings[3]);
  gp_table_close(table);
  store_folder_remove(folder);
}

/* Attributes at the edge of what an attribute holds, and a config of 1 MiB. */
Test(store, long_texts_survive) {
  static const size_t lengths[] = {0, 1, 60 * 1024, 60 * 1024 + 1, 1 << 20};
  char folder[256], path[512];
  const int numbers[] = {1, 2};
  for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
    char *config = malloc(lengths[k] + 1);
    memset(config, 'x', lengths[k]);
    config[lengths[k]] = '\0';
    store_study study;
    store_study_make(&study, 0, config);
    cr_assert(store_folder(folder) != NULL);
    in_folder(path, folder, "a.h5");
    pack(path, &study, numbers, 2);
    gp_table *table;
    check_good(gp_table_open(&table, path));
    cr_assert(strcmp(gp_table_attribute(table, "config"), config) == 0, "length %zu", lengths[k]);
    cr_assert_eq(gp_table_schema(table)->count, study.schema.count);
    gp_table_close(table);
    store_folder_remove(folder);
    free(config);
  }
}

Test(store, schemas_that_make_no_file_are_refused) {
  char folder[256], path[512];
  const int numbers[] = {1};
  store_study study;
  gp_journal *journal;
  size_t cut;
  cr_assert(store_folder(folder) != NULL);
  in_folder(path, folder, "a.h5");
  for (int wrong = 0; wrong < 12; wrong++) {
    store_study_make(&study, 0, "a");
    static const int64_t descending[] = {1, 0};
    if (wrong == 0) study.schema.count = 0;
    if (wrong == 1) study.variables[0].name = "id";
    if (wrong == 2) study.variables[2].name = "layer";
    if (wrong == 3) study.variables[2].name = "a/b";
    if (wrong == 4) study.variables[2].name = "seed";
    if (wrong == 5) study.schema.layer_count = 0;
    if (wrong == 6) study.schema.checkpoints = descending;
    if (wrong == 7) study.variables[2].shape = GP_PER_CHECKPOINT;
    if (wrong == 8) study.variables[11].shape = (gp_shape)GP_SHAPES;
    if (wrong == 9) study.schema.inner[GP_BIN] = GP_BINS + 1;
    if (wrong == 10) study.schema.inner[GP_EIGENVALUE] = 0;
    if (wrong == 11) study.variables[2].name = "magnitude_bin_lower";
    study.numbers = numbers;
    gp_pack_plan plan = store_plan(&study, 1);
    cr_assert_eq(gp_pack(path, &study.schema, &plan), GP_ERR_CONFIG, "case %d", wrong);
    cr_assert_eq(gp_journal_open(&journal, path, &study.schema, &cut), GP_ERR_CONFIG, "case %d", wrong);
    cr_assert_null(journal);
    cr_assert(access(path, F_OK) != 0);
  }
  store_folder_remove(folder);
}

/* Damaged journals and result files: reported or harmless, never a wrong number. Usage: damage COUNT [SEED]
 *
 * COUNT times a bit is flipped, the end is cut off, or a sector of 512 bytes is lost (zeros, or what stands elsewhere in the
 * file), in turn in a journal and in an .h5 file; then everything that can be read is held against what was written. Each
 * trial is a process of its own, so that a crash inside HDF5 is counted like anything else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_case.h"

enum { RUNS = 100, SECTOR = 512, HEAD = 4096 };
enum outcome { HARMLESS, SHORTER, REPORTED, WRONG, CRASHED, OUTCOMES };
static const char *const outcome_words[] = {"harmless", "an earlier end", "reported", "WRONG", "a crash"};

typedef struct subject {
  const char *name;
  char path[300]; /* of the file that is damaged */
  unsigned char *bytes, *damaged;
  size_t length;
} subject;

typedef struct trial {
  store_study study;
  int numbers[RUNS];
  char result[300]; /* what is opened */
  char what[200];   /* the damage, in words */
} trial;

/* A repeatable stream of numbers. */
static uint64_t next_random(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

static void must(const char *wrong) {
  if (wrong == NULL) return;
  fprintf(stderr, "damage: %s\n", wrong);
  exit(1);
}

/* ---- the damage: each returns the new length ---- */

/* Half of the flips fall into the first 4 KiB, where the superblock and the root group are. */
static size_t flip(const subject *s, uint64_t *random, char what[static 200]) {
  size_t reach = next_random(random) % 2 && s->length > HEAD ? HEAD : s->length,
         at = next_random(random) % reach;
  unsigned bit = (unsigned)(next_random(random) % 8);
  s->damaged[at] ^= (unsigned char)(1u << bit);
  snprintf(what, 200, "bit %u of byte %zu flipped", bit, at);
  return s->length;
}

static size_t cut(const subject *s, uint64_t *random, char what[static 200]) {
  size_t length = next_random(random) % s->length;
  snprintf(what, 200, "cut to %zu of %zu bytes", length, s->length);
  return length;
}

static size_t lose(const subject *s, uint64_t *random, char what[static 200]) {
  size_t sectors = (s->length + SECTOR - 1) / SECTOR, at = next_random(random) % sectors * SECTOR;
  size_t from = next_random(random) % sectors * SECTOR,
         size = s->length - at < SECTOR ? s->length - at : SECTOR;
  bool zero = next_random(random) % 2 || from + size > s->length;
  if (zero)
    memset(s->damaged + at, 0, size);
  else
    memcpy(s->damaged + at, s->bytes + from, size);
  snprintf(what, 200, "sector at byte %zu %s", at, zero ? "zeroed" : "replaced by another");
  return s->length;
}

typedef size_t damage(const subject *s, uint64_t *random, char what[static 200]);
static damage *const damages[] = {flip, flip, flip, cut, lose};
enum { DAMAGES = sizeof damages / sizeof damages[0] };

/* ---- reading ---- */

static bool attributes_same(const gp_table *table, const gp_schema *schema) {
  for (size_t a = 0; a < schema->attribute_count; a++) {
    const char *text = gp_table_attribute(table, schema->attributes[a].name);
    if (text == NULL || strcmp(text, schema->attributes[a].text) != 0) return false;
  }
  return true;
}

static gp_status load_all(gp_table *table) {
  for (size_t v = 0; v < gp_table_schema(table)->count; v++) {
    const double *values;
    if (gp_table_schema(table)->variables[v].shape != GP_PER_RUN)
      GP_TRY(gp_table_series(table, (int)v, &values));
  }
  return GP_OK;
}

static enum outcome read_back(const trial *t) {
  gp_table *table;
  if (gp_table_open(&table, t->result) != GP_OK) return gp_message()[0] != '\0' ? REPORTED : WRONG;
  if (load_all(table) != GP_OK) return REPORTED;
  size_t runs = gp_table_runs(table);
  const char *wrong =
      runs > RUNS ? "more runs than there were" : store_compare(table, &t->study, t->numbers, NULL, runs);
  if (wrong == NULL && !attributes_same(table, &t->study.schema)) wrong = "another attribute";
  if (wrong != NULL) printf("WRONG: %s: %s\n", t->what, wrong);
  gp_table_close(table);
  return wrong != NULL ? WRONG : runs < RUNS ? SHORTER : HARMLESS;
}

static enum outcome read_in_a_child(const trial *t) {
  int state = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    enum outcome outcome = read_back(t);
    fflush(stdout);
    _exit((int)outcome);
  }
  if (child < 0 || waitpid(child, &state, 0) != child) must("no child");
  if (WIFEXITED(state) && WEXITSTATUS(state) < CRASHED) return (enum outcome)WEXITSTATUS(state);
  printf("a crash: %s\n", t->what);
  return CRASHED;
}

/* ---- the trials ---- */

/* A bit or a sector of a journal cannot be lost unseen; an .h5 file has bytes that nothing depends on, but a whole one has
 * all its runs. */
static bool allowed(bool journal, damage *how, enum outcome outcome, bool changed) {
  if (outcome == WRONG || outcome == CRASHED) return false;
  if (journal) return outcome != HARMLESS || !changed;
  return outcome != SHORTER && (how != cut || outcome == REPORTED);
}

static size_t work(trial *t, subject *s, bool journal, size_t count, uint64_t *random) {
  size_t counts[OUTCOMES] = {0}, bad = 0;
  for (size_t i = 0; i < count; i++) {
    damage *how = damages[next_random(random) % DAMAGES];
    memcpy(s->damaged, s->bytes, s->length);
    size_t length = how(s, random, t->what);
    if (!store_file_write(s->path, s->damaged, length)) must("the damaged file cannot be written");
    enum outcome outcome = read_in_a_child(t);
    bool changed = length != s->length || memcmp(s->damaged, s->bytes, length) != 0;
    counts[outcome]++;
    if (allowed(journal, how, outcome, changed)) continue;
    bad++;
    printf("%s, %s: %s\n", s->name, t->what, outcome_words[outcome]);
  }
  printf("%s of %zu bytes: %zu damages", s->name, s->length, count);
  for (int o = 0; o < OUTCOMES; o++)
    if (counts[o] > 0) printf(", %zu %s", counts[o], outcome_words[o]);
  printf("\n");
  return bad;
}

static subject take(const char *name, const char *path) {
  subject s = {.name = name};
  snprintf(s.path, sizeof s.path, "%s", path);
  s.bytes = store_file_read(path, &s.length);
  s.damaged = malloc(s.length);
  if (s.damaged == NULL) must("no memory");
  unlink(path);
  return s;
}

/* Both kinds of files, each alone in the folder while it is damaged. */
static size_t all(trial *t, size_t count, uint64_t *random) {
  char journal[320];
  snprintf(journal, sizeof journal, "%s.journal", t->result);
  must(store_journal(t->result, &t->study, t->numbers, RUNS));
  gp_pack_plan plan = store_plan(&t->study, RUNS);
  if (gp_pack(t->result, &t->study.schema, &plan) != GP_OK) must(gp_message());
  subject subjects[] = {take("journal", journal), take("result file", t->result)};
  size_t bad = 0;
  for (int k = 0; k < 2; k++) {
    bad += work(t, &subjects[k], k == 0, count / 2, random);
    unlink(subjects[k].path);
    free(subjects[k].bytes);
    free(subjects[k].damaged);
  }
  return bad;
}

int main(int argc, char **argv) {
  char folder[256];
  trial t;
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  uint64_t random = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  if (count < 2) return fprintf(stderr, "usage: damage COUNT [SEED]\n"), 2;
  if (store_folder(folder) == NULL) must("no folder");
  snprintf(t.result, sizeof t.result, "%s/a.h5", folder);
  for (int i = 0; i < RUNS; i++) t.numbers[i] = i;
  store_study_make(&t.study, 0, "the configuration as given");
  t.study.numbers = t.numbers;
  size_t bad = all(&t, count, &random);
  store_folder_remove(folder);
  printf("damage: %zu trials, %zu not as they must be\n", count / 2 * 2, bad);
  return bad > 0;
}

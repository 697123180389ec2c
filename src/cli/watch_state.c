/* What `watch` knows: rows of the file and its journals, the plan of the configuration stored in them, and how fast the
 * number of finished runs grows. */
#include "watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"
#include "select.h"
#include "shards.h"

enum {
  DESCRIBED_MOST = 20000, /* rows whose values are asked for one by one */
  VALUES_MOST = 4096 /* of an axis (a random one has as many as runs); others count with the next below */
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- axes ---- */

/* How many of the ascending numbers are at most x. */
static size_t at_most(const watch_axis *axis, double x) {
  size_t low = 0, high = axis->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (axis->numbers[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Two texts of one number are one value: a file's word may have more digits. */
static int find_word(const watch_axis *axis, const char *word, double number) {
  if (axis->numeric && !isnan(number)) {
    size_t at = at_most(axis, number);
    return at > 0 && axis->numbers[at - 1] == number ? (int)at - 1 : -1;
  }
  for (size_t i = 0; i < axis->count; i++)
    if (strcmp(axis->words[i], word) == 0) return (int)i;
  return -1;
}

static gp_status grow(watch_axis *axis) {
  size_t room = axis->capacity * 2 + 8;
  char **words = realloc(axis->words, room * sizeof *words);
  if (words != NULL) axis->words = words;
  double *numbers = realloc(axis->numbers, room * sizeof *numbers);
  if (numbers != NULL) axis->numbers = numbers;
  if (words == NULL || numbers == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  axis->capacity = room;
  return GP_OK;
}

/* In its place: numbers ascend, words stay in the order in which they came. */
static gp_status add_word(watch_axis *axis, const char *word) {
  double number;
  if (!gp_text_to_real(word, &number)) number = (double)NAN;
  if (axis->count == VALUES_MOST || find_word(axis, word, number) >= 0) return GP_OK;
  if (axis->count == axis->capacity) GP_TRY(grow(axis));
  char *copy = strdup(word);
  if (copy == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  size_t at = axis->count++;
  axis->numeric = (at == 0 || axis->numeric) && !isnan(number);
  for (; axis->numeric && at > 0 && axis->numbers[at - 1] > number; at--) {
    axis->words[at] = axis->words[at - 1];
    axis->numbers[at] = axis->numbers[at - 1];
  }
  axis->words[at] = copy;
  axis->numbers[at] = number;
  return GP_OK;
}

static void free_axes(watch_state *s) {
  for (size_t a = 0; a < s->axis_count; a++) {
    for (size_t i = 0; i < s->axes[a].count; i++) free(s->axes[a].words[i]);
    free(s->axes[a].words);
    free(s->axes[a].numbers);
  }
  s->axis_count = 0;
}

/* "activation=relu depth=3": every value to its axis. */
static gp_status add_description(watch_state *s, char *text) {
  for (char *rest = text, *part; (part = strtok_r(rest, " ", &rest)) != NULL;) {
    char *value = strchr(part, '=');
    if (value == NULL) continue;
    *value = '\0';
    for (size_t a = 0; a < s->axis_count; a++)
      if (strcmp(s->axes[a].name, part) == 0) GP_TRY(add_word(&s->axes[a], value + 1));
  }
  return GP_OK;
}

/* Of a large plan every so manieth row is asked: the axes of a grid are short, and what is missing comes with its run. */
static gp_status describe_plan(watch_state *s) {
  size_t runs = gp_plan_runs(s->plan), stride = 1 + runs / DESCRIBED_MOST;
  for (size_t row = 0; row < runs; row += stride) {
    gp_text text = {0};
    gp_plan_describe(s->plan, row, &text);
    gp_status status = text.length > 0 && !text.failed ? add_description(s, text.data) : GP_OK;
    gp_text_free(&text);
    GP_TRY(status);
  }
  return GP_OK;
}

static gp_status set_axes(watch_state *s) {
  cli_columns columns;
  GP_TRY(cli_axes(&columns, s->table));
  for (size_t c = 0; c < columns.count && s->axis_count < WATCH_AXES; c++) {
    watch_axis *axis = &s->axes[s->axis_count++];
    *axis = (watch_axis){.variable = columns.items[c]};
    snprintf(axis->name, sizeof axis->name, "%s",
             gp_table_schema(s->table)->variables[columns.items[c]].name);
  }
  free(columns.items);
  return s->plan != NULL ? describe_plan(s) : GP_OK;
}

int watch_value(const watch_state *s, const watch_axis *axis, size_t run) {
  char buffer[32];
  const char *word = gp_table_word(s->table, axis->variable, run, buffer);
  double number;
  if (!gp_text_to_real(word, &number)) number = (double)NAN;
  int at = find_word(axis, word, number);
  return at < 0 && axis->numeric && !isnan(number) && at_most(axis, number) > 0
             ? (int)at_most(axis, number) - 1
             : at;
}

static gp_status add_rows(watch_state *s) {
  char buffer[32];
  for (size_t a = 0; a < s->axis_count; a++)
    for (size_t r = 0; r < gp_table_runs(s->table); r++)
      GP_TRY(add_word(&s->axes[a], gp_table_word(s->table, s->axes[a].variable, r, buffer)));
  return GP_OK;
}

/* ---- how many runs there are ---- */

/* Of the name "study.2-of-4.h5" the second quarter: 0 of 0 where it is no shard's. */
static void shard_of(const char *path, size_t *shard, size_t *shards) {
  const char *of = strstr(path, "-of-");
  *shard = *shards = 0;
  if (of == NULL) return;
  const char *digits = of;
  while (digits > path && digits[-1] >= '0' && digits[-1] <= '9') digits--;
  if (digits == of || digits == path || digits[-1] != '.') return;
  *shard = strtoul(digits, NULL, 10);
  *shards = strtoul(of + 4, NULL, 10);
}

static void set_total(watch_state *s) {
  size_t shard, shards, runs = s->plan != NULL ? gp_plan_runs(s->plan) : 0;
  shard_of(s->path, &shard, &shards);
  s->total = shards > 0 && shard >= 1 && shard <= shards ? (runs + shards - shard) / shards : runs;
}

/* A plan that cannot be made here (its data files lie elsewhere) is no error of watching. */
static void load_plan(watch_state *s) {
  const char *config = gp_table_attribute(s->table, "config");
  s->planned = true;
  if (config == NULL || gp_plan_load_text(&s->plan, s->path, config) != GP_OK) s->plan = NULL;
  set_total(s);
}

/* ---- looking ---- */

bool watch_is_done(const watch_state *s, size_t run) {
  int status = gp_table_find(s->table, "status");
  return status < 0 || gp_table_cell(s->table, status, run).state != GP_RUN_PENDING;
}

static void count(watch_state *s) {
  int status = gp_table_find(s->table, "status");
  s->done = s->failed = 0;
  for (size_t r = 0; r < gp_table_runs(s->table); r++) {
    int state = status >= 0 ? gp_table_cell(s->table, status, r).state : GP_RUN_DONE;
    s->done += state != GP_RUN_PENDING;
    s->failed += state >= GP_RUN_TIMEOUT;
  }
  if (s->plan == NULL) s->total = gp_table_runs(s->table) > s->done ? gp_table_runs(s->table) : 0;
}

/* The rate is that of the last minute or so: as many looks as are kept. */
static void sample(watch_state *s, double time) {
  if (s->sample_count == WATCH_SAMPLES) {
    memmove(s->samples, s->samples + 1, (WATCH_SAMPLES - 1) * sizeof *s->samples);
    s->sample_count--;
  }
  s->samples[s->sample_count++] = (watch_sample){time, s->done};
  const watch_sample *first = &s->samples[0], *last = &s->samples[s->sample_count - 1];
  bool known = last->done > first->done && last->time > first->time;
  s->rate = known ? (double)(last->done - first->done) / (last->time - first->time) : (double)NAN;
  s->eta = known && s->total >= s->done ? (double)(s->total - s->done) / s->rate : (double)NAN;
}

gp_status watch_look(watch_state *s) {
  double time = now();
  gp_table *table;
  if (s->began == 0) s->began = time;
  s->running = gp_shards_held(s->path); /* before the rows: what ends in between is all there */
  GP_TRY(cli_open(&table, s->path));
  gp_table_close(s->table);
  s->table = table;
  if (!s->planned) {
    load_plan(s);
    GP_TRY(set_axes(s));
  }
  count(s);
  GP_TRY(add_rows(s));
  sample(s, time);
  s->read_seconds = now() - time;
  return GP_OK;
}

void watch_free(watch_state *s) {
  free_axes(s);
  gp_table_close(s->table);
  gp_plan_free(s->plan);
}

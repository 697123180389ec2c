/* Computing stored runs again; see verify.h. */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rng.h"
#include "rounds.h"
#include "run_record.h"

/* What a verification needs at hand. */
typedef struct verifier {
  gp_check *check;
  gp_plan *plan;
  gp_trainer *trainer;
  gp_run_record room;
  size_t *runs, count; /* finished runs of the file, the drawn ones first */
  size_t *rows;        /* row in the plan of each stored run, SIZE_MAX: none */
} verifier;

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to verify");
}

/* The finished runs of the file. The hash of their identities is the seed. */
static gp_status list_finished(verifier *v, uint64_t *seed) {
  gp_text ids = {0};
  char id[33], hash[GP_HASH_TEXT];
  size_t total = gp_check_runs(v->check);
  v->runs = malloc((total + 1) * sizeof *v->runs);
  for (size_t run = 0; v->runs != NULL && run < total; run++) {
    if (gp_check_state(v->check, run) != GP_RUN_DONE) continue;
    gp_check_run_id(v->check, run, id);
    gp_text_add_bytes(&ids, id, 32);
    v->runs[v->count++] = run;
  }
  bool fine = v->runs != NULL && !ids.failed;
  if (fine && v->count > 0) {
    gp_hash_text(hash, ids.data, ids.length);
    hash[16] = '\0';
    *seed = strtoull(hash, NULL, 16);
  }
  gp_text_free(&ids);
  return fine ? GP_OK : no_memory();
}

/* The first steps of a Fisher-Yates shuffle. */
static void draw(verifier *v, size_t wanted, uint64_t seed) {
  const gp_stream stream = {.seed = seed, .purpose = GP_PURPOSE_SWEEP};
  for (size_t i = 0; i < wanted; i++) {
    size_t j = i + (size_t)gp_rng_below(stream, i, v->count - i), run = v->runs[i];
    v->runs[i] = v->runs[j];
    v->runs[j] = run;
  }
}

static gp_status find_rows(verifier *v) {
  size_t total = gp_check_runs(v->check);
  char id[33];
  v->rows = malloc((total + 1) * sizeof *v->rows);
  if (v->rows == NULL) return no_memory();
  for (size_t run = 0; run < total; run++) v->rows[run] = SIZE_MAX;
  for (size_t row = 0; row < gp_plan_runs(v->plan); row++) {
    size_t run = gp_check_find(v->check, gp_plan_run_id(v->plan, row, id));
    if (run != SIZE_MAX) v->rows[run] = row;
  }
  return GP_OK;
}

/* Computes one run alone and compares it. */
static gp_status verify_run(verifier *v, size_t run, gp_verify_result *out) {
  gp_spec spec;
  gp_trace trace;
  gp_run_limits none = {0};
  size_t row = v->rows[run];
  gp_check_run_id(v->check, run, out->run_id);
  if (row == SIZE_MAX)
    return gp_fail(GP_ERR_FILE,
                   "run %zu (run_id %s) is none of those that this version of gradpath makes of the file's "
                   "configuration: it was written by another version, or its data have changed",
                   run, out->run_id);
  GP_TRY(gp_plan_spec(v->plan, row, &spec));
  GP_TRY(gp_train_prepare(v->trainer, &spec, gp_plan_dataset(v->plan, row)));
  enum gp_run_state state = gp_train_run(v->trainer, &none, &trace);
  gp_record record;
  GP_TRY(gp_run_record_make(&record, &v->room, v->plan, row, &trace, state, trace.seconds));
  out->row = run;
  out->checked++;
  GP_TRY(gp_check_record(v->check, run, gp_plan_schema(v->plan), &record, &out->same, &out->difference));
  if (!out->same) gp_plan_describe(v->plan, row, &out->describe);
  return GP_OK;
}

static gp_status verify(verifier *v, gp_verify_result *out, const char *path,
                        const gp_verify_options *options) {
  uint64_t seed = 0;
  GP_TRY(gp_check_open(&v->check, path));
  GP_TRY(list_finished(v, &seed));
  out->finished = v->count;
  if (v->count == 0) return gp_fail(GP_ERR_FILE, "%s: no run in it is finished", path);
  size_t wanted = options->runs < v->count ? options->runs : v->count;
  draw(v, wanted, seed);
  gp_status loaded = gp_plan_load_text(&v->plan, path, gp_check_config(v->check));
  if (loaded != GP_OK)
    return gp_fail_prefix(loaded, "%s: its configuration cannot be run again from here:\n", path);
  GP_TRY(gp_rounds_restore(v->plan, path));
  GP_TRY(find_rows(v));
  GP_TRY(gp_trainer_create(&v->trainer, &(gp_train_options){.tier = options->tier}));
  GP_TRY(gp_run_record_create(&v->room, v->plan));
  for (size_t i = 0; i < wanted && out->same; i++) GP_TRY(verify_run(v, v->runs[i], out));
  return GP_OK;
}

gp_status gp_verify(gp_verify_result *out, const char *path, const gp_verify_options *options) {
  verifier v = {0};
  *out = (gp_verify_result){.same = true};
  gp_status status = verify(&v, out, path, options);
  gp_run_record_free(&v.room);
  gp_trainer_free(v.trainer);
  gp_check_close(v.check);
  gp_plan_free(v.plan);
  free(v.runs);
  free(v.rows);
  return status;
}

void gp_verify_free(gp_verify_result *result) {
  gp_text_free(&result->describe);
}

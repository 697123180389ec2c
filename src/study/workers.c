/* The workers of a sweep; see workers.h. */
#include "workers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keeper.h"
#include "lanes.h"
#include "run.h"
#include "run_record.h"

double gp_seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* One worker's own things: its trainer and the room for one record. */
typedef struct worker {
  gp_trainer *trainer;
  gp_run_record room;
  gp_spec specs[GP_LANES_MAX]; /* of the group in work */
} worker;

static gp_status worker_open(worker *w, const gp_workers *s) {
  GP_TRY(gp_run_record_create(&w->room, s->plan));
  return gp_trainer_create(&w->trainer, &(gp_train_options){.tier = s->options->tier});
}

static void worker_close(worker *w) {
  gp_trainer_free(w->trainer);
  gp_run_record_free(&w->room);
}

static bool signalled(const volatile sig_atomic_t *flag) {
  return flag != NULL && *flag != 0;
}

bool gp_workers_ended(gp_workers *s) {
  if (gp_seconds_now() >= s->deadline) atomic_store(&s->out_of_time, 1);
  return atomic_load(&s->halted) || atomic_load(&s->out_of_time) || signalled(s->options->stop);
}

/* Ends the sweep with the calling worker's message; the first reason stays. Holds the mutex. */
static void halt(gp_workers *s, gp_status status) {
  atomic_store(&s->halted, 1);
  if (s->status != GP_OK) return;
  s->status = status;
  snprintf(s->message, sizeof s->message, "%s", gp_message());
}

/* The same for who does not hold it. */
static void halt_by(gp_workers *s, gp_status status) {
  pthread_mutex_lock(&s->mutex);
  halt(s, status);
  pthread_mutex_unlock(&s->mutex);
}

/* Keeps the first failure's story: which run, and why. */
static void note_failure(gp_workers *s, size_t row, enum gp_run_state state, const char *why) {
  gp_sweep_result *result = s->result;
  s->tally.failed++;
  if (result->failure[0] != '\0') return;
  result->failed_row = row;
  gp_text text = {0};
  gp_plan_describe(s->plan, row, &text);
  snprintf(result->failure, sizeof result->failure, "run %zu (%s): %s%s%s", row, text.failed ? "" : text.data,
           gp_run_state_words[state], why[0] != '\0' ? ": " : "", why);
  gp_text_free(&text);
}

static bool failed(enum gp_run_state state) {
  return state == GP_RUN_TIMEOUT || state == GP_RUN_OUT_OF_MEMORY || state == GP_RUN_ERROR;
}

/* Runs in work count half: on average they are half-way. The longest runs start first, so that the first to end tell
 * little of the rest: nothing is said before a tenth of the work is done. */
static void measure(gp_workers *s) {
  static const double least_share = 0.1;
  gp_progress *p = &s->result->progress;
  const gp_tally *ours = &s->tally, *others = &s->others;
  double done_cost = ours->done_cost + others->done_cost;
  double work = 0.5 * (done_cost + ours->started_cost + others->started_cost);
  p->done = ours->done + others->done;
  p->failed = ours->failed + others->failed;
  for (int v = 0; v < GP_VERDICTS_MAX; v++) p->counts[v] = ours->counts[v] + others->counts[v];
  p->elapsed = gp_seconds_now() - s->start;
  p->rate = p->elapsed > 0 ? (double)p->done / p->elapsed : (double)NAN;
  bool known = done_cost > 0 && done_cost >= least_share * s->total_cost;
  p->eta = known ? p->elapsed * (s->total_cost - work) / work : (double)NAN;
}

/* Counts a committed run. Holds the mutex. */
static void count_run(gp_workers *s, const gp_job *job, const gp_record *record, enum gp_run_state state) {
  gp_tally *t = &s->tally;
  int verdict = s->verdict_column < 0 ? -1 : record->cells[s->verdict_column].state;
  t->done++;
  t->done_cost += job->cost;
  if (state == GP_RUN_DONE && verdict >= 0 && verdict < GP_VERDICTS_MAX) t->counts[verdict]++;
}

/* Writes the record down, and for a refined map what it says. Holds the mutex. */
static gp_status keep(gp_workers *s, const gp_job *job, const gp_record *record, enum gp_run_state state) {
  GP_TRY(gp_journal_append(s->journal, record));
  if (s->rounds == NULL) return GP_OK;
  int verdict = s->verdict_column < 0 ? -1 : record->cells[s->verdict_column].state;
  return gp_rounds_note_row(s->rounds, s->plan, job->row, state, verdict);
}

/* Commits one finished run and counts it. `why` tells what an error was. */
static void commit(gp_workers *s, const gp_job *job, const gp_record *record, enum gp_run_state state,
                   const char *why) {
  pthread_mutex_lock(&s->mutex);
  gp_status status = keep(s, job, record, state);
  if (status != GP_OK) {
    halt(s, status);
  } else {
    count_run(s, job, record, state);
    s->seconds[s->finished++] = record->seconds;
    if (failed(state)) note_failure(s, job->row, state, why);
    if (failed(state) && s->options->fail_fast) {
      gp_fail(GP_ERR_NO, "%s", s->result->failure);
      halt(s, GP_ERR_NO);
    }
    measure(s);
    if (s->options->progress != NULL && s->options->ranks == NULL)
      s->options->progress(s->options->context, &s->result->progress);
  }
  pthread_mutex_unlock(&s->mutex);
}

/* What tells a run in work to leave: the caller's flag, or with ranks the keeper's, since others may say so too. */
static const volatile sig_atomic_t *abandon_flag(const gp_workers *s) {
  return s->options->ranks == NULL ? s->options->abandon : &s->leave;
}

/* The limits of a run that starts now: its own, and what is left of the sweep's. */
static gp_run_limits limits_now(const gp_workers *s) {
  double left = s->deadline - gp_seconds_now();
  double seconds = fmin(s->run_seconds, left);
  return (gp_run_limits){.seconds = isinf(seconds) ? 0 : fmax(seconds, 1e-3), .stop = abandon_flag(s)};
}

/* Whether the run ended by the sweep's doing and not its own: it is then pending, as if never started. */
static bool abandoned(gp_workers *s, enum gp_run_state state) {
  if (state == GP_RUN_STOPPED) return signalled(abandon_flag(s));
  if (state != GP_RUN_TIMEOUT || gp_seconds_now() < s->deadline) return false;
  atomic_store(&s->out_of_time, 1);
  return true;
}

/* Writes down what became of one run. `trace` is NULL when it could not be prepared; gp_message() then says why. */
static void record_job(gp_workers *s, worker *w, const gp_job *job, const gp_trace *trace,
                       enum gp_run_state state, double seconds) {
  gp_record record;
  char why[512];
  snprintf(why, sizeof why, "%s", trace != NULL ? "" : gp_message());
  if (gp_run_record_make(&record, &w->room, s->plan, job->row, trace, state, seconds) != GP_OK)
    halt_by(s, GP_ERR_MEMORY);
  else
    commit(s, job, &record, state, why);
}

static void run_job(gp_workers *s, worker *w, const gp_job *job) {
  gp_trace trace;
  gp_status status = gp_plan_spec(s->plan, job->row, &w->specs[0]);
  if (status == GP_OK)
    status = gp_train_prepare(w->trainer, &w->specs[0], gp_plan_dataset(s->plan, job->row));
  if (status != GP_OK) {
    record_job(s, w, job, NULL, status == GP_ERR_MEMORY ? GP_RUN_OUT_OF_MEMORY : GP_RUN_ERROR, 0);
    return;
  }
  gp_run_limits limits = limits_now(s);
  enum gp_run_state state = gp_train_run(w->trainer, &limits, &trace);
  if (!abandoned(s, state)) record_job(s, w, job, &trace, state, trace.seconds);
}

static gp_status prepare_lanes(gp_workers *s, worker *w, const gp_job *jobs, int count) {
  const gp_spec *specs[GP_LANES_MAX];
  const gp_dataset *data[GP_LANES_MAX];
  for (int i = 0; i < count; i++) {
    GP_TRY(gp_plan_spec(s->plan, jobs[i].row, &w->specs[i]));
    specs[i] = &w->specs[i];
    data[i] = gp_plan_dataset(s->plan, jobs[i].row);
  }
  return gp_train_prepare_lanes(w->trainer, specs, data, count);
}

/* A lane group; when it cannot be prepared (memory), its runs are tried one by one. */
static void run_lanes(gp_workers *s, worker *w, const gp_job *jobs, int count) {
  enum gp_run_state states[GP_LANES_MAX];
  if (prepare_lanes(s, w, jobs, count) != GP_OK) {
    for (int i = 0; i < count && !gp_workers_ended(s); i++) run_job(s, w, &jobs[i]);
    return;
  }
  gp_run_limits limits = limits_now(s);
  gp_train_run_lanes(w->trainer, &limits, states);
  if (abandoned(s, states[0])) return;
  for (int i = 0; i < count; i++) {
    gp_trace trace;
    gp_train_lane(w->trainer, i, &trace);
    record_job(s, w, &jobs[i], &trace, states[i], trace.seconds / count);
  }
}

static void run_group(gp_workers *s, worker *w, const gp_group *group) {
  const gp_job *jobs = &s->jobs[group->first];
  pthread_mutex_lock(&s->mutex);
  for (int i = 0; i < group->count; i++) s->tally.started_cost += jobs[i].cost;
  pthread_mutex_unlock(&s->mutex);
  if (group->count == 1)
    run_job(s, w, jobs);
  else
    run_lanes(s, w, jobs, group->count);
}

/* What each thread does: a group at a time, in queue order. */
static void work(gp_workers *s) {
  worker w = {0};
  size_t group;
  gp_status status = worker_open(&w, s);
  if (status != GP_OK) halt_by(s, status);
  while (status == GP_OK && !gp_workers_ended(s) && gp_queue_take(&s->queue, &group))
    run_group(s, &w, &s->groups[group]);
  worker_close(&w);
}

/* ---- for the keeper ---- */

void gp_workers_leave(gp_workers *s, double seconds) {
  if (s->leave_at == 0) s->leave_at = gp_seconds_now() + seconds;
  if (gp_seconds_now() >= s->leave_at || signalled(s->options->abandon)) s->leave = 1;
}

gp_tally gp_workers_tally(gp_workers *s) {
  pthread_mutex_lock(&s->mutex);
  gp_tally tally = s->tally;
  pthread_mutex_unlock(&s->mutex);
  return tally;
}

void gp_workers_others(gp_workers *s, const gp_tally *others) {
  pthread_mutex_lock(&s->mutex);
  s->others = *others;
  measure(s);
  pthread_mutex_unlock(&s->mutex);
}

void gp_workers_failure(gp_workers *s, size_t row, const char *failure) {
  gp_sweep_result *result = s->result;
  if (failure[0] == '\0' || result->failure[0] != '\0') return;
  result->failed_row = row;
  snprintf(result->failure, sizeof result->failure, "%s", failure);
}

void gp_workers_show(gp_workers *s) {
  pthread_mutex_lock(&s->mutex);
  measure(s);
  if (s->options->progress != NULL) s->options->progress(s->options->context, &s->result->progress);
  pthread_mutex_unlock(&s->mutex);
}

void gp_workers_sync(gp_workers *s) {
  pthread_mutex_lock(&s->mutex);
  gp_status status = gp_journal_sync(s->journal);
  if (status != GP_OK) halt(s, status);
  pthread_mutex_unlock(&s->mutex);
}

gp_status gp_workers_run(gp_workers *s, int threads) {
  gp_keeper keeper;
  for (size_t j = 0; j < s->job_count; j++) s->total_cost += s->jobs[j].cost;
  gp_queue_begin(&s->queue);
  if (s->options->ranks == NULL) {
    gp_queue_add(&s->queue, 0, s->group_count);
    gp_queue_close(&s->queue, false);
  }
  gp_status status = gp_keeper_begin(&keeper, s);
  if (status == GP_OK) {
#pragma omp parallel num_threads(threads)
    work(s);
    gp_keeper_end(&keeper);
  }
  gp_queue_end(&s->queue);
  measure(s);
  if (status != GP_OK || s->status == GP_OK) return status;
  return gp_fail(s->status, "%s", s->message);
}

/* Handing out the queue; see distribute.h. */
#include "distribute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { SPAN_MAX = 65536, SHARES = 4 };
/* mpirun kills its processes a second after it was stopped: runs in work are left well before that. */
static const double news_seconds = 0.25, grace_seconds = 0.4;

/* A rank to rank 0: its news, and whether it wants work. */
typedef struct question {
  gp_tally tally;
  int waiting; /* threads without work; 0: only news */
  int halt;    /* it ended by a signal or an error: no one should go on */
} question;

/* Rank 0 to a rank. */
typedef struct answer {
  size_t first, count;
  int last; /* nothing more will come */
  int halt; /* leave what was handed out before */
} answer;

/* A rank's last word; the seconds of its runs follow. */
typedef struct report {
  gp_tally tally;
  size_t finished, failed_row;
  int out_of_time;
  char failure[1024];
} report;

struct gp_distribution {
  const gp_ranks *ranks;
  gp_workers *workers;
  double told;  /* when news last went out, or were shown */
  bool asked;   /* an answer is due */
  bool halting; /* no one goes on */
  bool said;    /* this rank told so, or rank 0 told everyone */
  bool reported;
  /* rank 0 only */
  size_t next;      /* first group that no one has */
  double cost_left; /* of the groups that no one has */
  gp_tally *tallies;
  bool *done; /* ranks that have reported */
  int reports;
};

/* ---- the same queue for everyone ---- */

/* Two ranks with the same digest have the same rows, data included: run_ids are made of them. */
static gp_status plan_digest(char digest[static GP_HASH_TEXT], const gp_plan *plan) {
  const gp_schema *schema = gp_plan_schema(plan);
  size_t rows = gp_plan_runs(plan);
  gp_text text = {0};
  char id[33];
  for (size_t a = 0; a < schema->attribute_count; a++)
    gp_text_add(&text, "%s=%s\n", schema->attributes[a].name, schema->attributes[a].text);
  gp_text_add(&text, "%zu %s", rows, gp_plan_run_id(plan, 0, id));
  gp_text_add(&text, " %s", gp_plan_run_id(plan, rows - 1, id));
  gp_status status = text.failed ? gp_fail(GP_ERR_MEMORY, "no memory to compare the plans") : GP_OK;
  if (status == GP_OK) gp_hash_text(digest, text.data, text.length);
  gp_text_free(&text);
  return status;
}

static gp_status check_same_plan(const gp_ranks *ranks, const gp_plan *plan) {
  char mine[GP_HASH_TEXT] = "", theirs[GP_HASH_TEXT];
  gp_status status = plan_digest(mine, plan);
  memcpy(theirs, mine, sizeof theirs);
  ranks->broadcast(theirs, sizeof theirs);
  if (status == GP_OK && strcmp(mine, theirs) != 0)
    status = gp_fail(GP_ERR_CONFIG, "its configuration, data or program are not those of rank 0");
  return gp_ranks_agree(ranks, status);
}

gp_status gp_distribute_queue(const gp_ranks *ranks, gp_workers *workers) {
  if (ranks == NULL) return GP_OK;
  size_t counts[2] = {workers->job_count, workers->group_count};
  gp_status status = GP_OK;
  GP_TRY(check_same_plan(ranks, workers->plan));
  ranks->broadcast(counts, sizeof counts);
  if (ranks->rank > 0) {
    workers->jobs = malloc((counts[0] + 1) * sizeof *workers->jobs);
    workers->groups = malloc((counts[1] + 1) * sizeof *workers->groups);
    if (workers->jobs == NULL || workers->groups == NULL)
      status = gp_fail(GP_ERR_MEMORY, "no memory for a queue of %zu runs", counts[0]);
  }
  GP_TRY(gp_ranks_agree(ranks, status));
  ranks->broadcast(workers->jobs, counts[0] * sizeof *workers->jobs);
  ranks->broadcast(workers->groups, counts[1] * sizeof *workers->groups);
  workers->job_count = counts[0];
  workers->group_count = counts[1];
  return GP_OK;
}

/* ---- rank 0 ---- */

static double group_cost(const gp_workers *workers, size_t group) {
  const gp_group *g = &workers->groups[group];
  double cost = 0;
  for (int i = 0; i < g->count; i++) cost += workers->jobs[g->first + (size_t)i].cost;
  return cost;
}

/* The next span for a rank: a fair part of a fraction of what is left, and a group for every thread that waits. */
static answer next_span(gp_distribution *d, int waiting) {
  answer a = {.first = d->next, .halt = d->halting};
  size_t left = d->halting ? 0 : d->workers->group_count - d->next, least = waiting > 0 ? (size_t)waiting : 1;
  double share = d->cost_left / (SHARES * d->ranks->size), cost = 0;
  while (a.count < left && a.count < SPAN_MAX) {
    double more = group_cost(d->workers, d->next + a.count);
    if (a.count >= least && cost + more > share) break;
    cost += more;
    a.count++;
  }
  d->next += a.count;
  d->cost_left -= cost;
  a.last = a.count == 0;
  return a;
}

static void add_tally(gp_tally *sum, const gp_tally *part) {
  sum->done += part->done;
  sum->failed += part->failed;
  sum->done_cost += part->done_cost;
  sum->started_cost += part->started_cost;
  for (int v = 0; v < GP_VERDICTS_MAX; v++) sum->counts[v] += part->counts[v];
}

/* What the others have done so far, into the workers' progress. */
static void take_news(gp_distribution *d, int from, const gp_tally *tally) {
  gp_tally sum = {.done = 0};
  d->tallies[from] = *tally;
  for (int r = 1; r < d->ranks->size; r++) add_tally(&sum, &d->tallies[r]);
  gp_workers_others(d->workers, &sum);
}

static void take_questions(gp_distribution *d) {
  int from;
  size_t length;
  question q;
  while (d->ranks->probe(GP_TAG_ASK, &from, &length)) {
    d->ranks->receive(GP_TAG_ASK, from, &q, sizeof q);
    take_news(d, from, &q.tally);
    d->halting |= q.halt != 0;
    if (q.waiting == 0) continue;
    answer a = next_span(d, q.waiting);
    d->ranks->send(from, GP_TAG_WORK, &a, sizeof a);
  }
}

static void take_reports(gp_distribution *d) {
  int from;
  size_t length;
  report r;
  gp_workers *workers = d->workers;
  while (d->ranks->probe(GP_TAG_REPORT, &from, &length)) {
    d->ranks->receive(GP_TAG_REPORT, from, &r, sizeof r);
    take_news(d, from, &r.tally);
    /* Its seconds were sent in the same breath; there is room, since no run is computed twice. */
    d->ranks->receive(GP_TAG_SECONDS, from, workers->seconds + workers->finished,
                      r.finished * sizeof(double));
    workers->finished += r.finished;
    if (r.out_of_time) atomic_store(&workers->out_of_time, 1);
    gp_workers_failure(workers, r.failed_row, r.failure);
    d->done[from] = true;
    d->reports++;
  }
}

/* Calls everyone home who is still at work. */
static void halt_others(gp_distribution *d) {
  const answer home = {.last = 1, .halt = 1};
  if (d->said) return;
  d->said = true;
  for (int r = 1; r < d->ranks->size; r++)
    if (!d->done[r]) d->ranks->send(r, GP_TAG_WORK, &home, sizeof home);
}

static bool wants_more(const gp_queue_state *state) {
  enum { MANY = 64 }; /* groups that are worth fetching ahead: short ones */
  bool idle = state->waiting > 0 &&
              state->left < (size_t)state->waiting; /* threads that were just woken still count */
  return !state->closed && state->room && (idle || (state->chunk >= MANY && state->left <= state->chunk / 4));
}

/* Rank 0's own threads are served like the others, without a message. */
static void serve_own(gp_distribution *d) {
  gp_queue_state state = gp_queue_look(&d->workers->queue);
  if (!wants_more(&state)) return;
  answer a = next_span(d, state.waiting);
  if (a.last)
    gp_queue_close(&d->workers->queue, a.halt);
  else
    gp_queue_add(&d->workers->queue, a.first, a.count);
}

/* Reports are looked for last: what a rank says before its report is in by then. Their seconds go behind those of our
 * own runs, which must all be there. */
static bool tick_first(gp_distribution *d, bool over) {
  d->halting |= gp_workers_ended(d->workers);
  take_questions(d);
  if (d->halting) {
    halt_others(d);
    gp_queue_close(&d->workers->queue, true);
    gp_workers_leave(d->workers, grace_seconds);
  }
  if (!over) serve_own(d);
  if (over) take_reports(d);
  if (gp_seconds_now() - d->told >= news_seconds) {
    d->told = gp_seconds_now();
    gp_workers_show(d->workers);
  }
  return over && d->reports == d->ranks->size - 1;
}

/* ---- the others ---- */

static void ask(gp_distribution *d, int waiting, bool halt) {
  question q = {.tally = gp_workers_tally(d->workers), .waiting = waiting, .halt = halt};
  d->ranks->send(0, GP_TAG_ASK, &q, sizeof q);
  d->told = gp_seconds_now();
}

static void take_answers(gp_distribution *d) {
  int from;
  size_t length;
  answer a;
  while (d->ranks->probe(GP_TAG_WORK, &from, &length)) {
    d->ranks->receive(GP_TAG_WORK, from, &a, sizeof a);
    d->asked = false;
    d->halting |= a.halt != 0;
    if (a.count > 0) gp_queue_add(&d->workers->queue, a.first, a.count);
    if (a.last) gp_queue_close(&d->workers->queue, a.halt != 0);
  }
}

static void send_report(gp_distribution *d) {
  const gp_workers *workers = d->workers;
  report r = {.tally = gp_workers_tally(d->workers),
              .finished = workers->finished,
              .failed_row = workers->result->failed_row,
              .out_of_time = atomic_load(&workers->out_of_time)};
  memcpy(r.failure, workers->result->failure, sizeof r.failure);
  d->ranks->send(0, GP_TAG_REPORT, &r, sizeof r);
  d->ranks->send(0, GP_TAG_SECONDS, workers->seconds, workers->finished * sizeof(double));
  d->reported = true;
}

static bool tick_other(gp_distribution *d, bool over) {
  take_answers(d);
  if (gp_workers_ended(d->workers) && !d->said) {
    d->said = true;
    ask(d, 0, true);
    d->halting = true;
  }
  if (d->halting) {
    gp_queue_close(&d->workers->queue, true);
    gp_workers_leave(d->workers, grace_seconds);
  }
  gp_queue_state state = gp_queue_look(&d->workers->queue);
  if (!d->asked && wants_more(&state)) {
    d->asked = true;
    ask(d, state.waiting > 0 ? state.waiting : 1, false);
  }
  if (gp_seconds_now() - d->told >= news_seconds) ask(d, 0, false);
  if (over && !d->reported) send_report(d);
  return d->reported;
}

bool gp_distribution_tick(gp_distribution *d, bool over) {
  return d->ranks->rank == 0 ? tick_first(d, over) : tick_other(d, over);
}

/* ---- beginning and end ---- */

gp_status gp_distribution_begin(gp_distribution **out, const gp_ranks *ranks, gp_workers *workers) {
  *out = NULL;
  if (ranks == NULL) return GP_OK;
  gp_distribution *d = calloc(1, sizeof *d);
  if (d == NULL) return gp_fail(GP_ERR_MEMORY, "no memory to distribute runs");
  *d = (gp_distribution){.ranks = ranks, .workers = workers, .told = gp_seconds_now()};
  d->tallies = calloc((size_t)ranks->size, sizeof *d->tallies);
  d->done = calloc((size_t)ranks->size, sizeof *d->done);
  for (size_t g = 0; g < workers->group_count; g++) d->cost_left += group_cost(workers, g);
  *out = d;
  if (d->tallies != NULL && d->done != NULL) return GP_OK;
  gp_distribution_end(d);
  *out = NULL;
  return gp_fail(GP_ERR_MEMORY, "no memory to distribute runs");
}

void gp_distribution_end(gp_distribution *d) {
  if (d == NULL) return;
  free(d->tallies);
  free(d->done);
  free(d);
}

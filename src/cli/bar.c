/* Progress of a sweep; see bar.h. */
#include "bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static const double redraw_seconds = 0.1, line_seconds = 10;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cli_verdicts(gp_text *out, const gp_progress *progress) {
  const char *separator = "";
  for (size_t v = 0; progress->verdicts != NULL && v < GP_VERDICTS_MAX && progress->verdicts[v] != NULL;
       v++) {
    if (progress->counts[v] == 0) continue;
    gp_text_add(out, "%s%s %zu", separator, progress->verdicts[v], progress->counts[v]);
    separator = ", ";
  }
  if (progress->failed > 0) gp_text_add(out, "%sfailed %zu", separator, progress->failed);
}

static bool silent;

void cli_bar_silence(void) {
  silent = true;
}

void cli_bar_begin(cli_bar *bar) {
  bar->redraws = !silent && cli_err_redraws();
  bar->last = bar->redraws ? 0 : now(); /* no plain line in the first seconds: short sweeps stay silent */
}

/* "312/840 runs  12.3/s  0:43 left  healthy 120, stalled 3"; a time that is not known yet is left out. */
static void add_facts(gp_text *out, const gp_progress *p) {
  char left[32];
  gp_text_add(out, "%zu/%zu runs  %.3g/s  ", p->done, p->total, p->rate);
  if (!isnan(p->eta)) gp_text_add(out, "%s left  ", cli_duration(left, p->eta));
  cli_verdicts(out, p);
}

static void redraw(const gp_progress *p) {
  enum { BAR = 20 };
  static const char full[] = "####################", none[] = "....................";
  size_t filled = p->total > 0 ? BAR * p->done / p->total : BAR;
  gp_text line = {0};
  gp_text_add(&line, "[%.*s%.*s] ", (int)filled, full, (int)(BAR - filled), none);
  add_facts(&line, p);
  /* One column stays free: a full line would wrap and the next redraw would not reach its start. */
  size_t width = cli_err_width() - 1;
  if (!line.failed)
    fprintf(stderr, "\r%.*s\033[K", (int)(line.length < width ? line.length : width), line.data);
  fflush(stderr);
  gp_text_free(&line);
}

/* A line of its own, for logs. */
static void plain(const gp_progress *p) {
  gp_text line = {0};
  add_facts(&line, p);
  if (!line.failed) fprintf(stderr, "gradpath: %s\n", line.data);
  gp_text_free(&line);
}

/* Called for every finished run; mostly it only looks at the clock. */
void cli_bar_draw(void *context, const gp_progress *progress) {
  if (silent) return;
  cli_bar *bar = context;
  double t = now();
  if (t - bar->last < (bar->redraws ? redraw_seconds : line_seconds)) return;
  bar->last = t;
  if (bar->redraws)
    redraw(progress);
  else
    plain(progress);
}

void cli_bar_end(cli_bar *bar) {
  if (bar->redraws) fputs("\r\033[K", stderr);
  fflush(stderr);
}

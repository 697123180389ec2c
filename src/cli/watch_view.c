/* The page of `watch`, from the top: what runs, how far it is, which verdicts it gave; then gradients and map. */
#include "watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "verdict.h"

enum { VERDICT_NAME = 14, VERDICTS_MOST = 32 };

static void put_title(screen *page, const watch_state *s) {
  const char *title = gp_table_attribute(s->table, "title"),
             *question = gp_table_attribute(s->table, "question");
  screen_put(page, CLI_BOLD, "%s", title != NULL ? title : s->path);
  screen_put(page, CLI_OFF, "  %s", question != NULL ? question : "");
  screen_end_line(page);
}

static void put_bar(screen *page, const watch_state *s) {
  static const char full[] = "####################", none[] = "....................";
  int filled = s->total > 0 ? (int)(20 * s->done / s->total) : 0;
  if (filled > 20) filled = 20;
  screen_put(page, CLI_OFF, "[");
  screen_put(page, CLI_GREEN, "%.*s", filled, full);
  screen_put(page, CLI_DIM, "%.*s", 20 - filled, none);
  screen_put(page, CLI_OFF, "] ");
}

static const char *state_of(const watch_state *s) {
  if (s->running) return "running";
  return s->total == 0 || s->done >= s->total ? "finished" : "stopped; the same command continues";
}

static void put_progress(screen *page, const watch_state *s) {
  char left[32];
  if (s->total > 0) put_bar(page, s);
  if (s->total > 0)
    screen_put(page, CLI_BOLD, "%zu/%zu runs  %.0f %%", s->done, s->total,
               100.0 * (double)s->done / (double)s->total);
  else
    screen_put(page, CLI_BOLD, "%zu runs", s->done);
  if (s->running && !isnan(s->rate)) screen_put(page, CLI_OFF, "  %.3g/s", s->rate);
  if (s->running && !isnan(s->eta)) screen_put(page, CLI_OFF, "  %s left", cli_duration(left, s->eta));
  screen_put(page, s->running ? CLI_GREEN : CLI_YELLOW, "  %s", state_of(s));
  screen_end_line(page);
}

static void put_verdict(screen *page, const char *word, size_t count, size_t most, bool good) {
  size_t room = page->width > VERDICT_NAME + 10 ? page->width - VERDICT_NAME - 10 : 0;
  size_t bars = most > 0 ? (count * (room < 50 ? room : 50) + most - 1) / most : 0;
  screen_put(page, CLI_OFF, "%-*s%6zu  ", VERDICT_NAME, word, count);
  for (size_t i = 0; i < bars; i++)
    screen_put(page, good ? CLI_GREEN : CLI_YELLOW, "%s", screen_bar(page, SCREEN_LEVELS - 1));
  screen_end_line(page);
}

/* Which verdicts the finished runs have; failed runs have none. */
static void put_verdicts(screen *page, const watch_state *s) {
  size_t counts[VERDICTS_MOST] = {0}, most = s->failed;
  int verdict = gp_table_find(s->table, "verdict");
  char buffer[32];
  for (size_t r = 0; verdict >= 0 && r < gp_table_runs(s->table); r++) {
    const char *word = watch_is_done(s, r) ? gp_table_word(s->table, verdict, r, buffer) : "";
    for (int i = 0; gp_verdict_words[i] != NULL && i < VERDICTS_MOST; i++)
      counts[i] += strcmp(gp_verdict_words[i], word) == 0;
  }
  for (int i = 0; i < VERDICTS_MOST; i++) most = counts[i] > most ? counts[i] : most;
  screen_end_line(page);
  for (int i = 0; gp_verdict_words[i] != NULL && i < VERDICTS_MOST; i++)
    if (counts[i] > 0)
      put_verdict(page, gp_verdict_words[i], counts[i], most, strcmp(gp_verdict_words[i], "healthy") == 0);
  if (s->failed > 0) put_verdict(page, "failed", s->failed, most, false);
}

void watch_view(screen *page, watch_state *s) {
  put_title(page, s);
  put_progress(page, s);
  put_verdicts(page, s);
  watch_gradients(page, s);
  watch_map(page, s);
}

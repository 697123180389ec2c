/* gradpath watch: a sweep from outside, while it runs or after. */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "watch.h"

typedef struct watch_options {
  int64_t interval;
  bool once;
} watch_options;

static const cli_flag flags[] = {
    CLI_NUMBER(watch_options, interval, 'n', "interval", "SECONDS",
               "time between two looks (default: 1 on a terminal, 10 elsewhere)"),
    CLI_SWITCH(watch_options, once, '1', "once", "print one page and end"),
    CLI_FLAGS_END,
};

/* A look at a large sweep takes its time: looking takes a fifth of it at most. */
static double pause_of(const watch_state *s, double interval) {
  return s->read_seconds * 4 > interval ? s->read_seconds * 4 : interval;
}

static gp_status stopped(void) {
  if (screen_signal() == SIGINT) return gp_fail(GP_ERR_INTERRUPTED, "no longer watching; the sweep goes on");
  return gp_fail(GP_ERR_TERMINATED, "no longer watching; the sweep goes on");
}

static void print_page(watch_state *s) {
  screen page;
  size_t width = cli_out_width();
  screen_begin(&page, width == SIZE_MAX ? 80 : width, SIZE_MAX);
  watch_view(&page, s);
  if (!page.text.failed && page.text.data != NULL) fputs(page.text.data, stdout);
  fflush(stdout);
  screen_free(&page);
}

static void draw_page(watch_state *s) {
  screen page;
  size_t width, height;
  screen_size(&width, &height);
  screen_begin(&page, width, height - 1);
  watch_view(&page, s);
  page.line = 0; /* the last line is kept for the keys */
  page.column = 0;
  page.height = 1;
  screen_put(&page, CLI_DIM, "q quits; the sweep goes on");
  screen_show(&page);
  screen_free(&page);
}

/* Redraws at once when the window has changed, and looks again when the time has come. Ends with the key q, a signal, or
 * the sweep. */
static gp_status redraw(watch_state *s, double interval, bool *asked) {
  while (s->running) {
    draw_page(s);
    int key = screen_wait(pause_of(s, interval));
    if (screen_signal() != 0) return GP_OK;
    *asked = key == 'q' || key == 'Q';
    if (*asked) return GP_OK;
    if (key == 0) GP_TRY(watch_look(s));
  }
  return GP_OK;
}

/* The terminal is given back before anything is said. */
static gp_status on_terminal(watch_state *s, double interval) {
  bool asked = false;
  screen_enter();
  gp_status status = redraw(s, interval, &asked);
  screen_leave();
  GP_TRY(status);
  if (screen_signal() != 0) return stopped();
  print_page(s);
  return GP_OK;
}

/* Not on a terminal: a page now and then, with an empty line between. */
static gp_status in_pages(watch_state *s, double interval) {
  screen_catch();
  for (;;) {
    print_page(s);
    if (!s->running) return GP_OK;
    screen_wait(pause_of(s, interval));
    if (screen_signal() != 0) return stopped();
    GP_TRY(watch_look(s));
    putchar('\n');
  }
}

/* The rate needs two looks. */
static gp_status once(watch_state *s) {
  if (s->running) {
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    GP_TRY(watch_look(s));
  }
  print_page(s);
  return GP_OK;
}

static gp_status watch(watch_state *s, const watch_options *o) {
  bool live = screen_is_live() && !o->once;
  double interval = o->interval < 0 ? (live ? 1 : 10) : o->interval < 1 ? 1 : (double)o->interval;
  GP_TRY(watch_look(s));
  if (o->once) return once(s);
  return live ? on_terminal(s, interval) : in_pages(s, interval);
}

static gp_status run(const cli_call *call) {
  watch_state state = {.path = call->operands[0]};
  gp_status status = watch(&state, call->options);
  watch_free(&state);
  return status;
}

extern const cli_command cli_watch;
const cli_command cli_watch = {
    .name = "watch",
    .operands = "FILE",
    .summary = "Watch a sweep while it runs: progress, verdicts, gradients, map",
    .details =
        "Reads the file and its journal, changes nothing, and ends when the sweep does (exit 0), with the "
        "key\n"
        "q (0), with Ctrl-C (130) or SIGTERM (75). On a terminal the page is redrawn; elsewhere (a pipe, a\n"
        "log, TERM=dumb) pages follow each other. The bars are the gradients of the layers from the first to "
        "the\n"
        "last, for the deepest runs; the map is the share of finished runs that trained.\n"
        "\n"
        "Examples:\n"
        "  gradpath run sigmoid-vs-relu & gradpath watch results/sigmoid-vs-relu.h5\n"
        "  gradpath watch results/sigmoid-vs-relu.h5 --once | mail -s sweep me\n"
        "  ssh -t cluster gradpath watch study/results/depth.h5 --interval 5\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};

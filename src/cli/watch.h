/* The parts of `watch`: what is known of a sweep from its file and journals, and how it is shown. */
#ifndef GP_WATCH_H
#define GP_WATCH_H

#include "plan.h"
#include "screen.h"
#include "table.h"

/* The values of an axis, as words; ascending where they are numbers. */
typedef struct watch_axis {
  char name[64];
  char **words;
  double *numbers; /* NaN: a word */
  size_t count, capacity;
  int variable; /* its column */
  bool numeric;
} watch_axis;

enum { WATCH_AXES = 16, WATCH_SAMPLES = 64 };

typedef struct watch_sample {
  double time; /* seconds */
  size_t done;
} watch_sample;

typedef struct watch_state {
  const char *path;
  gp_plan *
      plan; /* of the file's own configuration; NULL: it cannot be read here, and the number of runs is not known */
  bool planned;    /* that was tried */
  gp_table *table; /* as it stands now */
  watch_axis axes[WATCH_AXES];
  size_t axis_count;
  size_t total;            /* runs of the sweep (or of the shard); 0: not known */
  size_t done, failed;     /* finished, failed ones included */
  bool running;            /* a process holds the output */
  double began, rate, eta; /* first look; runs per second, seconds, NaN: not known */
  watch_sample samples[WATCH_SAMPLES];
  size_t sample_count;
  double read_seconds; /* what the last look took */
} watch_state;

/* Looks at file and journals again. */
gp_status watch_look(watch_state *state);
void watch_free(watch_state *state);

/* Whether a run of the table is finished. */
bool watch_is_done(const watch_state *state, size_t run);

/* Index of the run's value on an axis, or -1. */
int watch_value(const watch_state *state, const watch_axis *axis, size_t run);

/* The page: watch_view.c, with its map from watch_map.c and its gradients from watch_gradients.c. */
void watch_view(screen *page, watch_state *state);
void watch_map(screen *page, const watch_state *state);
void watch_gradients(screen *page, watch_state *state);

#endif

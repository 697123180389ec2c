/* Schedules: the learning rate of a step as a factor on the configured one. */
#ifndef GP_SCHEDULE_H
#define GP_SCHEDULE_H

#include "option.h"

/* Settings of every schedule (an item shows those it uses). */
typedef struct gp_schedule_options {
  int64_t every, warmup;
  double factor, rate, final, peak, tail;
} gp_schedule_options;

typedef struct gp_schedule {
  gp_item item;
  double (*factor)(const gp_schedule_options *options, double step, double steps);
} gp_schedule;

extern const gp_family gp_schedule_family;

/* Factor of update number step + 1 (step = 0 .. steps - 1) of a run of `steps`, a pure function of these. */
double gp_schedule_factor(const gp_choice *choice, int64_t step, int64_t steps);

#endif

/* The table of schedules; t is the step from 0, T the number of steps. In double, by our own functions. */
#include "schedule.h"

#include <math.h>

#include "elementary.h"

static double constant_factor(const gp_schedule_options *o, double t, double T) {
  (void)o, (void)t, (void)T;
  return 1;
}
static double step_factor(const gp_schedule_options *o, double t, double T) {
  (void)T;
  return gp_pow(o->factor, floor(t / (double)o->every));
}
static double exponential_factor(const gp_schedule_options *o, double t, double T) {
  (void)T;
  return gp_pow(o->rate, t);
}
/* Without restarts: T_i of the paper is the whole run. */
static double cosine_factor(const gp_schedule_options *o, double t, double T) {
  return o->final + (1 - o->final) * (1 + gp_cos(3.141592653589793 * (t / T))) / 2;
}
/* The first update already moves: it has 1/steps of the rate. */
static double warmup_factor(const gp_schedule_options *o, double t, double T) {
  (void)T;
  return t + 1 < (double)o->warmup ? (t + 1) / (double)o->warmup : 1;
}
/* Up from 1 to the peak and down again in equal time, then from 1 towards 0 in the tail. */
static double one_cycle_factor(const gp_schedule_options *o, double t, double T) {
  double share = t / T, half = (1 - o->tail) / 2;
  if (share >= 1 - o->tail) return (1 - share) / o->tail;
  double height = share < half ? share / half : 2 - share / half;
  return 1 + (o->peak - 1) * height;
}
static double reciprocal_factor(const gp_schedule_options *o, double t, double T) {
  (void)T;
  return 1 / (1 + o->rate * t);
}

#define COUNT(field, label, preset, help)                                                                    \
  GP_INT(gp_schedule_options, field, label, preset, 1, 1e9, help, .flags = GP_NUMERIC)
#define NUMBER(field, preset, most, help, ...)                                                               \
  GP_REAL(gp_schedule_options, field, #field, preset, 0, most, help, .flags = GP_NUMERIC __VA_ARGS__)

static const gp_option step_options[] = {COUNT(every, "every", 100, "steps between two changes"),
                                         NUMBER(factor, 0.5, 1e6, "factor of each change", | GP_OPEN_MIN),
                                         GP_OPTIONS_END};
static const gp_option exponential_options[] = {NUMBER(rate, 0.999, 1e6, "factor of one step", | GP_OPEN_MIN),
                                                GP_OPTIONS_END};
static const gp_option cosine_options[] = {NUMBER(final, 0, 1, "factor that is reached at the end"),
                                           GP_OPTIONS_END};
static const gp_option warmup_options[] = {
    COUNT(warmup, "steps", 100, "steps until the full rate is reached"), GP_OPTIONS_END};
static const gp_option one_cycle_options[] = {
    NUMBER(peak, 10, 1e6, "factor at the top", | GP_OPEN_MIN),
    NUMBER(tail, 0.1, 1, "share of the run in which it falls to 0 at the end", | GP_OPEN_MIN | GP_OPEN_MAX),
    GP_OPTIONS_END};
static const gp_option reciprocal_options[] = {NUMBER(rate, 0.01, 1e6, "r in 1/(1 + r t)"), GP_OPTIONS_END};

static const gp_schedule constant = {{"constant", "the same rate at every step", "", NULL}, constant_factor};
static const gp_schedule step = {{"step", "times a factor every so many steps", "", step_options},
                                 step_factor};
static const gp_schedule exponential = {{"exponential", "times a factor every step", "", exponential_options},
                                        exponential_factor};
static const gp_schedule cosine = {
    {"cosine", "half a cosine down to a final factor", "Loshchilov and Hutter 2017, eq. 5", cosine_options},
    cosine_factor};
static const gp_schedule warmup = {
    {"warmup", "linear from 1/steps, then constant", "Goyal et al. 2017, section 2.2", warmup_options},
    warmup_factor};
static const gp_schedule one_cycle = {
    {"one_cycle", "linear to a peak, back, and towards 0", "Smith 2018, section 4", one_cycle_options},
    one_cycle_factor};
static const gp_schedule reciprocal = {
    {"reciprocal", "1/(1 + rate t)", "Robbins and Monro 1951", reciprocal_options}, reciprocal_factor};

static const gp_item *const items[] = {&constant.item, &step.item,      &exponential.item, &cosine.item,
                                       &warmup.item,   &one_cycle.item, &reciprocal.item,  NULL};

const gp_family gp_schedule_family = {"schedule", "how the learning rate changes over a run", items};

double gp_schedule_factor(const gp_choice *choice, int64_t at, int64_t steps) {
  const gp_schedule *schedule = (const gp_schedule *)(const void *)choice->item;
  return schedule->factor((const gp_schedule_options *)(const void *)choice->options, (double)at,
                          (double)steps);
}

/* Refined maps without training: verdicts are functions of the place. What the rule promises must hold for any of them. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_case.h"
#include "plan_state.h"

#define HEAD                                                                                                 \
  "study: s\ndata: {name: spirals, samples: 64, test: 0}\n"                                                  \
  "model: {activation: [relu, tanh], depth: 2, width: 4}\n"

typedef int (*place)(double x, double y, int map); /* the verdict at a place; x and y run from 0 to 1 */

static int disc(double x, double y, int map) {
  return hypot(x - 0.45, y - 0.52) < 0.3 + 0.1 * map;
}

/* Three kinds, thin fingers, and another picture for each activation. */
static int fingers(double x, double y, int map) {
  return (y > 0.5 + 0.3 * sin(9 * x + map)) + (x + 0.2 * sin(23 * y) > 0.7);
}

static int dust(double x, double y, int map) {
  unsigned h = (unsigned)(x * 4096) * 2654435761U ^ (unsigned)(y * 4096) * 40503U ^ (unsigned)map;
  h = (h ^ h >> 15) * 2246822519U;
  return (h >> 13) % 50 == 0;
}

static int even(double x, double y, int map) {
  (void)x, (void)y, (void)map;
  return 3;
}

static int checks(double x, double y, int map) {
  (void)map;
  return (lround(x * 32) + lround(y * 32)) & 1;
}

static int unlike(double x, double y, int map) {
  return (int)lround(x * 1024) * 2000 + (int)lround(y * 1024) + map;
}

static const place places[] = {disc, fingers, dust, even, checks};
enum { PLACES = sizeof places / sizeof places[0] };

static gp_plan *map_of(int points, int until) {
  char text[1024];
  snprintf(text, sizeof text,
           HEAD "train: {learning_rate: {from: 1e-3, to: 10, points: %d, scale: log}, steps: 3}\n"
                "seed: 0..2\nsweep: {refine: {x: learning_rate, y: optimizer_momentum, until: %d}}\n",
           points, until);
  const char *const overrides[] = {"train.optimizer={name: sgd, momentum: {from: 0, to: 0.9, points: 5}}",
                                   NULL};
  return plan_of(text, overrides);
}

static size_t along(const gp_refine_side *side, uint64_t site) {
  return (size_t)(site / side->stride % side->length);
}

static int verdict_at(const gp_refine *r, uint64_t site, place f) {
  uint64_t rest = site - along(&r->x, site) * r->x.stride - along(&r->y, site) * r->y.stride;
  return f((double)along(&r->x, site) / (double)(r->x.length - 1),
           (double)along(&r->y, site) / (double)(r->y.length - 1), rest > 0);
}

/* One round: takes every site that is offered, or about one in `few` of them (and then at least the first). */
static size_t round_of(gp_refine *r, place f, unsigned few, unsigned *chance) {
  int *verdicts = malloc(r->count * sizeof *verdicts);
  uint64_t *sites;
  size_t count, taken = 0;
  for (size_t i = 0; i < r->count; i++) verdicts[i] = verdict_at(r, r->sites[i], f);
  cr_assert_eq(gp_refine_next(&sites, &count, r, verdicts), GP_OK);
  for (size_t i = 0; i < count; i++) {
    cr_assert(i == 0 || sites[i - 1] < sites[i]);
    *chance = *chance * 1664525U + 1013904223U;
    if (few == 1 || i == 0 || (*chance >> 16) % few == 0) sites[taken++] = sites[i];
  }
  if (taken > 0) cr_assert_eq(gp_refine_add(r, sites, taken), GP_OK);
  free(verdicts);
  free(sites);
  return taken;
}

/* The complete map, and how many rounds it took. */
static gp_plan *complete(int points, int until, place f, unsigned few, unsigned chance, size_t *rounds) {
  gp_plan *plan = map_of(points, until);
  for (*rounds = 0; round_of(&plan->grid.refine, f, few, &chance) > 0; ++*rounds) {
  }
  return plan;
}

static bool same_sites(const gp_refine *a, const gp_refine *b) {
  return a->count == b->count && memcmp(a->sites, b->sites, a->count * sizeof *a->sites) == 0;
}

static bool has(const gp_refine *r, uint64_t site) {
  size_t low = 0, high = r->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (r->sites[middle] < site)
      low = middle + 1;
    else
      high = middle;
  }
  return low < r->count && r->sites[low] == site;
}

/* The order in which sites are computed has no part in the result: however the offers are taken up, the same map comes out. */
Test(refine, any_order_gives_the_same_map, .timeout = 120) {
  for (size_t p = 0; p < PLACES; p++) {
    size_t rounds, some;
    gp_plan *plan = complete(5, 64, places[p], 1, 1, &rounds);
    for (unsigned few = 2; few < 40; few = few * 3 + 1) {
      gp_plan *other = complete(5, 64, places[p], few, few, &some);
      cr_expect(same_sites(&plan->grid.refine, &other->grid.refine), "place %zu, one in %u: %zu and %zu", p,
                few, plan->grid.refine.count, other->grid.refine.count);
      cr_expect(some > rounds || rounds == 0);
      gp_plan_free(other);
    }
    gp_plan_free(plan);
  }
}

/* A finer map has all points of a coarser one, at twice their numbers. */
Test(refine, until_only_adds, .timeout = 120) {
  for (size_t p = 0; p < PLACES; p++) {
    if (places[p] == dust) continue; /* another place at every resolution */
    size_t rounds;
    gp_plan *coarse = complete(5, 32, places[p], 1, 1, &rounds),
            *fine = complete(5, 64, places[p], 1, 1, &rounds);
    const gp_refine *a = &coarse->grid.refine, *b = &fine->grid.refine;
    for (size_t i = 0; i < a->count; i++) {
      size_t x = along(&a->x, a->sites[i]), y = along(&a->y, a->sites[i]);
      uint64_t map =
          (a->sites[i] - x * a->x.stride - y * a->y.stride) > 0 ? (uint64_t)b->x.length * b->y.length : 0;
      cr_assert(has(b, map + 2 * x * b->x.stride + 2 * y * b->y.stride), "place %zu: (%zu, %zu)", p, x, y);
    }
    bool grows = places[p] == disc || places[p] == fingers;
    cr_expect(grows ? a->count < b->count : a->count == b->count);
    gp_plan_free(coarse);
    gp_plan_free(fine);
  }
}

/* Where verdicts agree everywhere nothing is added, where no two neighbours agree everything is. */
Test(refine, ends) {
  size_t rounds;
  gp_plan *plan = complete(5, 32, even, 1, 1, &rounds);
  cr_expect_eq(rounds, 0);
  cr_expect_eq(plan->grid.refine.count, 2 * 5 * 5);
  gp_plan_free(plan);
  plan = complete(9, 32, checks, 1, 1, &rounds); /* 33 points a side; the written ones are all alike */
  cr_expect_eq(plan->grid.refine.count, 2 * 9 * 5);
  gp_plan_free(plan);
  plan = complete(5, 32, unlike, 1, 1, &rounds);
  cr_expect_eq(plan->grid.refine.count, 2 * 33 * 33);
  cr_expect_eq(rounds, 3);
  gp_plan_free(plan);
  plan = complete(5, 32, fingers, 1, 1, &rounds);
  const gp_refine *r = &plan->grid.refine;
  cr_expect(r->x.length == 33 && r->y.length == 33 && r->seeds == 3);
  cr_expect(rounds >= 3 && rounds < 12, "%zu rounds", rounds);
  gp_plan_free(plan);
}

/* The rule itself, judged point by point: between two neighbours of different verdict (neighbours: nothing chosen between
 * them on a line of the map, both chosen) there is no step left to halve, on either axis. And it is cheap: points go with
 * the length of the boundary, not with the area. */
Test(refine, boundary_is_followed_to_the_end, .timeout = 120) {
  size_t rounds, before = 0;
  for (int until = 32; until <= 256; until *= 2) {
    gp_plan *plan = complete(17, until, disc, 1, 1, &rounds);
    const gp_refine *r = &plan->grid.refine;
    for (int side = 0; side < 2; side++) {
      const gp_refine_side *along_side = side == 0 ? &r->x : &r->y;
      for (size_t i = 0; i < r->count; i++) {
        uint64_t next = r->sites[i];
        size_t at = along(along_side, next), gap = 0;
        do next += along_side->stride, gap++;
        while (at + gap < along_side->length && !has(r, next));
        if (at + gap == along_side->length || gap == 1) continue;
        cr_assert_eq(verdict_at(r, r->sites[i], disc), verdict_at(r, next, disc), "until %d: gap of %zu",
                     until, gap);
      }
    }
    if (before > 0) cr_expect_lt(r->count, 2.6 * (double)before, "%zu after %zu", r->count, before);
    before = r->count;
    gp_plan_free(plan);
  }
  cr_expect_lt(before, 2 * 257 * 257 / 8, "%zu points", before);
}

/* The written values are among the fine ones, bit for bit, and so are those of a full grid with as many points. */
Test(refine, values_are_those_of_a_full_grid) {
  gp_plan *plan = map_of(5, 64);
  gp_plan *coarse =
      plan_of(HEAD "train: {learning_rate: {from: 1e-3, to: 10, points: 5, scale: log}}\n", NULL);
  gp_plan *full =
      plan_of(HEAD "train: {learning_rate: {from: 1e-3, to: 10, points: 65, scale: log}}\n", NULL);
  const gp_axis *rates[3];
  gp_plan *const plans[] = {plan, coarse, full};
  for (size_t i = 0; i < 3; i++)
    for (size_t a = 0; a < plans[i]->config.axis_count; a++)
      if (strcmp(plans[i]->config.axes[a].parameter->key, "learning_rate") == 0)
        rates[i] = &plans[i]->config.axes[a];
  cr_assert(rates[0]->length == 65 && rates[1]->length == 5 && rates[2]->length == 65);
  for (size_t i = 0; i < 65; i++) {
    cr_expect(rates[0]->settings[i].value.real == rates[2]->settings[i].value.real);
    if (i % 16 == 0) cr_expect(rates[0]->settings[i].value.real == rates[1]->settings[i / 16].value.real);
  }
  cr_expect_eq(gp_plan_runs(plan), 2 * 5 * 5 * 3);
  cr_expect_eq((size_t)gp_plan_full(plan), 2 * 65 * 65 * 3);
  gp_plan_free(plan), gp_plan_free(coarse), gp_plan_free(full);
}

/* Whole numbers come to an end: depth 2 to 10 has nine values, however fine the other axis becomes. */
Test(refine, whole_numbers_end) {
  gp_plan *plan = plan_of(HEAD "train: {learning_rate: {from: 1e-3, to: 10, points: 3, scale: log}}\n"
                               "sweep: {refine: {x: model.depth, y: learning_rate, until: 64}}\n",
                          (const char *const[]){"model.depth={from: 2, to: 10, points: 3}", NULL});
  gp_refine *r = &plan->grid.refine;
  unsigned chance = 1;
  cr_expect(r->x.length == 9 && r->x.step == 4 && r->y.length == 65 && r->y.step == 32);
  while (round_of(r, fingers, 1, &chance) > 0) {
  }
  size_t columns[9] = {0};
  for (size_t i = 0; i < r->count; i++) columns[along(&r->x, r->sites[i])]++;
  for (size_t i = 0; i < 9; i++) cr_expect_gt(columns[i], 0, "depth %zu", i + 2);
  gp_plan_free(plan);
}

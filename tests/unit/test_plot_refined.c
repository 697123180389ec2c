/* Where the points of a refined map are drawn, and how large: placed by value or by its logarithm, cells without gaps. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "plot_refined.h"

enum { X = 17, Y = 9 };

/* An axis of the given places of a range. */
static gp_axis axis_of(const char *name, const size_t *places, size_t count, size_t points, bool log_axis,
                       double low, double high) {
  gp_axis axis = {.name = name, .numeric = true, .count = count, .levels = calloc(count, sizeof(gp_level))};
  for (size_t i = 0; i < count; i++) {
    double share = (double)places[i] / (double)(points - 1);
    axis.levels[i].number = log_axis ? low * pow(high / low, share) : low + (high - low) * share;
  }
  return axis;
}

static gp_refined map_of(void) {
  return (gp_refined){.on = true,
                      .levels = 4,
                      .side = {{"rate", X, 8, NULL, false, 0, 0}, {"depth", Y, 2, NULL, false, 0, 0}}};
}

/* Levels that are there at all are few; each finds its place on the finest grid. Either axis may be x. */
Test(plot_refined, places) {
  static const size_t some_x[] = {0, 4, 5, 6, 8, 16}, some_y[] = {0, 2, 3, 4, 6, 8};
  for (int turned = 0; turned < 2; turned++)
    for (int log_axis = 0; log_axis < 2; log_axis++) {
      gp_axis x = axis_of("rate", some_x, 6, X, log_axis, 1e-3, 1e2),
              y = axis_of("depth", some_y, 6, Y, false, 2, 18);
      gp_refined r = map_of();
      cr_assert_eq(gp_refined_place(&r, turned ? &y : &x, turned ? &x : &y), GP_OK);
      cr_assert(r.on);
      const gp_refined_side *a = gp_refined_side_of(&r, &x), *b = gp_refined_side_of(&r, &y);
      cr_assert(a->log == log_axis && !b->log);
      for (size_t i = 0; i < 6; i++)
        cr_expect(a->place[i] == (double)some_x[i] && b->place[i] == (double)some_y[i], "level %zu: %g, %g",
                  i, a->place[i], b->place[i]);
      gp_refined_free(&r);
      free(x.levels), free(y.levels);
    }
}

/* Other axes than the refined ones make an ordinary map. */
Test(plot_refined, other_axes) {
  static const size_t some[] = {0, 8};
  gp_axis x = axis_of("rate", some, 2, X, false, 1, 2), y = axis_of("width", some, 2, Y, false, 1, 2);
  gp_refined r = map_of();
  cr_assert_eq(gp_refined_place(&r, &x, &y), GP_OK);
  cr_expect_not(r.on);
  cr_expect_null(gp_refined_side_of(&r, &x));
  gp_refined_free(&r);
  free(x.levels), free(y.levels);
}

/* Points of the first round alone cover the map, and so does a map of all points; each in the cell of its round. */
Test(plot_refined, cells) {
  gp_refined r = map_of();
  const gp_refined_side *x = &r.side[0], *y = &r.side[1];
  static const struct {
    double x, y;
    size_t level, width, height;
  } cases[] = {{0, 0, 0, 8, 2}, {8, 6, 0, 8, 2}, {4, 2, 1, 4, 1}, {8, 3, 1, 4, 1},
               {4, 3, 1, 4, 1}, {6, 4, 2, 2, 1}, {7, 4, 3, 1, 1}, {16, 8, 0, 8, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gp_refined_cell c = gp_refined_cell_of(&r, x, cases[i].x, y, cases[i].y);
    cr_expect(c.level == cases[i].level && c.width == cases[i].width && c.height == cases[i].height,
              "(%g, %g): level %zu, %zu x %zu", cases[i].x, cases[i].y, c.level, c.width, c.height);
  }
  for (size_t level = 0; level < r.levels; level++) {
    size_t area = 0, wide = 8U >> level, high = level > 0 ? 1 : 2;
    for (size_t i = 0; i < X; i += wide)
      for (size_t j = 0; j < Y; j += high) area += wide * high;
    cr_expect_geq(area, X * Y);
  }
}

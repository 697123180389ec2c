/* Regression of a Chebyshev polynomial, y = T_degree(x): training points equally spaced in [-1, 1], ends included;
 * test points at the middles of equal parts. Nothing is random, so data.seed changes nothing. */
#include "data_list.h"
#include "generate.h"

typedef struct chebyshev_options {
  int64_t train, test, degree;
} chebyshev_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(chebyshev_options, 20, 2),
    GP_ROW_TEST(chebyshev_options, 0),
    GP_INT(chebyshev_options, degree, "degree", 4, 1, 1000, "degree of the polynomial"),
    GP_OPTIONS_END,
};

/* T_0 = 1, T_1 = x, T_n = 2 x T_(n-1) - T_(n-2). */
static double chebyshev(int64_t degree, double x) {
  double before = 1, value = x;
  for (int64_t n = 2; n <= degree; n++) {
    double next = 2 * x * value - before;
    before = value;
    value = next;
  }
  return value;
}

static gp_status make_chebyshev(gp_dataset *out, const void *settings, uint64_t seed,
                                const gp_data_common *common) {
  const chebyshev_options *o = settings;
  (void)seed, (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, 1, 1, 0));
  for (int64_t i = 0; i < o->train; i++)
    out->x[i] = (double)(2 * i - (o->train - 1)) / (double)(o->train - 1);
  for (int64_t i = 0; i < o->test; i++)
    out->x[o->train + i] = (double)(2 * i + 1 - o->test) / (double)o->test;
  for (int64_t i = 0; i < o->train + o->test; i++) out->y[i] = chebyshev(o->degree, out->x[i]);
  return GP_OK;
}

const gp_data_item gp_data_chebyshev = {
    .item = {.name = "chebyshev",
             .summary = "a Chebyshev polynomial on equally spaced points of [-1, 1] (regression)",
             .source = "Cohen et al. 2021, appendix",
             .options = options},
    .make = make_chebyshev,
};

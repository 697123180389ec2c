/* Every study's quick version through the program: it runs, draws what it lists, and its claims hold. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"
#include "cli_study.h"

TestSuite(cli_studies, .init = cli_case_begin, .fini = cli_case_end, .timeout = 1500);

static const cli_study studies[] = {{"first-principles", "activations"},
                                    {"sigmoid-vs-relu", "gradient-by-layer"},
                                    {"learning-rate", "verdict-map"},
                                    {"initialisation", "variance-by-layer"},
                                    {"cures", "cure-matrix"},
                                    {"order-to-chaos", "trainability-map"},
                                    {"dying-relu", "dead-at-birth"},
                                    {"seed-lottery", "seed-spread"},
                                    {"edge-of-stability", "loss-curves"},
                                    {"batch-norm", "factor-by-batch"},
                                    {"exploding-and-clipping", "gradient-by-layer"},
                                    {"isometry", "jacobian-spread"},
                                    {"underflow", "where-formats-end"},
                                    {"deep-linear", "loss-curves"},
                                    {"trainability-fractal", "trainability-fractal"},
                                    {"homogeneity", "homogeneity-by-layer"}};

Test(cli_studies, quick_versions_hold) {
  for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) cli_study_holds(&studies[i]);
}

/* Nobody brought the digits: the study says what it needs, and writes nothing. */
Test(cli_studies, one_needs_files) {
  cli_result r = cli_sh("$G study speed-of-learning --quick");
  cr_assert_eq(r.exit, 2, "%s%s", r.out, r.err);
  cr_assert(strstr(r.err, "speed-of-learning needs") != NULL, "%s", r.err);
  cr_assert(!cli_has_file("results/speed-of-learning-quick.h5"));
}

/* A study that is listed and not tested here is a study that nobody runs. */
Test(cli_studies, all_are_here) {
  cli_result r = cli_sh("$G study | tail -n +2 | wc -l");
  cr_assert_eq(strtol(r.out, NULL, 10), (long)(sizeof studies / sizeof *studies) + 1, "%s", r.out);
}

/* Every study's quick version through the program: it runs, draws what it lists, and its claims hold. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_studies, .init = cli_case_begin, .fini = cli_case_end, .timeout = 300);

/* A study and a chart it must draw. sigmoid-vs-relu has tests of its own. */
static const struct {
  const char *name, *chart;
} studies[] = {{"first-principles", "decision-boundaries"},
               {"learning-rate", "verdict-map"},
               {"initialisation", "gradient-by-layer"},
               {"dying-relu", "dead-at-birth"},
               {"seed-lottery", "seed-spread"},
               {"deep-linear", "loss-curves"},
               {"homogeneity", "homogeneity-by-layer"}};

Test(cli_studies, quick_versions_hold) {
  for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
    const char *name = studies[i].name;
    char picture[128];
    cli_result r = cli_sh("$G study %s --quick -j2", name);
    cr_expect_eq(r.exit, 0, "%s: exit %d: %s%s", name, r.exit, r.out, r.err);
    cr_expect(strstr(r.out, "claims held") != NULL && strstr(r.out, "FAILS") == NULL, "%s", r.out);
    snprintf(picture, sizeof picture, "results/%s-quick/%s.svg", name, studies[i].chart);
    cr_expect(cli_has_file(picture), "no %s:\n%s%s", picture, r.out, r.err);
  }
}

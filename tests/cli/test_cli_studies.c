/* Every study's quick version through the program: it runs, draws what it lists, and its claims hold. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_studies, .init = cli_case_begin, .fini = cli_case_end, .timeout = 300);

/* sigmoid-vs-relu has tests of its own. */
static const char *const studies[] = {"learning-rate", "initialisation", "dying-relu", "seed-lottery",
                                      "homogeneity"};

Test(cli_studies, quick_versions_hold) {
  for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
    cli_result r = cli_sh("$G study %s --quick -j2", studies[i]);
    cr_expect_eq(r.exit, 0, "%s: exit %d: %s%s", studies[i], r.exit, r.out, r.err);
    cr_expect(strstr(r.out, "claims held") != NULL && strstr(r.out, "FAILS") == NULL, "%s", r.out);
    cr_expect(strstr(r.out, "Charts") != NULL, "%s drew nothing:\n%s%s", studies[i], r.out, r.err);
  }
}

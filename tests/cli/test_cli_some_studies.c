/* The studies of a few seconds, in the quick test set; all of them are in test_cli_studies. */
#include <criterion/criterion.h>

#include "cli_case.h"
#include "cli_study.h"

TestSuite(cli_some_studies, .init = cli_case_begin, .fini = cli_case_end, .timeout = 300);

Test(cli_some_studies, quick_versions_hold) {
  static const cli_study studies[] = {{"first-principles", "decision-boundaries"},
                                      {"edge-of-stability", "sharpness-over-edge"},
                                      {"deep-linear", "plateaus"}};
  for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) cli_study_holds(&studies[i]);
}

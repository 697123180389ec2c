/* A study's quick version through the program; see cli_study.h. */
#include "cli_study.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

void cli_study_holds(const cli_study *study) {
  char picture[128];
  cli_result r = cli_sh("$G study %s --quick -j2", study->name);
  cr_expect_eq(r.exit, 0, "%s: exit %d: %s%s", study->name, r.exit, r.out, r.err);
  cr_expect(strstr(r.out, "claims held") != NULL && strstr(r.out, "FAILS") == NULL, "%s", r.out);
  snprintf(picture, sizeof picture, "results/%s-quick/%s.svg", study->name, study->chart);
  cr_expect(cli_has_file(picture), "no %s:\n%s%s", picture, r.out, r.err);
}

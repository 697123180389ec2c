/* Error of every float function on all floats, one process per function. Prints what it finds. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "elementary_bounds.h"
#include "elementary_measure.h"

static void check(int f) {
  const elementary_tier *f32[3], *f64[3];
  const int last = elementary_tiers(32, f32) - 1;
  elementary_tiers(64, f64);
  /* Large arguments are slow, and sin and cos symmetric: test_elementary_f32 looks at the negative ones too. */
  const uint64_t limit = f == F_sin || f == F_cos ? (uint64_t)1 << 31 : (uint64_t)1 << 32;
  const measured worst = measure(f32[last], f64[last], f, 0, limit, 1);
  printf("%-9s %.4f ulp at %a\n", f32[last]->label[f], worst.ulp, (double)worst.at);
  cr_expect_leq(worst.ulp, elementary_bounds[f].f32, "%s: %.4f ulp at %a", f32[last]->label[f], worst.ulp,
                (double)worst.at);
}

#define ALL(name)                                                                                            \
  Test(all_floats, name) {                                                                                   \
    check(F_##name);                                                                                         \
  }
ELEMENTARY_LIST(ALL)

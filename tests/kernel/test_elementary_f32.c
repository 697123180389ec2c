/* Error of every float function in ulp against the double function of the same name, which test_elementary_f64
 * checks against another implementation; its own error is 2^-28 float ulps. */
#include <criterion/criterion.h>

#include "elementary_bounds.h"
#include "elementary_measure.h"

Test(elementary, float_error_within_bound_on_every_509th_float) {
  const elementary_tier *f32[3], *f64[3];
  const int last = elementary_tiers(32, f32) - 1; /* all tiers have the same bits */
  elementary_tiers(64, f64);
  for (int f = 0; f < F_COUNT; f++) {
    const measured worst = measure(f32[last], f64[last], f, 7, (uint64_t)1 << 32, 509);
    cr_log_info("%s: %.4f ulp at %a", f32[last]->label[f], worst.ulp, (double)worst.at);
    cr_expect_leq(worst.ulp, elementary_bounds[f].f32, "%s: %.4f ulp at %a", f32[last]->label[f], worst.ulp,
                  (double)worst.at);
    cr_expect_gt(worst.ulp, 0.4, "%s: a measure this small measures nothing", f32[last]->label[f]);
  }
}

/* softsign: z/(1 + |z|); its tails are polynomial, so it saturates later than tanh. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(softsign)
#endif
#ifdef GP_ACT_BODY
enum { act_softsign_params = 0 };
/* The value is 1 to the last bit from 2^54 on; the limit keeps infinity over infinity away. */
static inline void act_softsign(V z, const V *p, V *h, V *d) {
  (void)p;
  const V one = v_set1(1);
  V x = v_clamp(z, (real)-0x1p60, (real)0x1p60), share = one / (one + v_abs(z));
  *h = x / (one + v_abs(x));
  *d = share * share;
}
#endif
#ifdef GP_ACT_ITEM
static double second_softsign(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return (z > 0 ? -2 : z < 0 ? 2 : 0) * d * sqrt(d);
}
static const double kinks_softsign[] = {0, NAN}; /* of the slope: phi'' jumps from 2 to -2 */
static const gp_activation activation_softsign = {
    .item = {"softsign", "z/(1 + |z|); slope 1/(1 + |z|)^2", "Bergstra et al. 2009", NULL},
    .formula = "z/(1 + |z|)",
    .derivative = "1/(1 + |z|)^2",
    .slot = GP_ACT_softsign,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 1,
    .second = second_softsign,
    .kinks = kinks_softsign};
#endif

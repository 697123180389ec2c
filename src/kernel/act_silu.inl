/* silu (swish): z sigmoid(z), slope s (1 + z (1 - s)) with s = sigmoid(z). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(silu)
#endif
#ifdef GP_ACT_BODY
enum { act_silu_params = 0 };
/* From |z| = E_GATE_ZERO on the gate is 0 or 1; the limit keeps infinity times 0 away. */
static inline void act_silu(V z, const V *p, V *h, V *d) {
  (void)p;
  V x = v_clamp(z, -E_GATE_ZERO, E_GATE_ZERO);
  e_gate gate = e_gate_make(x, v_zero());
  *h = e_gate_times(&gate, v_clamp(z, -E_GATE_ZERO, (real)INFINITY));
  *d = e_gate_times(&gate, v_fma(x, gate.other, v_set1(1)));
}
#endif
#ifdef GP_ACT_ITEM
/* s (1 - s) (2 + z (1 - 2s)), s = sigmoid(z). */
static double second_silu(double z, double h, double d, const double *p) {
  (void)h, (void)d, (void)p;
  const double x = gp_act_within(z, 1024);
  return gp_sigmoid(x) * gp_sigmoid(-x) * (2 - x * gp_tanh(x / 2));
}
static const gp_activation activation_silu = {.item = {"silu", "z sigmoid(z), also called swish",
                                                       "Elfwing et al. 2018; Ramachandran et al. 2017", NULL},
                                              .formula = "z s(z), s sigmoid",
    .derivative = "s(z) (1 + z (1 - s(z)))",
    .slot = GP_ACT_silu,
                                              .class_ = GP_ACT_RECTIFIER,
                                              .slope_max = 1.099839320128867, /* at 2.3994 */
                                              .smoothness = 2,
                                              .second = second_silu};
#endif

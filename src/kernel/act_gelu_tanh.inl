/* gelu_tanh: the approximation z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) = z sigmoid(u), with
 * u = k1 z + k3 z^3, k1 = sqrt(8/pi), k3 = 0.044715 k1. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(gelu_tanh)
#endif
#ifdef GP_ACT_BODY
enum { act_gelu_tanh_params = 0 };
#if GP_BITS == 32
#define GELU_K1     0x1.988454p+0F
#define GELU_K1_LOW (-0x1.857936p-25F)
#define GELU_K3     0x1.2444f2p-4F
#define GELU_K3_LOW 0x1.49b16ap-29F
#else
#define GELU_K1     0x1.9884533d43651p+0
#define GELU_K1_LOW (-0x1.cbc0d30ebfd15p-54)
#define GELU_K3     0x1.2444f2a4d8b4bp-4
#define GELU_K3_LOW (-0x1.6c843a29d1c7p-61)
#endif
/* In the tail the gate is e^u, so u is carried in two parts: u + rest. k1 + k3 s needs Knuth's two-sum, because either
 * term can be the larger one. From |z| = 32 on the gate is 0 or 1 in every precision. */
static inline V gelu_tanh_exponent(V x, V *rest) {
  const V k1 = v_set1(GELU_K1), k3 = v_set1(GELU_K3);
  V s = x * x, s_low = v_fma(x, x, v_neg(s));
  V cubic = k3 * s, cubic_low = v_fma(k3, s, v_neg(cubic));
  V w = k1 + cubic, back = w - k1, lost = (k1 - (w - back)) + (cubic - back);
  V w_low = lost + cubic_low + v_fma(v_set1(GELU_K3_LOW), s, v_set1(GELU_K1_LOW)) + k3 * s_low;
  V u = x * w;
  *rest = v_fma(x, w_low, v_fma(x, w, v_neg(u)));
  return u;
}

static inline void act_gelu_tanh(V z, const V *p, V *h, V *d) {
  (void)p;
  V x = v_clamp(z, -32, 32), rest, u = gelu_tanh_exponent(x, &rest);
  e_gate gate = e_gate_make(u, rest);
  V steepness = x * v_fma(v_set1(3 * GELU_K3), x * x, v_set1(GELU_K1));
  *h = e_gate_times(&gate, v_clamp(z, -32, (real)INFINITY));
  *d = e_gate_times(&gate, v_fma(steepness, gate.other, v_set1(1)));
}
#endif
#ifdef GP_ACT_ITEM
/* With s = sigmoid(u): (z s)'' = s (1 - s) (2u' + z u'' + z u'^2 (1 - 2s)). */
static double second_gelu_tanh(double z, double h, double d, const double *p) {
  (void)h, (void)d, (void)p;
  const double k1 = 1.5957691216057308, k3 = 0.044715 * k1, x = gp_act_within(z, 32);
  double u = x * (k1 + k3 * x * x), steep = k1 + 3 * k3 * x * x, bend = 6 * k3 * x;
  return gp_sigmoid(u) * gp_sigmoid(-u) * (2 * steep + x * (bend - steep * steep * gp_tanh(u / 2)));
}
static const gp_activation activation_gelu_tanh = {
    .item = {"gelu_tanh", "gelu with tanh(sqrt(2/pi) (z + 0.044715 z^3)) for the error function",
             "Hendrycks and Gimpel 2016", NULL},
    .formula = "z s(u), u = 1.59577 (z + 0.044715 z^3), s sigmoid",
    .derivative = "s(u) + z s(u) (1 - s(u)) du/dz",
    .slot = GP_ACT_gelu_tanh,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1.1289930686587717, /* at 1.4185 */
    .smoothness = 2,
    .second = second_gelu_tanh};
#endif

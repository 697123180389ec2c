/* Losses in double, one example (and lane) per column; the columns are independent, so both plans look the
 * same. Sums over outputs follow the house order: 8 interleaved partial sums by output number, fixed tree. */

/* Eight partial sums for W columns at a time. */
typedef struct partial {
  V p[8];
} partial;

static inline partial partial_zero(void) {
  partial s;
  for (int j = 0; j < 8; j++) s.p[j] = v_zero();
  return s;
}

static inline V partial_tree(const partial *s) {
  return ((s->p[0] + s->p[1]) + (s->p[2] + s->p[3])) + ((s->p[4] + s->p[5]) + (s->p[6] + s->p[7]));
}

/* Softmax and log-likelihood from logits, shifted by the largest logit (NaN anywhere makes the column NaN).
 *   loss = -sum_o y_o log p_o = sum_o y_o (log sum_j e^(z_j - m) - (z_o - m)),  delta = p - y  
 * where sum_o y_o = 1. */
static void cross_entropy(double *loss, double *p, double *delta, const double *z, const double *y,
                          ptrdiff_t outputs, ptrdiff_t columns, double weight) {
  const V w = v_set1(weight);
  FLAT(j, columns, part) {
    V top = load(z + j, part);
    for (ptrdiff_t o = 1; o < outputs; o++) {
      V x = load(z + o * columns + j, part);
      top = v_select(m_or(v_lt(top, x), v_nan(x)), x, top);
    }
    partial sums = partial_zero(), losses = partial_zero();
    for (ptrdiff_t o = 0; o < outputs; o++) {
      V e = v_exp(load(z + o * columns + j, part) - top);
      store(p + o * columns + j, e, part);
      sums.p[o % 8] = sums.p[o % 8] + e;
    }
    V total = partial_tree(&sums), log_total = v_log(total);
    for (ptrdiff_t o = 0; o < outputs; o++) {
      ptrdiff_t at = o * columns + j;
      V share = load(p + at, part) / total, target = load(y + at, part);
      V term = log_total - (load(z + at, part) - top);
      /* 0 log 0 = 0: a class that is not the target adds nothing, even when its logit is -inf. */
      losses.p[o % 8] =
          v_select(v_eq(target, v_zero()), losses.p[o % 8], v_fma(target, term, losses.p[o % 8]));
      store(p + at, share, part);
      store(delta + at, (share - target) * w, part);
    }
    store(loss + j, partial_tree(&losses) * w, part);
  }
}

/* Per output: loss = log(1 + e^-|z|) + max(z, 0) - y z,  p = sigmoid(z),  delta = p - y. */
static void binary_cross_entropy(double *loss, double *p, double *delta, const double *z, const double *y,
                                 ptrdiff_t outputs, ptrdiff_t columns, double weight) {
  const V w = v_set1(weight);
  FLAT(j, columns, part) {
    partial losses = partial_zero();
    for (ptrdiff_t o = 0; o < outputs; o++) {
      ptrdiff_t at = o * columns + j;
      V x = load(z + at, part), target = load(y + at, part), share = v_sigmoid(x);
      V positive = v_select(v_lt(x, v_zero()), v_zero(), x);
      V term = v_log1p(v_exp(v_neg(v_abs(x)))) + (positive - target * x);
      losses.p[o % 8] = losses.p[o % 8] + term;
      store(p + at, share, part);
      store(delta + at, (share - target) * w, part);
    }
    store(loss + j, partial_tree(&losses) * w, part);
  }
}

/* loss = sum_o (z - y)^2 weight, delta = 2 (z - y) weight; p = z is the network's output. */
static void mse(double *loss, double *p, double *delta, const double *z, const double *y, ptrdiff_t outputs,
                ptrdiff_t columns, double weight) {
  const V w = v_set1(weight), twice = v_set1(2 * weight);
  FLAT(j, columns, part) {
    partial losses = partial_zero();
    for (ptrdiff_t o = 0; o < outputs; o++) {
      ptrdiff_t at = o * columns + j;
      V x = load(z + at, part), gap = x - load(y + at, part);
      losses.p[o % 8] = v_fma(gap, gap, losses.p[o % 8]);
      store(p + at, x, part);
      store(delta + at, gap * twice, part);
    }
    store(loss + j, partial_tree(&losses) * w, part);
  }
}

/* Losses of one output at a time; p and slope besides. A comparison with NaN is false, so NaN stays. */
typedef void loss_rule(V z, V y, V width, V *loss, V *p, V *slope);

/* |z - y|; slope 0 where they are equal. */
ALWAYS void loss_mae(V z, V y, V width, V *loss, V *p, V *slope) {
  (void)width;
  *p = z, *loss = v_abs(z - y), *slope = sign_of(z - y);
}

/* With c the gap z - y cut to +-width: c (gap - c/2) is gap^2/2 within and width |gap| - width^2/2 beyond. */
ALWAYS void loss_huber(V z, V y, V width, V *loss, V *p, V *slope) {
  V gap = z - y, cut = v_select(v_lt(width, gap), width, gap);
  cut = v_select(v_lt(cut, v_neg(width)), v_neg(width), cut);
  *p = z, *loss = cut * (gap - v_set1((real)0.5) * cut), *slope = cut;
}

/* max(0, 1 - y z), y = +-1; slope 0 at the kink. */
ALWAYS void loss_hinge(V z, V y, V width, V *loss, V *p, V *slope) {
  (void)width;
  V short_of = v_set1(1) - y * z;
  M enough = v_le(short_of, v_zero());
  *p = z, *loss = v_select(enough, v_zero(), short_of);
  *slope = v_select(enough, v_zero(), v_select(v_nan(short_of), short_of, v_neg(y)));
}

/* max(0, -y z), y = +-1; z = 0 is a mistake, so slope -y there. p is the threshold unit's output. */
ALWAYS void loss_perceptron(V z, V y, V width, V *loss, V *p, V *slope) {
  (void)width;
  V margin = y * z;
  M right = v_lt(v_zero(), margin);
  *p = sign_of(z), *loss = v_select(right, v_zero(), v_neg(margin));
  *slope = v_select(right, v_zero(), v_select(v_nan(margin), margin, v_neg(y)));
}

ALWAYS void loss_each(loss_rule *rule, double *loss, double *p, double *delta, const double *z,
                      const double *y, ptrdiff_t outputs, ptrdiff_t columns, double weight, double width) {
  const V w = v_set1(weight), edge = v_set1(width);
  FLAT(j, columns, part) {
    partial losses = partial_zero();
    for (ptrdiff_t o = 0; o < outputs; o++) {
      ptrdiff_t at = o * columns + j;
      V term, prediction, slope;
      rule(load(z + at, part), load(y + at, part), edge, &term, &prediction, &slope);
      losses.p[o % 8] = losses.p[o % 8] + term;
      store(p + at, prediction, part);
      store(delta + at, slope * w, part);
    }
    store(loss + j, partial_tree(&losses) * w, part);
  }
}

#define GP_LOSS_BODY(name)                                                                                   \
  static void name(double *loss, double *p, double *delta, const double *z, const double *y,                 \
                   ptrdiff_t outputs, ptrdiff_t columns, double weight, double width) {                      \
    loss_each(loss_##name, loss, p, delta, z, y, outputs, columns, weight, width);                           \
  }
GP_LOSS_BODY(mae)
GP_LOSS_BODY(huber)
GP_LOSS_BODY(hinge)
GP_LOSS_BODY(perceptron)
#undef GP_LOSS_BODY

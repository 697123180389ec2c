/* Update rules: what an optimiser does to one array of weights. A rule sees the gradient of one vector of
 * weights (clipped, coupled decay added), its state arrays and the settings of its lanes, and returns the
 * step; the driver does the rest, the same for all. */

/* Settings of the lanes at hand. `keep` is 1 - beta, taken in double before it is rounded. */
typedef struct update_vectors {
  V rate, momentum, momentum_keep, second, second_keep, epsilon;
  V first_correction, next_correction, second_correction;
  V decay, rate_decay, clip_factor, clip_limit;
} update_vectors;

/* Per-lane settings as vectors: broadcast in the single plan, W of the lanes from `at_lane` otherwise. */
ALWAYS V lane_setting(const double *values, ptrdiff_t at_lane, int lanes) {
  real wide[W];
  if (values == NULL) return v_zero();
  if (lanes == 1) return v_set1((real)values[0]);
  for (int i = 0; i < W; i++) wide[i] = (real)values[at_lane + i];
  return v_load(wide);
}

ALWAYS V lane_complement(const double *values, ptrdiff_t at_lane, int lanes) {
  real wide[W];
  if (values == NULL) return v_set1(1);
  for (int i = 0; i < W; i++) wide[i] = (real)(1 - values[lanes == 1 ? 0 : at_lane + i]);
  return v_load(wide);
}

/* Inlined, so that only the settings a rule reads are made. */
ALWAYS update_vectors update_settings(const gp_update *how, ptrdiff_t at_lane) {
  int lanes = how->lanes;
  update_vectors s = {.rate = lane_setting(how->rate, at_lane, lanes),
                      .momentum = lane_setting(how->momentum, at_lane, lanes),
                      .momentum_keep = lane_complement(how->momentum, at_lane, lanes),
                      .second = lane_setting(how->second, at_lane, lanes),
                      .second_keep = lane_complement(how->second, at_lane, lanes),
                      .epsilon = lane_setting(how->epsilon, at_lane, lanes),
                      .first_correction = lane_setting(how->first_correction, at_lane, lanes),
                      .next_correction = lane_setting(how->next_correction, at_lane, lanes),
                      .second_correction = lane_setting(how->second_correction, at_lane, lanes),
                      .decay = lane_setting(how->decay, at_lane, lanes),
                      .clip_factor = lane_setting(how->clip_factor, at_lane, lanes),
                      .clip_limit = lane_setting(how->clip_limit, at_lane, lanes)};
  s.rate_decay = s.rate * s.decay;
  return s;
}

/* 0 at 0, NaN stays. */
static inline V sign_of(V x) {
  const V zero = v_zero(), one = v_set1(1);
  return v_select(v_lt(zero, x), one, v_select(v_lt(x, zero), v_neg(one), x));
}

/* What an adaptive rule divides by, from the (corrected) mean or sum of squares. */
static inline V update_root(V squares, const update_vectors *s, const gp_update *how) {
  if (how->epsilon_inside) return v_sqrt(squares + s->epsilon);
  return v_sqrt(squares) + s->epsilon;
}

typedef V update_rule(V g, V *state, const update_vectors *s, const gp_update *how);

ALWAYS V rule_velocity(V g, V *state, const update_vectors *s, const gp_update *how) {
  V step = v_neg(s->rate * g);
  if (how->momentum == NULL) return step;
  state[0] = v_fma(s->momentum, state[0], step);
  return how->nesterov ? v_fma(s->momentum, state[0], step) : state[0];
}

ALWAYS V rule_adagrad(V g, V *state, const update_vectors *s, const gp_update *how) {
  state[0] = v_fma(g, g, state[0]);
  return v_neg(s->rate * g / update_root(state[0], s, how));
}

ALWAYS V rule_rmsprop(V g, V *state, const update_vectors *s, const gp_update *how) {
  state[0] = v_fma(s->second, state[0], s->second_keep * g * g);
  return v_neg(s->rate * g / update_root(state[0], s, how));
}

/* The moments of adam and nadam. */
ALWAYS void update_moments(V g, V *state, const update_vectors *s) {
  state[0] = v_fma(s->momentum, state[0], s->momentum_keep * g);
  state[1] = v_fma(s->second, state[1], s->second_keep * g * g);
}

ALWAYS V rule_adam(V g, V *state, const update_vectors *s, const gp_update *how) {
  update_moments(g, state, s);
  V mean = s->first_correction * state[0];
  return v_neg(s->rate * mean / update_root(s->second_correction * state[1], s, how));
}

ALWAYS V rule_nadam(V g, V *state, const update_vectors *s, const gp_update *how) {
  update_moments(g, state, s);
  V now = s->first_correction * (s->momentum_keep * g);
  V mean = v_fma(s->next_correction * s->momentum, state[0], now);
  return v_neg(s->rate * mean / update_root(s->second_correction * state[1], s, how));
}

ALWAYS V rule_lion(V g, V *state, const update_vectors *s, const gp_update *how) {
  (void)how;
  V blend = v_fma(s->momentum, state[0], s->momentum_keep * g);
  state[0] = v_fma(s->second, state[0], s->second_keep * g);
  return v_neg(s->rate * sign_of(blend));
}

ALWAYS V rule_sign(V g, V *state, const update_vectors *s, const gp_update *how) {
  (void)state, (void)how;
  return v_neg(s->rate * sign_of(g));
}

/* Clipping keeps NaN: a comparison with it is false. */
ALWAYS V update_gradient(V w, V g, const gp_update *how, const update_vectors *s) {
  if (how->clip_factor != NULL) g = g * s->clip_factor;
  if (how->clip_limit != NULL) {
    g = v_select(v_lt(s->clip_limit, g), s->clip_limit, g);
    g = v_select(v_lt(g, v_neg(s->clip_limit)), v_neg(s->clip_limit), g);
  }
  if (how->decay != NULL && !how->decoupled) g = v_fma(s->decay, w, g);
  return g;
}

/* Adds the squares of a vector of steps at u. Only vectors that hold whole rounds of the 8 partial sums come here. */
ALWAYS A8 add_step_squares(A8 acc, const real *u, ptrdiff_t part) {
  for (ptrdiff_t k = 0; k < part; k += 8) {
    A8 x = part - k >= 8 ? a8_load(u + k) : a8_load_part(u + k, (int)(part - k));
    acc = a8_fma(x, x, acc);
  }
  return acc;
}

/* State array k of n x lanes reals starts at state + k n lanes; no state (NULL) is a rule without memory. */
ALWAYS void update_any(update_rule *rule, int states, real *w, const real *g, real *state, real *u,
                       const gp_update *how, ptrdiff_t n) {
  ptrdiff_t lanes = how->lanes, step = lanes == 1 ? W : lanes;
  bool squares = u != NULL && how->squares != NULL, beside = squares && lanes == 1 && W >= 8;
  A8 acc = a8_zero();
  for (ptrdiff_t at_lane = 0; at_lane < lanes; at_lane += W) {
    update_vectors s = update_settings(how, at_lane);
    for (ptrdiff_t i = at_lane; i < n * lanes; i += step) {
      ptrdiff_t part = lanes == 1 && n - i < W ? n - i : W;
      V memory[GP_UPDATE_STATES_MAX] = {v_zero(), v_zero()}, wv = load(w + i, part);
      for (int k = 0; k < states; k++) memory[k] = load(state + k * n * lanes + i, part);
      V uv = rule(update_gradient(wv, load(g + i, part), how, &s), memory, &s, how);
      for (int k = 0; k < states; k++) store(state + k * n * lanes + i, memory[k], part);
      if (how->decay != NULL && how->decoupled) uv = v_fma(v_neg(s.rate_decay), wv, uv);
      if (u != NULL) store(u + i, uv, part);
      store(w + i, wv + uv, part);
      if (beside) acc = add_step_squares(acc, u + i, part);
    }
  }
  if (beside) *how->squares = a8_sum(acc);
  if (squares && !beside) sum_squares(how->squares, u, n, (int)lanes);
}

#define GP_UPDATE_BODY(name, count)                                                                          \
  static void update_##name(void *w, const void *g, void *state, void *u, const gp_update *how,              \
                            ptrdiff_t n) {                                                                   \
    if (state != NULL)                                                                                       \
      update_any(rule_##name, count, w, g, state, u, how, n);                                                \
    else                                                                                                     \
      update_any(rule_##name, 0, w, g, NULL, u, how, n);                                                     \
  }
GP_UPDATE_LIST(GP_UPDATE_BODY)
#undef GP_UPDATE_BODY

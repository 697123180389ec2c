/* Generated data against their geometry (libm's atan2 and tanh are the second way), their statistics and
 * their law of random numbers. Statistical bounds are 5 standard errors: a false alarm needs 6e-7, and the
 * seeds are fixed anyway. */
#include "data_case.h"
#include "rng.h"

static const double two_pi = 6.283185307179586;

static double radius_of(const double *x) {
  return hypot(x[0], x[1]);
}

/* Distance of a number from the nearest whole one. */
static double off_whole(double turns) {
  return fabs(turns - round(turns));
}

static gp_dataset noiseless(const char *name, double classes) {
  gp_choice choice = choice_of(name);
  set_number(&choice, "noise", 0);
  if (classes > 0) set_number(&choice, "classes", classes);
  return make_default(&choice);
}

/* angle / 2 pi - turns r - label / classes is a whole number on every point of an arm. The angle's rounding
 * error is about 1e-16 turns; 1e-14 leaves room for cos and sin near their zeros at small radius. */
Test(generators, spirals_are_archimedean) {
  for (int classes = 2; classes <= 8; classes += 3) {
    gp_dataset data = noiseless("spirals", classes);
    double sum = 0;
    for (int64_t i = 0; i < data.train + data.test; i++) {
      double *x = data.x + 2 * i, r = radius_of(x);
      double turns = atan2(x[1], x[0]) / two_pi - r - (double)data.label[i] / classes;
      cr_assert_lt(off_whole(turns), 1e-14, "row %lld", (long long)i);
      cr_assert(r > 0 && r <= 1);
      sum += r;
    }
    /* Radius uniform in (0, 1): standard deviation 1/sqrt(12), 768 rows. */
    cr_assert_float_eq(sum / 768, 0.5, 5 / sqrt(12.0 * 768));
    gp_dataset_free(&data);
  }
}

Test(generators, circles_have_their_radius) {
  gp_dataset data = noiseless("circles", 4);
  double sum[2] = {0};
  for (int64_t i = 0; i < data.train + data.test; i++) {
    cr_assert_float_eq(radius_of(data.x + 2 * i), (data.label[i] + 1) / 4.0, 1e-15);
    for (int j = 0; j < 2; j++) sum[j] += data.x[2 * i + j] / ((data.label[i] + 1) / 4.0);
  }
  /* cos and sin of a uniform angle: mean 0, variance 1/2. */
  for (int j = 0; j < 2; j++) cr_assert_float_eq(sum[j] / 768, 0, 5 / sqrt(2.0 * 768));
  gp_dataset_free(&data);
}

Test(generators, moons_are_half_circles) {
  gp_dataset data = noiseless("moons", 0);
  for (int64_t i = 0; i < data.train + data.test; i++) {
    double *x = data.x + 2 * i;
    bool lower = data.label[i] == 1;
    cr_assert_float_eq(hypot(x[0] - (lower ? 1 : 0), x[1] - (lower ? 0.5 : 0)), 1, 1e-15);
    cr_assert(lower ? x[1] <= 0.5 : x[1] >= 0);
  }
  gp_dataset_free(&data);
}

Test(generators, blobs_sit_on_the_unit_circle) {
  gp_choice choice = choice_of("blobs");
  set_number(&choice, "samples", 3000);
  set_number(&choice, "features", 3);
  gp_dataset data = make_default(&choice);
  double mean[3][3] = {{0}}, square[3][3] = {{0}};
  for (int64_t i = 0; i < data.train; i++)
    for (int j = 0; j < 3; j++) mean[data.label[i]][j] += data.x[3 * i + j] / 1000;
  for (int64_t i = 0; i < data.train; i++)
    for (int j = 0; j < 3; j++)
      square[data.label[i]][j] += pow(data.x[3 * i + j] - mean[data.label[i]][j], 2) / 999;
  for (int k = 0; k < 3; k++) {
    double centre[3] = {cos(two_pi * k / 3), sin(two_pi * k / 3), 0};
    for (int j = 0; j < 3; j++) {
      cr_assert_float_eq(mean[k][j], centre[j], 5 * 0.3 / sqrt(1000));
      cr_assert_float_eq(sqrt(square[k][j]), 0.3, 5 * 0.3 / sqrt(2.0 * 1000));
    }
  }
  gp_dataset_free(&data);
}

/* The same rows with and without noise differ by the noise alone: its deviation over 1536 numbers. */
Test(generators, noise_has_the_deviation_asked_for) {
  static const char *const names[] = {"spirals", "circles", "moons"};
  for (size_t n = 0; n < 3; n++) {
    gp_choice choice = choice_of(names[n]);
    set_number(&choice, "noise", 0.25);
    gp_dataset clean = noiseless(names[n], 0), noisy = make_default(&choice);
    double sum = 0, square = 0;
    for (int i = 0; i < 1536; i++) {
      double d = noisy.x[i] - clean.x[i];
      sum += d;
      square += d * d;
    }
    cr_assert_float_eq(sum / 1536, 0, 5 * 0.25 / sqrt(1536), "%s", names[n]);
    cr_assert_float_eq(sqrt(square / 1536), 0.25, 5 * 0.25 / sqrt(2.0 * 1536), "%s", names[n]);
    gp_dataset_free(&clean);
    gp_dataset_free(&noisy);
  }
}

/* A linear function f has f(00) - f(01) - f(10) + f(11) = 0: what labels have along that direction no linear
 * fit can reach. With labels 0/1 it is -2, so the best MSE is (2/2)^2/4 = 0.25; with -1/+1 it is 1 (SCIENCE
 * section 4). */
Test(generators, xor_is_four_points_no_line_separates) {
  static const double want[4][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}};
  gp_choice choice = choice_of("xor");
  gp_dataset data = make_default(&choice);
  cr_assert(data.train == 4 && data.test == 0 && data.features == 2 && data.classes == 2 &&
            data.outputs == 2);
  for (int i = 0; i < 4; i++) {
    cr_assert(data.x[2 * i] == want[i][0] && data.x[2 * i + 1] == want[i][1]);
    cr_assert_eq(data.label[i], (int)want[i][2]);
  }
  for (int low = -1; low <= 0; low++) {
    double target[4], along;
    for (int i = 0; i < 4; i++) target[i] = data.label[i] == 1 ? 1 : low;
    along = (target[0] - target[1] - target[2] + target[3]) / 2;
    cr_assert_eq(along * along / 4, low == 0 ? 0.25 : 1.0);
  }
  gp_dataset_free(&data);
}

/* The truth tables as bits: bit i is the answer to row i. */
Test(generators, gates_answer_by_their_truth_tables) {
  static const struct {
    const char *name;
    int answers;
  } gates[] = {{"and", 0x8}, {"or", 0xE}, {"nand", 0x7}, {"nor", 0x1}, {"xor", 0x6}};
  for (int g = 0; g < 5; g++) {
    gp_choice choice = choice_of("gate");
    set_number(&choice, "gate", g);
    gp_dataset data = make_default(&choice);
    cr_assert(data.train == 4 && data.test == 0 && data.features == 2 && data.classes == 2);
    for (int i = 0; i < 4; i++) {
      cr_assert(data.x[2 * i] == i / 2 && data.x[2 * i + 1] == i % 2);
      cr_assert_eq(data.label[i], gates[g].answers >> i & 1, "%s, row %d", gates[g].name, i);
    }
    gp_dataset_free(&data);
  }
}

Test(generators, more_xor_rows_are_noisy_copies) {
  gp_choice choice = choice_of("xor");
  set_number(&choice, "samples", 40);
  set_number(&choice, "test", 8);
  gp_dataset data = make_default(&choice);
  for (int i = 0; i < 48; i++) {
    int corner = (i < 40 ? i : i - 40) % 4;
    double dx = data.x[2 * i] - corner / 2, dy = data.x[2 * i + 1] - corner % 2;
    cr_assert_eq(data.label[i], (corner / 2) ^ (corner % 2));
    cr_assert(i < 4 ? dx == 0 && dy == 0 : dx != 0 && dy != 0);
    cr_assert(fabs(dx) < 0.6 && fabs(dy) < 0.6); /* 6 deviations */
  }
  gp_dataset_free(&data);
}

Test(generators, gaussian_is_standard_and_unrelated) {
  gp_choice choice = choice_of("gaussian");
  set_number(&choice, "samples", 4000);
  set_number(&choice, "features", 3);
  set_number(&choice, "targets", 2);
  gp_dataset data = make_default(&choice);
  cr_assert(data.classes == 0 && data.label == NULL && data.outputs == 2 && data.test == 0);
  double n = 4000;
  for (int j = 0; j < 3; j++) {
    double sum = 0, square = 0, cross = 0;
    for (int64_t i = 0; i < 4000; i++) {
      double x = data.x[3 * i + j];
      sum += x, square += x * x, cross += x * data.y[2 * i];
    }
    cr_assert_float_eq(sum / n, 0, 5 / sqrt(n));
    cr_assert_float_eq(square / n, 1, 5 * sqrt(2 / n));
    cr_assert_float_eq(cross / n, 0, 5 / sqrt(n));
  }
  gp_dataset_free(&data);
}

/* Recomputed from the definition with libm's tanh and plain sums. Sums of 12 terms of order 1: 1e-13 is 100
 * roundings. */
Test(generators, teacher_is_the_network_it_says) {
  enum { I = 5, H = 7, O = 2 };
  gp_choice choice = choice_of("teacher");
  set_number(&choice, "features", I);
  set_number(&choice, "teacher_width", H);
  set_number(&choice, "targets", O);
  gp_data_common common = common_default;
  common.seed = 42;
  gp_dataset data = make_with(&choice, &common);
  gp_stream inner = {42, GP_PURPOSE_TEACHER, 0}, outer = {42, GP_PURPOSE_TEACHER, 1};
  double largest = 0;
  for (int64_t n = 0; n < data.train + data.test; n++) {
    for (int o = 0; o < O; o++) {
      double y = 0;
      for (int h = 0; h < H; h++) {
        double z = 0;
        for (int i = 0; i < I; i++) z += gp_rng_normal(inner, (uint64_t)(h * I + i)) * data.x[n * I + i];
        y += gp_rng_normal(outer, (uint64_t)(o * H + h)) * tanh(z / sqrt(I));
      }
      cr_assert_float_eq(data.y[n * O + o], y / sqrt(H), 1e-13);
      largest = fmax(largest, fabs(y));
    }
  }
  cr_assert_gt(largest, 0.5); /* not all zero on both sides */
  gp_dataset_free(&data);
}

Test(generators, parity_is_the_product_of_signs) {
  gp_choice choice = choice_of("parity");
  set_number(&choice, "features", 5);
  gp_dataset data = make_default(&choice);
  int64_t odd = 0;
  for (int64_t i = 0; i < data.train + data.test; i++) {
    double product = -1; /* of five signs, an even number of -1 means an odd number of +1 */
    for (int j = 0; j < 5; j++) {
      cr_assert_eq(fabs(data.x[5 * i + j]), 1);
      product *= data.x[5 * i + j];
    }
    cr_assert_eq(data.label[i], product < 0);
    odd += data.label[i];
  }
  cr_assert_float_eq((double)odd / 768, 0.5, 5 / sqrt(4 * 768.0));
  gp_dataset_free(&data);
}

/* sin(pi f u) sin(pi f v) with u, v in (0, 1) is positive on the fields of one colour. */
Test(generators, checkerboard_has_the_sign_of_two_sines) {
  gp_choice choice = choice_of("checkerboard");
  set_number(&choice, "fields", 5);
  gp_dataset data = make_default(&choice);
  int64_t second = 0;
  for (int64_t i = 0; i < data.train + data.test; i++) {
    double wave = 1;
    for (int j = 0; j < 2; j++) wave *= sin(two_pi / 2 * 5 * (data.x[2 * i + j] + 1) / 2);
    cr_assert_eq(data.label[i], wave < 0);
    second += data.label[i];
  }
  cr_assert_float_eq((double)second / 768, 12.0 / 25, 5 / sqrt(4 * 768.0));
  gp_dataset_free(&data);
}

Test(generators, functions_have_their_values) {
  gp_choice sine = choice_of("sine"), chebyshev = choice_of("chebyshev");
  set_number(&sine, "frequency", 3);
  set_number(&chebyshev, "degree", 7);
  set_number(&chebyshev, "test", 10);
  gp_dataset a = make_default(&sine), b = make_default(&chebyshev);
  for (int64_t i = 0; i < a.train + a.test; i++) {
    cr_assert(fabs(a.x[i]) < two_pi / 2);
    cr_assert_float_eq(a.y[i], sin(3 * a.x[i]), 1e-15);
  }
  for (int64_t i = 0; i < 20; i++) cr_assert_float_eq(b.x[i], -1 + 2 * (double)i / 19, 1e-15);
  for (int64_t i = 0; i < 10; i++) cr_assert_float_eq(b.x[20 + i], -0.9 + 0.2 * (double)i, 1e-15);
  /* T_7(x) = cos(7 acos x); |T_7'| is at most 49, so a rounding of x costs 49 2^-53. */
  for (int64_t i = 0; i < 30; i++) cr_assert_float_eq(b.y[i], cos(7 * acos(b.x[i])), 3e-14);
  gp_dataset_free(&a);
  gp_dataset_free(&b);
}

/* As teacher_is_the_network_it_says: sums of 5 terms of order 1. */
Test(generators, linear_teacher_is_a_matrix) {
  enum { I = 5, O = 3 };
  gp_choice choice = choice_of("linear_teacher");
  set_number(&choice, "features", I);
  set_number(&choice, "targets", O);
  gp_dataset data = make_default(&choice);
  gp_stream stream = {0, GP_PURPOSE_TEACHER, 0};
  double squares = 0;
  for (int64_t n = 0; n < data.train + data.test; n++) {
    for (int o = 0; o < O; o++) {
      double y = 0;
      for (int i = 0; i < I; i++) y += gp_rng_normal(stream, (uint64_t)(o * I + i)) * data.x[n * I + i];
      cr_assert_float_eq(data.y[n * O + o], y / sqrt(I), 1e-13);
      squares += y * y;
    }
  }
  cr_assert_gt(squares, 1); /* not all zero on both sides */
  gp_dataset_free(&data);
}

Test(generators, identity_and_constant_are_what_they_say) {
  gp_choice identity = choice_of("identity"), constant = choice_of("constant");
  set_number(&constant, "samples", 3);
  set_number(&constant, "features", 2);
  set_number(&constant, "value", -1.5);
  set_number(&constant, "target_value", 4);
  gp_dataset a = make_default(&identity), b = make_default(&constant);
  cr_assert(a.features == 16 && a.outputs == 16 && a.classes == 0);
  double squares = 0;
  for (int64_t i = 0; i < 384 * 16; i++) {
    cr_assert_eq(a.x[i], a.y[i]);
    squares += a.x[i] * a.x[i] / (384 * 16);
  }
  cr_assert_float_eq(squares, 1, 5 * sqrt(2.0 / (384 * 16)));
  for (int64_t i = 0; i < 6; i++) cr_assert_eq(b.x[i], -1.5);
  for (int64_t i = 0; i < 3; i++) cr_assert_eq(b.y[i], 4);
  gp_dataset_free(&a);
  gp_dataset_free(&b);
}

/* 16 products of order 1: 1e-14 relative is 50 roundings. */
Test(generators, two_points_have_norm_and_correlation) {
  static const double correlations[] = {-1, -0.3, 0, 0.5, 0.999, 1};
  for (size_t c = 0; c < sizeof correlations / sizeof *correlations; c++) {
    for (int features = 2; features <= 50; features += 16) {
      gp_choice choice = choice_of("two_point");
      set_number(&choice, "features", features);
      set_number(&choice, "correlation", correlations[c]);
      set_number(&choice, "norm", 3);
      gp_dataset data = make_default(&choice);
      double p = 0, q = 0, r = 0;
      for (int j = 0; j < features; j++) {
        double x = data.x[j], y = data.x[features + j];
        p += x * x, q += y * y, r += x * y;
      }
      cr_assert(data.train == 2 && data.test == 0 && data.label[0] == 0 && data.label[1] == 1);
      cr_assert_float_eq(sqrt(p), 3, 3e-14);
      cr_assert_float_eq(sqrt(q), 3, 3e-14);
      cr_assert_float_eq(r / 9, correlations[c], 1e-14);
      gp_dataset_free(&data);
    }
  }
}

/* Those whose rows are drawn one by one: the laws below hold for them. */
static const char *const generated[] = {"xor",      "spirals",  "circles",     "moons",
                                        "blobs",    "gaussian", "teacher",     "linear_teacher",
                                        "identity", "sine",     "checkerboard"};
enum { GENERATED = sizeof generated / sizeof *generated };

static gp_dataset sized(const char *name, double samples, double test, int64_t seed) {
  gp_choice choice = choice_of(name);
  set_number(&choice, "samples", samples);
  set_number(&choice, "test", test);
  gp_data_common common = common_default;
  common.seed = seed;
  return make_with(&choice, &common);
}

static size_t row_bytes(int64_t rows, int64_t columns) {
  return (size_t)(rows * columns) * sizeof(double);
}

Test(generators, more_samples_extend_and_leave_the_rest) {
  for (size_t g = 0; g < GENERATED; g++) {
    gp_dataset few = sized(generated[g], 40, 20, 3), many = sized(generated[g], 90, 30, 3);
    cr_assert_eq(memcmp(few.x, many.x, row_bytes(40, few.features)), 0, "%s", generated[g]);
    cr_assert_eq(memcmp(few.y, many.y, row_bytes(40, few.outputs)), 0, "%s", generated[g]);
    const double *test = many.x + 90 * many.features;
    cr_assert_eq(memcmp(few.x + 40 * few.features, test, row_bytes(20, few.features)), 0, "%s", generated[g]);
    cr_assert_neq(memcmp(few.x, test, row_bytes(20, few.features)), 0, "%s: test rows are training rows",
                  generated[g]);
    gp_dataset_free(&few);
    gp_dataset_free(&many);
  }
}

Test(generators, the_seed_decides) {
  for (size_t g = 0; g < GENERATED; g++) {
    gp_dataset a = sized(generated[g], 64, 16, 1), again = sized(generated[g], 64, 16, 1),
               b = sized(generated[g], 64, 16, 2);
    cr_assert_str_eq(a.content_hash, again.content_hash);
    cr_assert_str_neq(a.content_hash, b.content_hash);
    int64_t equal = 0, count = 80 * a.features;
    for (int64_t i = 0; i < count; i++) equal += a.x[i] == b.x[i];
    cr_assert_leq(equal, strcmp(generated[g], "xor") == 0 ? 8 : 0, "%s",
                  generated[g]); /* its four exact rows */
    gp_dataset_free(&a);
    gp_dataset_free(&again);
    gp_dataset_free(&b);
  }
}

Test(generators, classes_are_balanced) {
  for (size_t g = 0; g < 5; g++) {
    gp_dataset data = sized(generated[g], 101, 0, 5);
    int64_t count[3] = {0}, low = 101, high = 0;
    for (int64_t i = 0; i < 101; i++) count[data.label[i]]++;
    for (int64_t k = 0; k < data.classes; k++) {
      low = count[k] < low ? count[k] : low;
      high = count[k] > high ? count[k] : high;
    }
    cr_assert_leq(high - low, 1, "%s", generated[g]);
    gp_dataset_free(&data);
  }
}

/* The bits of every generator at its defaults and seed 0, the same from gcc and clang at -O0, -O2 and -O3. A change here
 * changes runs: it needs a new GP_NUMERICS_VERSION with the new hashes. The geometry tests say whether they are right. */
Test(generators, bits_stay_the_same) {
  static const char *const golden[][2] = {
      {"xor", "40ae157cca3cbe13ea8cc641c614a889"},
      {"gate", "31cc4387b14b3d853acbc4c178695555"},
      {"spirals", "90fc698e644604b45070721a003b1ea2"},
      {"circles", "dafb0bb77545949596b094c0c13422e8"},
      {"moons", "0c91bc89be1ae99ae19266da705e62f0"},
      {"blobs", "f983e94f7ce253643ee2310d5ca11be2"},
      {"gaussian", "c2e392b233a68031d50a85e3ede6e4a9"},
      {"teacher", "51396276c5553037259e6544804bc545"},
      {"parity", "0c07655b2584d3ac2e29e65c983cb161"},
      {"checkerboard", "e42813be4fca5afc78edadbcc83c0a24"},
      {"sine", "f0a781bfa8c614ad8ddbcfb2826d185a"},
      {"chebyshev", "47d36bd7926bfece6f0ef633079234ba"},
      {"linear_teacher", "156473d010fc8f82457e77f0228d4cea"},
      {"identity", "0f992567e7f4eeefbff5c71dc4c58b30"},
      {"two_point", "7605d141e3c2ea632af07bf33eb3d21c"},
      {"constant", "25d04cb7fee047365ecb12d79b2767f7"},
  };
  for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
    gp_choice choice = choice_of(golden[g][0]);
    gp_dataset data = make_default(&choice);
    cr_expect_str_eq(data.content_hash, golden[g][1], "%s: %s", golden[g][0], data.content_hash);
    gp_dataset_free(&data);
  }
}

/* What every data set goes through after it is made: first rows, split, scaling, hash, single-column targets.
 */
#include "data_case.h"

static const char *const table = "a,b,c,t\n"
                                 "1,7,10,0.5\n"
                                 "2,7,30,1.5\n"
                                 "6,7,20,2.25\n"
                                 "9,7,80,3.5\n"
                                 "4,8,-40,4.5\n";

static gp_dataset read_table(const gp_data_common *common, gp_status *status) {
  char path[TEMP_PATH];
  gp_dataset data;
  temp_file(path, table, strlen(table));
  gp_choice choice = choice_of("csv");
  set_text(&choice, "file", path);
  set_text(&choice, "target", "t");
  *status = gp_dataset_make(&data, &choice, common);
  unlink(path);
  return data;
}

static gp_dataset read_good(const gp_data_common *common) {
  gp_status status;
  gp_dataset data = read_table(common, &status);
  cr_assert_eq(status, GP_OK, "%s", gp_message());
  return data;
}

Test(dataset, split_and_first_take_rows_in_order) {
  static const struct {
    int64_t first;
    double split;
    int64_t train, test;
  } cases[] = {{INT64_MIN, 0.8, 4, 1}, {0, 0.5, 3, 2},  {4, 0.5, 2, 2},         {3, 1, 3, 0},
               {99, 0.4, 2, 3},        {5, 0.01, 1, 4}, {INT64_MIN, NAN, 4, 1}, {1, 0.8, 1, 0}};
  static const double target[] = {0.5, 1.5, 2.25, 3.5, 4.5};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gp_data_common common = {.first = cases[c].first, .split = cases[c].split};
    gp_dataset data = read_good(&common);
    cr_assert_eq(data.train, cases[c].train, "case %zu", c);
    cr_assert_eq(data.test, cases[c].test, "case %zu", c);
    for (int64_t i = 0; i < data.train + data.test; i++) cr_assert_eq(data.y[i], target[i]);
    gp_dataset_free(&data);
  }
}

Test(dataset, a_share_out_of_range_is_refused) {
  static const double shares[] = {0, -0.5, 1.5, INFINITY};
  for (size_t s = 0; s < 4; s++) {
    gp_data_common common = {.first = INT64_MIN, .split = shares[s]};
    gp_status status;
    gp_dataset data = read_table(&common, &status);
    cr_assert_eq(status, GP_ERR_CONFIG);
    cr_assert_not_null(strstr(gp_message(), "data.split"));
    cr_assert_null(data.x);
  }
}

/* `first` on generated data keeps training rows and all test rows. */
Test(dataset, first_moves_the_test_rows_up) {
  gp_choice choice = choice_of("blobs");
  gp_data_common common = common_default;
  gp_dataset all = make_with(&choice, &common);
  common.first = 100;
  gp_dataset some = make_with(&choice, &common);
  cr_assert(some.train == 100 && some.test == 256);
  cr_assert_eq(memcmp(some.x, all.x, 200 * sizeof(double)), 0);
  cr_assert_eq(memcmp(some.x + 200, all.x + 1024, 512 * sizeof(double)), 0);
  cr_assert_eq(memcmp(some.y + 300, all.y + 512 * 3, 768 * sizeof(double)), 0);
  cr_assert_eq(memcmp(some.label + 100, all.label + 512, 256 * sizeof(int32_t)), 0);
  gp_dataset_free(&all);
  gp_dataset_free(&some);
}

/* Worked by hand: training rows 0..3. Column a: mean 4.5, variance (12.25 + 6.25 + 2.25 + 20.25) / 4 = 10.25;
 * column b is constant there: it becomes 0, and 8 of the test row becomes 1, undivided. */
Test(dataset, standardize_uses_training_rows_only) {
  gp_data_common common = {.first = INT64_MIN, .split = 0.8, .scaling = GP_SCALING_STANDARDIZE};
  gp_dataset data = read_good(&common);
  static const double a[] = {1, 2, 6, 9, 4};
  for (int i = 0; i < 5; i++) {
    cr_assert_float_eq(data.x[3 * i], (a[i] - 4.5) / sqrt(10.25), 1e-15);
    cr_assert_eq(data.x[3 * i + 1], i < 4 ? 0.0 : 1.0);
  }
  cr_assert_float_eq(data.x[14], (-40 - 35) / sqrt((625 + 25 + 225 + 2025) / 4.0), 1e-15);
  cr_assert_eq(data.y[4], 4.5); /* targets stay */
  gp_dataset_free(&data);
}

Test(dataset, range_maps_training_bounds) {
  gp_data_common common = {
      .first = INT64_MIN, .split = 0.8, .scaling = GP_SCALING_RANGE, .scale_low = -1, .scale_high = 3};
  gp_dataset data = read_good(&common);
  cr_assert(data.x[0] == -1 && data.x[9] == 3);                 /* 1 and 9 */
  cr_assert_float_eq(data.x[3], -1 + 4 * (1.0 / 8), 1e-15);     /* 2 */
  cr_assert(data.x[1] == -1 && data.x[13] == 0);                /* constant: moved to low, 8 one further */
  cr_assert_float_eq(data.x[14], -1 + 4 * (-50.0 / 70), 1e-15); /* a test row may leave the range */
  gp_dataset_free(&data);
}

Test(dataset, an_empty_range_is_refused) {
  gp_data_common common = {.split = 0.8, .scaling = GP_SCALING_RANGE, .scale_low = 1, .scale_high = 1};
  gp_status status;
  read_table(&common, &status);
  cr_assert_eq(status, GP_ERR_CONFIG);
  cr_assert_not_null(strstr(gp_message(), "data.scale"));
}

/* Standardised columns have mean 0 and mean square 1 on training rows, up to rounding. */
Test(dataset, standardized_columns_have_unit_moments) {
  gp_choice choice = choice_of("spirals");
  gp_data_common common = common_default;
  common.scaling = GP_SCALING_STANDARDIZE;
  gp_dataset data = make_with(&choice, &common);
  for (int j = 0; j < 2; j++) {
    double sum = 0, square = 0;
    for (int64_t i = 0; i < data.train; i++)
      sum += data.x[2 * i + j], square += data.x[2 * i + j] * data.x[2 * i + j];
    cr_assert_float_eq(sum / 512, 0, 1e-15);
    cr_assert_float_eq(square / 512, 1, 1e-14);
  }
  gp_dataset_free(&data);
}

/* The hash is of numbers and shape: it moves when any of them does, and not otherwise. */
Test(dataset, hash_follows_the_numbers) {
  gp_data_common plain = {.first = INT64_MIN, .split = 0.8}, other = plain;
  gp_dataset a = read_good(&plain), again = read_good(&plain);
  cr_assert_str_eq(a.content_hash, again.content_hash);
  cr_assert_eq(strlen(a.content_hash), 32);
  other.split = 0.6; /* the same numbers, another line between training and test */
  gp_dataset split = read_good(&other);
  cr_assert_str_neq(a.content_hash, split.content_hash);
  other.scaling = GP_SCALING_STANDARDIZE;
  gp_dataset scaled = read_good(&other);
  cr_assert_str_neq(split.content_hash, scaled.content_hash);
  gp_dataset_free(&a);
  gp_dataset_free(&again);
  gp_dataset_free(&split);
  gp_dataset_free(&scaled);
}

/* Sizes no machine holds: an error, not a crash, and no product that wraps around. */
Test(dataset, too_large_is_out_of_memory) {
  gp_dataset data;
  cr_assert_eq(gp_dataset_allocate(&data, INT64_MAX, 1, 2, 1, 0), GP_ERR_MEMORY);
  cr_assert_eq(gp_dataset_allocate(&data, INT64_C(1) << 40, 0, INT64_C(1) << 30, 1, 0), GP_ERR_MEMORY);
  cr_assert_null(data.x);
}

/* -- rows chosen by their class -- */

/* Row `at` of `data` is row `from` of `whole`, as class `label` of `classes`. */
static void expect_row(const gp_dataset *data, int64_t at, const gp_dataset *whole, int64_t from, int label) {
  cr_assert_eq(data->label[at], label, "row %d", (int)at);
  for (int64_t f = 0; f < whole->features; f++)
    cr_assert_eq(data->x[at * data->features + f], whole->x[from * whole->features + f], "row %d", (int)at);
  for (int64_t c = 0; c < data->outputs; c++) cr_assert_eq(data->y[at * data->outputs + c], c == label);
}

/* The rule in words, row by row: classes in the order named, the first rows of each, then the first of all. */
Test(dataset, classes_and_rows_of_each_are_chosen) {
  static const struct {
    const char *list;
    int classes, number[5]; /* the new number of each class, -1: left out */
    int64_t per_class, first;
  } cases[] = {{"3-1", 2, {-1, 1, -1, 0, -1}, 0, 0},
               {"0-1-2-3-4", 5, {0, 1, 2, 3, 4}, INT64_MIN, INT64_MIN},
               {NULL, 5, {0, 1, 2, 3, 4}, 3, 0},
               {"4-0-2", 3, {1, -1, 2, -1, 0}, 2, 5},
               {"4-0", 2, {1, -1, -1, -1, 0}, 1, 99}};
  gp_choice choice = choice_of("blobs");
  set_number(&choice, "classes", 5);
  set_number(&choice, "samples", 43);
  set_number(&choice, "test", 12);
  gp_dataset whole = make_default(&choice);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gp_data_common common = {
        .only_classes = cases[c].list, .per_class = cases[c].per_class, .first = cases[c].first};
    gp_dataset data = make_with(&choice, &common);
    int64_t kept[5] = {0}, train = 0, at = 0;
    for (int64_t i = 0; i < whole.train + whole.test; i++) {
      int label = cases[c].number[whole.label[i]];
      bool trains = i < whole.train;
      if (label < 0 || (trains && cases[c].per_class > 0 && kept[label] == cases[c].per_class)) continue;
      kept[label] += trains;
      if (trains && cases[c].first > 0 && train == cases[c].first) continue;
      train += trains;
      expect_row(&data, at++, &whole, i, label);
    }
    cr_assert_eq(data.train, train, "case %zu", c);
    cr_assert_eq(data.train + data.test, at, "case %zu", c);
    cr_assert(data.classes == cases[c].classes && data.outputs == cases[c].classes);
    gp_dataset_free(&data);
  }
  gp_dataset_free(&whole);
}

/* A reader that would stop after `first` rows must go on where rows are chosen among them. */
Test(dataset, files_are_read_on_for_their_classes) {
  static const char text[] = "x,t\n1,a\n2,a\n3,a\n4,b\n5,c\n6,b\n7,c\n8,c\n";
  static const double wanted[] = {4, 5, 6};
  char path[TEMP_PATH];
  temp_file(path, text, strlen(text));
  gp_choice choice = choice_of("csv");
  set_text(&choice, "file", path);
  set_text(&choice, "target", "t");
  gp_dataset data = make_with(&choice, &(gp_data_common){.only_classes = "1-2", .first = 3, .split = 1});
  cr_assert_eq(data.train, 3);
  for (int i = 0; i < 3; i++) cr_assert_eq(data.x[i], wanted[i]);
  gp_dataset_free(&data);
  unlink(path);
}

Test(dataset, bad_choices_of_classes_are_refused) {
  static const struct {
    const char *data, *list;
    int64_t per_class;
    const char *message;
  } cases[] = {{"blobs", "0-9", 0, "there is no class 9; the data have the classes 0 to 2"},
               {"blobs", "1", 0, "'1' is not a list of at least two"},
               {"blobs", "1-1", 0, "'1-1' is not a list"},
               {"blobs", "0-x", 0, "'0-x' is not a list"},
               {"blobs", "0-1-", 0, "'0-1-' is not a list"},
               {"blobs", "-1-0", 0, "'-1-0' is not a list"},
               {"blobs", "0-99999999999999999999", 0, "there is no class"},
               {"blobs", "", 0, "'' is not a list"},
               {"blobs", NULL, 1000000, "data.per_class: 1000000, but only"},
               {"sine", "0-1", 0, "data.only_classes: the data are regression"},
               {"sine", NULL, 3, "data.per_class: the data are regression"}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gp_choice choice = choice_of(cases[c].data);
    gp_data_common common = {.only_classes = cases[c].list, .per_class = cases[c].per_class};
    if (strcmp(cases[c].data, "blobs") == 0) set_number(&choice, "classes", 3);
    gp_dataset data;
    cr_assert_neq(gp_dataset_make(&data, &choice, &common), GP_OK, "case %zu", c);
    cr_assert_not_null(strstr(gp_message(), cases[c].message), "%s", gp_message());
    cr_assert_null(data.x);
  }
}

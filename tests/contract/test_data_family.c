/* What every data set keeps, checked over the whole list with each option at its minimum, default and another
 * value: sizes that fit, one-hot targets that agree with labels, finite numbers, the same bits again, an
 * option that nothing reads is found. */
#include "../unit/data_case.h"

static const char csv_text[] = "p,q,kind\n1,2,x\n3,4,y\n5,6,x\n7,9,y\n-1,0,x\n";
static const char idx_images[] = "\0\0\x08\x02"
                                 "\0\0\0\x04"
                                 "\0\0\0\x03"
                                 "abcdefghijkl";
static const char idx_labels[] = "\0\0\x08\x01"
                                 "\0\0\0\x04"
                                 "\0\1\0\1";

/* Values for text options, by item: every required one must be here. */
static char csv_path[TEMP_PATH], images_path[TEMP_PATH], labels_path[TEMP_PATH];
static const struct {
  const char *item, *option, *value;
} given[] = {{"csv", "file", csv_path},
             {"csv", "target", "kind"},
             {"idx", "images", images_path},
             {"idx", "labels", labels_path}};

static void make_files(void) {
  temp_file(csv_path, csv_text, sizeof csv_text - 1);
  temp_file(images_path, idx_images, sizeof idx_images - 1);
  temp_file(labels_path, idx_labels, sizeof idx_labels - 1);
}

static void remove_files(void) {
  unlink(csv_path);
  unlink(images_path);
  unlink(labels_path);
}

static gp_choice filled(const gp_item *item) {
  gp_choice choice;
  gp_choice_set(&choice, item);
  for (size_t g = 0; g < sizeof given / sizeof *given; g++)
    if (strcmp(given[g].item, item->name) == 0) set_text(&choice, given[g].option, given[g].value);
  return choice;
}

static void check_classes(const gp_dataset *data, const char *name) {
  cr_assert_eq(data->outputs, data->classes, "%s", name);
  for (int64_t i = 0; i < data->train + data->test; i++)
    for (int64_t k = 0; k < data->classes; k++)
      cr_assert_eq(data->y[i * data->classes + k], data->label[i] == k ? 1.0 : 0.0, "%s row %lld", name,
                   (long long)i);
}

static void check_data(const gp_dataset *data, const char *name) {
  int64_t rows = data->train + data->test;
  cr_assert(data->train >= 1 && data->test >= 0 && data->features >= 1 && data->outputs >= 1, "%s", name);
  for (int64_t i = 0; i < rows * data->features; i++) cr_assert(isfinite(data->x[i]), "%s", name);
  for (int64_t i = 0; i < rows * data->outputs; i++) cr_assert(isfinite(data->y[i]), "%s", name);
  cr_assert_eq(data->label != NULL, data->classes > 0, "%s", name);
  cr_assert_neq(data->classes, 1, "%s", name);
  if (data->classes > 0) check_classes(data, name);
}

/* Makes it twice; leaves the hash in `hash`. */
static void check_choice(const gp_choice *choice, char hash[static GP_HASH_TEXT]) {
  gp_dataset a = make_default(choice), b = make_default(choice);
  check_data(&a, choice->item->name);
  cr_assert_str_eq(a.content_hash, b.content_hash, "%s", choice->item->name);
  memcpy(hash, a.content_hash, GP_HASH_TEXT);
  gp_dataset_free(&a);
  gp_dataset_free(&b);
}

/* A value in range that is not the default. */
static double other_value(const gp_option *o) {
  if (o->type == GP_OPTION_BOOL) return o->preset == 0;
  if (o->type == GP_OPTION_WORD) return o->preset == 0 ? 1 : 0;
  double base = isnan(o->preset) ? o->min : o->preset;
  return base + 3 <= o->max ? base + 3 : o->max;
}

Test(data_family, every_option_at_minimum_default_and_other) {
  make_files();
  for (const gp_item *const *item = gp_data_family.items; *item != NULL; item++) {
    char plain[GP_HASH_TEXT], changed[GP_HASH_TEXT];
    gp_choice choice = filled(*item);
    check_choice(&choice, plain);
    for (const gp_option *o = (*item)->options; o->name != NULL; o++) {
      if (o->type == GP_OPTION_STRING) continue;
      choice = filled(*item);
      set_number(&choice, o->name, o->min);
      if (o->type != GP_OPTION_WORD) check_choice(&choice, changed);
      /* xor at 4 rows has nothing to put noise on; the classes of the csv file are classes under `auto` too.
       */
      bool silent =
          (strcmp((*item)->name, "xor") == 0 && strcmp(o->name, "noise") == 0) || o->type == GP_OPTION_WORD;
      set_number(&choice, o->name, other_value(o));
      check_choice(&choice, changed);
      if (!silent) cr_assert_str_neq(plain, changed, "%s: nothing reads option %s", (*item)->name, o->name);
    }
  }
  remove_files();
}

Test(data_family, items_are_described) {
  for (const gp_item *const *item = gp_data_family.items; *item != NULL; item++) {
    cr_assert((*item)->name[0] != '\0' && (*item)->summary[0] != '\0' && (*item)->source != NULL);
    cr_assert_not_null(((const gp_data_item *)*item)->make);
    for (const gp_item *const *twin = gp_data_family.items; twin != item; twin++)
      cr_assert_str_neq((*twin)->name, (*item)->name);
    for (const gp_option *o = (*item)->options; o->name != NULL; o++) {
      cr_assert(o->summary[0] != '\0', "%s.%s", (*item)->name, o->name);
      bool number = o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT;
      cr_assert(!number || gp_option_in_range(o, o->preset), "%s.%s: default out of range", (*item)->name,
                o->name);
      cr_assert_leq(o->offset, GP_CHOICE_BYTES - sizeof(double), "%s.%s does not fit", (*item)->name,
                    o->name);
    }
  }
}

Test(data_family, required_options_are_asked_for) {
  static const char *const names[] = {"idx", "csv"};
  for (size_t n = 0; n < 2; n++) {
    gp_choice choice = choice_of(names[n]);
    gp_dataset data;
    cr_assert_eq(gp_dataset_make(&data, &choice, &common_default), GP_ERR_CONFIG);
    cr_assert_not_null(strstr(gp_message(), "data."), "%s", gp_message());
    cr_assert_null(data.x);
  }
}

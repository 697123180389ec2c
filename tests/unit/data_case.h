/* What the tests of data sets share: choices by name, options by name, temporary files. */
#ifndef DATA_CASE_H
#define DATA_CASE_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "dataset.h"

static const gp_data_common common_default = {.seed = 0, .first = INT64_MIN, .split = 0.8};

static inline gp_choice choice_of(const char *name) {
  gp_choice choice;
  const gp_item *item = gp_family_find(&gp_data_family, name);
  cr_assert_not_null(item, "no data set %s", name);
  gp_choice_set(&choice, item);
  return choice;
}

static inline void set_number(gp_choice *choice, const char *name, double value) {
  const gp_option *option = gp_option_find(choice->item->options, name);
  cr_assert_not_null(option, "no option %s", name);
  void *field = gp_option_field(option, choice->options);
  switch (option->type) {
  case GP_OPTION_REAL:
    *(double *)field = value;
    break;
  case GP_OPTION_INT:
    *(int64_t *)field = isnan(value) ? INT64_MIN : (int64_t)value;
    break;
  case GP_OPTION_BOOL:
    *(bool *)field = value != 0;
    break;
  case GP_OPTION_WORD:
    *(int *)field = (int)value;
    break;
  default:
    cr_assert_fail("option %s is no number", name);
  }
}

static inline void set_text(gp_choice *choice, const char *name, const char *text) {
  const gp_option *option = gp_option_find(choice->item->options, name);
  cr_assert(option != NULL && option->type == GP_OPTION_STRING, "no text option %s", name);
  *(const char **)gp_option_field(option, choice->options) = text;
}

static inline gp_dataset make_with(const gp_choice *choice, const gp_data_common *common) {
  gp_dataset data;
  gp_status status = gp_dataset_make(&data, choice, common);
  cr_assert_eq(status, GP_OK, "%s: %s", choice->item->name, gp_message());
  return data;
}

static inline gp_dataset make_default(const gp_choice *choice) {
  return make_with(choice, &common_default);
}

/* A file of those bytes under $TMPDIR; its path stays in `path`. */
enum { TEMP_PATH = 256 };

static inline void temp_path(char path[static TEMP_PATH]) {
  const char *folder = getenv("TMPDIR");
  snprintf(path, TEMP_PATH, "%s/gradpath-data-XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
  int fd = mkstemp(path);
  cr_assert_geq(fd, 0);
  close(fd);
}

static inline void temp_file(char path[static TEMP_PATH], const void *bytes, size_t length) {
  temp_path(path);
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(fwrite(bytes, 1, length, file), length);
  cr_assert_eq(fclose(file), 0);
}

static inline void temp_gzip(char path[static TEMP_PATH], const void *bytes, size_t length) {
  temp_path(path);
  gzFile file = gzopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(gzwrite(file, bytes, (unsigned)length), (int)length);
  cr_assert_eq(gzclose(file), Z_OK);
}

#endif

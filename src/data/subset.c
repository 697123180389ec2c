#include "subset.h"

#include <stdlib.h>
#include <string.h>

/* For every class of the data: its new number, -1 when it is left out; and how many training rows of it were kept. */
typedef struct subset {
  int32_t *number;
  int64_t *kept;
  int64_t classes; /* new ones */
} subset;

static gp_status bad_list(const char *list) {
  return gp_fail(GP_ERR_CONFIG,
                 "data.only_classes: '%s' is not a list of at least two different classes such as 3-5", list);
}

/* Reads "3-5": class 3 becomes 0, class 5 becomes 1. */
static gp_status read_list(subset *s, const char *list, int64_t classes) {
  const char *at = list;
  for (int64_t c = 0; c < classes; c++) s->number[c] = -1;
  for (;; at++) {
    char *end;
    if (*at < '0' || *at > '9') return bad_list(list);
    long long c = strtoll(at, &end, 10);
    if (c >= classes)
      return gp_fail(GP_ERR_CONFIG,
                     "data.only_classes: there is no class %lld; the data have the classes 0 to %lld", c,
                     (long long)classes - 1);
    if (s->number[c] >= 0 || (*end != '-' && *end != '\0')) return bad_list(list);
    s->number[c] = (int32_t)s->classes++;
    at = end;
    if (*at == '\0') return s->classes >= 2 ? GP_OK : bad_list(list);
  }
}

static void take_all(subset *s, int64_t classes) {
  for (int64_t c = 0; c < classes; c++) s->number[c] = (int32_t)c;
  s->classes = classes;
}

/* Row `from` becomes row `to` <= from, with its new class; targets may have become narrower. */
static void move_row(gp_dataset *data, int64_t to, int64_t from, int32_t label, int64_t classes) {
  size_t features = (size_t)data->features;
  memmove(data->x + (size_t)to * features, data->x + (size_t)from * features, features * sizeof *data->x);
  memset(data->y + to * classes, 0, (size_t)classes * sizeof *data->y);
  data->y[to * classes + label] = 1;
  data->label[to] = label;
}

static void keep_rows(gp_dataset *data, subset *s, int64_t per_class) {
  int64_t rows = data->train + data->test, train = 0, kept = 0;
  for (int64_t i = 0; i < rows; i++) {
    int32_t label = s->number[data->label[i]];
    bool trains = i < data->train;
    if (label < 0 || (trains && per_class >= 1 && s->kept[label] == per_class)) continue;
    s->kept[label] += trains;
    train += trains;
    move_row(data, kept++, i, label, s->classes);
  }
  data->train = train;
  data->test = kept - train;
  data->classes = data->outputs = s->classes;
}

static gp_status check_counts(const gp_dataset *data, const subset *s, int64_t per_class) {
  if (data->train == 0) return gp_fail(GP_ERR_DATA, "data.only_classes: no training row is of these classes");
  for (int64_t c = 0; c < s->classes && per_class >= 1; c++)
    if (s->kept[c] < per_class)
      return gp_fail(GP_ERR_DATA, "data.per_class: %lld, but only %lld training rows are of class %lld",
                     (long long)per_class, (long long)s->kept[c], (long long)c);
  return GP_OK;
}

gp_status gp_subset_keep(gp_dataset *data, const gp_data_common *common) {
  gp_status status = GP_OK;
  const char *key = common->only_classes != NULL ? "only_classes" : "per_class";
  if (!gp_subset_wanted(common)) return GP_OK;
  if (data->classes == 0)
    return gp_fail(GP_ERR_CONFIG, "data.%s: the data are regression and have no classes", key);
  subset s = {.number = calloc((size_t)data->classes, sizeof *s.number),
              .kept = calloc((size_t)data->classes, sizeof *s.kept)};
  if (s.number == NULL || s.kept == NULL)
    GP_TRY_DONE(gp_fail(GP_ERR_MEMORY, "out of memory while choosing rows"));
  if (common->only_classes != NULL)
    GP_TRY_DONE(read_list(&s, common->only_classes, data->classes));
  else
    take_all(&s, data->classes);
  keep_rows(data, &s, common->per_class);
  status = check_counts(data, &s, common->per_class);
done:
  free(s.number);
  free(s.kept);
  return status;
}

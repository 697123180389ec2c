/* Lane groups: which runs may share one. */
#include <string.h>

#include "lanes.h"
#include "text.h"
#include "trainer.h"

/* Settings whose value no shape depends on may differ between lanes; but 0 may switch an array or a step off (no
 * momentum, no decay), so 0 and not 0 are different shapes. */
static void add_number(gp_text *key, const gp_option *o, double value) {
  if (o->type == GP_OPTION_REAL && (o->flags & GP_NUMERIC))
    gp_text_add(key, "%s %d\n", o->name, value == 0);
  else if (!(o->flags & GP_NUMERIC))
    gp_text_add(key, "%s %.17g\n", o->name, value);
}

static void add_options(gp_text *key, const gp_option *options, const void *target) {
  for (const gp_option *o = options; o != NULL && o->name != NULL; o++) {
    const void *field = gp_option_value(o, target);
    switch (o->type) {
    case GP_OPTION_REAL:
      add_number(key, o, *(const double *)field);
      break;
    case GP_OPTION_INT:
      add_number(key, o, (double)*(const int64_t *)field);
      break;
    case GP_OPTION_BOOL:
      add_number(key, o, *(const bool *)field);
      break;
    case GP_OPTION_WORD:
      add_number(key, o, *(const int *)field);
      break;
    case GP_OPTION_STRING: {
      const char *text = *(const char *const *)field;
      gp_text_add(key, "%s %s\n", o->name, text != NULL ? text : "-");
      break;
    }
    case GP_OPTION_CHOICE: {
      const gp_choice *choice = field;
      gp_text_add(key, "%s %s\n", o->name, choice->item->name);
      add_options(key, choice->item->options, choice->options);
      break;
    }
    }
  }
}

/* Of the data only the sizes matter: lanes may train on different data. */
static void add_sizes(gp_text *key, const gp_spec *spec, const gp_dataset *data) {
  gp_text_add(key, "data %lld %lld %lld %lld %lld\n", (long long)data->train, (long long)data->test,
              (long long)data->features, (long long)data->outputs, (long long)data->classes);
  gp_text_add(key, "checkpoints");
  int64_t count = gp_spec_checkpoints(spec, NULL, 0);
  gp_text_add(key, " %d %lld %lld", spec->checkpoints.kind, (long long)spec->checkpoints.count,
              (long long)count);
  for (int64_t i = 0; i < spec->checkpoints.length; i++)
    gp_text_add(key, " %lld", (long long)spec->checkpoints.list[i]);
  gp_text_add(key, "\non %d %lld\n", spec->record_on, (long long)spec->record_first);
}

gp_status gp_lane_key(char out[static GP_HASH_TEXT], const gp_spec *spec, const gp_dataset *data) {
  gp_text key = {0};
  for (const gp_spec_section *section = gp_spec_sections(); section->key != NULL; section++)
    if (strcmp(section->key, "data") != 0) add_options(&key, section->options, spec);
  add_sizes(&key, spec, data);
  if (key.failed) return gp_fail(GP_ERR_MEMORY, "no memory for the shape of a run");
  gp_hash_text(out, key.data, key.length);
  gp_text_free(&key);
  return GP_OK;
}

int gp_lane_count(const gp_spec *spec) {
  return gp_spec_bits(spec) == 32 ? 16 : 8;
}

gp_status gp_train_prepare_lanes(gp_trainer *trainer, const gp_spec *const *specs,
                                 const gp_dataset *const *data, int count) {
  return gp_trainer_prepare_group(trainer, specs, data, count, gp_lane_count(specs[0]));
}

void gp_train_run_lanes(gp_trainer *trainer, const gp_run_limits *limits, enum gp_run_state *states) {
  gp_trainer_run_group(trainer, limits, states);
}

void gp_train_lane(const gp_trainer *trainer, int lane, gp_trace *out) {
  gp_trainer_trace(trainer, lane, out);
}

/* gradpath init: a configuration to begin with. Every key of the tables stands in it with its default and its meaning; the
 * few that make a first sweep are set, the others are comments. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "listing.h"
#include "parameters.h"
#include "run.h"

/* What a first sweep sets: a minute's work that shows gradients reaching back, or not. */
static const struct {
  const char *path, *value;
} chosen[] = {{"model.depth", "[1, 3, 10]"},          {"model.activation", "[sigmoid, relu]"},
              {"train.learning_rate", "[0.03, 0.3]"}, {"train.steps", "500"},
              {"record.checkpoints", "{log: 30}"},    {"seed", "0..2"}};

static const char *chosen_value(const char *path) {
  for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
    if (strcmp(chosen[i].path, path) == 0) return chosen[i].value;
  return NULL;
}

/* The default as the configuration writes it; NULL when there is none to write. */
static const char *default_value(const gp_parameter *p, char buffer[static 64]) {
  gp_spec spec;
  if (p->form == GP_FORM_CHECKPOINTS) {
    gp_spec_default(&spec);
    snprintf(buffer, 64, "{%s: %lld}", spec.checkpoints.kind == 0 ? "log" : "every",
             (long long)spec.checkpoints.count);
    return buffer;
  }
  const gp_option *o = p->option;
  if (o->type != GP_OPTION_STRING || o->preset_text != NULL) return listing_default(o, buffer);
  return o->flags & GP_AUTO ? "auto" : NULL;
}

/* "  # width: 32                     # units of a hidden layer (1 <= x <= 65536)" */
static void add_line(gp_text *out, const char *indent, const char *key, const char *value, bool set,
                     const gp_option *o) {
  enum { COLUMN = 34 };
  char range[256], front[128];
  bool ranged = o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT || o->type == GP_OPTION_WORD;
  listing_range(o, range);
  snprintf(front, sizeof front, "%s%s%s: %s", indent, set ? "" : "# ", key, value);
  gp_text_add(out, "%-*s # %s%s%s%s\n", COLUMN, front, o->summary, ranged && range[0] ? " (" : "",
              ranged ? range : "", ranged && range[0] ? ")" : "");
}

/* The names of a family, in comment lines. */
static void add_items(gp_text *out, const char *indent, const gp_family *family) {
  enum { WIDTH = 100 };
  size_t width = WIDTH;
  for (const gp_item *const *i = family->items; *i != NULL; i++) {
    size_t length = strlen((*i)->name) + 2;
    if (width + length > WIDTH) {
      gp_text_add(out, "%s%s#     ", i == family->items ? "" : ",\n", indent);
      width = strlen(indent) + 6;
    } else {
      gp_text_add(out, ", ");
    }
    gp_text_add(out, "%s", (*i)->name);
    width += length;
  }
  gp_text_add(out, "\n");
}

/* In a section that is a comment itself (not `open`) the keys are indented within the comment. */
static void add_parameter(gp_text *out, const char *indent, const gp_parameter *p, bool open) {
  char buffer[64];
  const char *value = chosen_value(p->path);
  bool set = value != NULL;
  if (!set) value = default_value(p, buffer);
  if (value == NULL) return;
  add_line(out, open ? indent : "#   ", p->key, value, set || !open, p->option);
  if (p->option->type == GP_OPTION_CHOICE) add_items(out, indent, p->option->family);
}

/* The data set is named, with the options it has; what all data sets share follows. */
static void add_data(gp_text *out, const gp_parameters *list, const gp_parameter *data) {
  char buffer[64];
  const gp_item *item = gp_family_find(data->option->family, data->option->preset_text);
  add_line(out, "  ", "name", item->name, true, data->option);
  add_items(out, "  ", data->option->family);
  for (const gp_option *o = item->options; o != NULL && o->name != NULL; o++)
    add_line(out, "  ", o->name, listing_default(o, buffer), false, o);
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].section == data->section && list->items[i].choice == NULL && &list->items[i] != data &&
        list->items[i].form != GP_FORM_HIDDEN)
      add_parameter(out, "  ", &list->items[i], true);
}

/* Whether the first sweep sets a key of the section; one of nothing but comments would be empty. */
static bool has_chosen(const gp_parameters *list, const gp_spec_section *section) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].section == section && chosen_value(list->items[i].path) != NULL) return true;
  return false;
}

static void add_section(gp_text *out, const gp_parameters *list, const gp_spec_section *section) {
  bool root = section->key[0] == '\0', data = strcmp(section->key, "data") == 0;
  bool open = data || has_chosen(list, section);
  gp_text_add(out, "\n");
  if (!root) gp_text_add(out, "%s%s: # %s\n", open ? "" : "# ", section->key, section->summary);
  if (data) {
    add_data(out, list, gp_parameter_find(list, "data"));
    return;
  }
  for (size_t i = 0; i < list->count; i++) {
    const gp_parameter *p = &list->items[i];
    if (p->section == section && p->choice == NULL && p->form != GP_FORM_HIDDEN)
      add_parameter(out, root ? "" : "  ", p, open);
  }
}

static gp_status write_text(gp_text *out, const char *study) {
  gp_pool pool = {0};
  gp_parameters list;
  size_t count;
  const gp_variable *taken = gp_train_variables(&count);
  gp_status status = gp_parameters_make(&list, &pool, taken, count);
  if (status == GP_OK) {
    gp_text_add(
        out,
        "# A sweep: every value may be a list or a range (1..5, 0..1..0.1, {from: 1e-3, to: 1, points: 4, "
        "scale: log}),\n# and lists multiply. Lines that begin with # are defaults. See gradpath help "
        "config.\n"
        "study: %s\nquestion: How far back does the gradient reach?\n",
        study);
    for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++) add_section(out, &list, s);
    if (out->failed) status = gp_fail(GP_ERR_MEMORY, "out of memory");
  }
  gp_pool_free(&pool);
  return status;
}

/* O_EXCL: what is there stays, whoever made it. */
static gp_status write_file(const char *path, const gp_text *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST)
    return gp_fail(GP_ERR_USAGE, "%s is there already and is left as it is", path);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (file == NULL) return gp_fail(GP_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  bool fine = fwrite(text->data, 1, text->length, file) == text->length;
  if (fclose(file) == 0 && fine) return GP_OK;
  gp_fail(GP_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  unlink(path);
  return GP_ERR_IO;
}

/* NAME, or the path of a file to make: its study is the last part without .yaml. */
static void names(gp_text *path, gp_text *study, const char *name) {
  const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name;
  size_t length = strlen(base);
  bool suffix = length > 5 && strcmp(base + length - 5, ".yaml") == 0;
  gp_text_add(path, "%s%s", name, suffix ? "" : ".yaml");
  gp_text_add(study, "%.*s", (int)(suffix ? length - 5 : length), base);
}

static gp_status run(const cli_call *call) {
  gp_text path = {0}, study = {0}, text = {0};
  gp_plan *plan = NULL;
  gp_status status;
  names(&path, &study, call->operands[0]);
  if (path.failed || study.failed) return gp_fail(GP_ERR_MEMORY, "out of memory");
  GP_TRY_DONE(write_text(&text, study.data));
  GP_TRY_DONE(gp_plan_load_text(&plan, path.data, text.data)); /* a name that names no file is refused here */
  GP_TRY_DONE(write_file(path.data, &text));
  printf("%s: %zu runs; next: gradpath plan %s\n", path.data, gp_plan_runs(plan), path.data);
done:
  gp_plan_free(plan);
  gp_text_free(&path);
  gp_text_free(&study);
  gp_text_free(&text);
  return status;
}

extern const cli_command cli_init;
const cli_command cli_init = {
    .name = "init",
    .operands = "NAME",
    .summary = "Write a commented configuration to begin with: NAME.yaml",
    .details = "Every key stands in it with its default, range and meaning, ready to be changed; a first "
               "sweep is set. "
               "A file\n"
               "that is there already is left alone.\n"
               "\n"
               "Example:\n"
               "  gradpath init my-study && gradpath run my-study.yaml\n",
    .flags = NULL,
    .least = 1,
    .most = 1,
    .run = run,
};

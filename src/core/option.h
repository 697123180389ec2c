/* Items, options, families: how everything that has a name and settings is described once.
 *
 * An item (an activation, a data set, an optimiser, a probe ...) is a const literal whose first member is a
 * struct gp_item; its settings are a struct of its own, described by a table of gp_option rows that bind each
 * setting to a field, with default, range and help. A family is an explicit list of items. The config reader,
 * `list`, help, canonical text, file columns and tests are all driven by these tables.
 *
 * Binding a row to a field of the wrong type does not compile: GP_REAL wants a double, GP_INT an int64_t,
 * GP_BOOL a bool, GP_WORD an int (index into a NULL-terminated word list), GP_STRING a const char *. */
#ifndef GP_OPTION_H
#define GP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gp_option_type {
  GP_OPTION_REAL,   /* double */
  GP_OPTION_INT,    /* int64_t */
  GP_OPTION_BOOL,   /* bool */
  GP_OPTION_WORD,   /* int, index into words */
  GP_OPTION_STRING, /* const char *, owned by the reader of the configuration */
  GP_OPTION_CHOICE  /* struct gp_choice: an item of `family` with its own options */
} gp_option_type;

enum gp_option_flags {
  GP_OPEN_MIN = 1, /* the minimum itself is not allowed */
  GP_OPEN_MAX = 2, /* the maximum itself is not allowed */
  GP_AUTO = 4,     /* the word `auto` is allowed and stored as NaN (real), INT64_MIN (int), NULL (string) */
  GP_REQUIRED = 8, /* has no default: must be given */
  GP_NUMERIC = 16, /* lanes of one group may differ in it: no shape depends on it */
  GP_PATH = 32, /* a file path, or a place in the file: the content, not its name, enters a run's identity */
  GP_UNSIGNED = 64, /* an int that is stored as a u64 column (seeds) */
  GP_LATER =
      128 /* a key of a section that was added when there were files already: its default, which changes no
                       number, is left out of the canonical text, so that runs keep their identities */
};

struct gp_family;

typedef struct gp_option {
  const char *name, *summary, *units; /* units "1" when dimensionless */
  gp_option_type type;
  unsigned flags;
  size_t offset;
  double preset, min, max;        /* default and range of a number (bool: preset 0 or 1, word: index) */
  const char *preset_text;        /* default of a string, or of a choice by item name */
  const char *const *words;       /* NULL-terminated, for words */
  const struct gp_family *family; /* for choices */
} gp_option;

typedef struct gp_item {
  const char *name, *summary, *source; /* source: paper and equation, or "" */
  const struct gp_option *options;     /* ended by a row without a name; NULL when it has none */
} gp_item;

typedef struct gp_family {
  const char *name, *summary;         /* singular: "activation" */
  const struct gp_item *const *items; /* NULL-terminated */
} gp_family;

enum { GP_CHOICE_BYTES = 160 };

/* An item and its settings. `options` holds the item's own settings struct. The other members are never named: they
 * tell the compiler what types lie in those bytes, without which it may (and gcc 12 at -O2 does) move the copy
 * of a choice in front of the store of an option, because no such type is part of the struct. */
typedef struct gp_choice {
  const gp_item *item;
  union {
    unsigned char options[GP_CHOICE_BYTES];
    double real_alias;
    int64_t integer_alias;
    const void *pointer_alias;
    int word_alias;
    bool flag_alias;
  };
} gp_choice;

#define GP_FIELD(S, field, T) (offsetof(S, field) + 0 * sizeof(_Generic(&((S *)0)->field, T * : 1)))

/* Rows. Trailing arguments are designated initialisers: .flags, .units, .preset_text ... */
#define GP_REAL(S, field, label, default_, min_, max_, help, ...)                                            \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_REAL,                                    \
    .offset = GP_FIELD(S, field, double), .preset = default_, .min = min_, .max = max_, ##__VA_ARGS__        \
  }
#define GP_INT(S, field, label, default_, min_, max_, help, ...)                                             \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_INT,                                     \
    .offset = GP_FIELD(S, field, int64_t), .preset = default_, .min = min_, .max = max_, ##__VA_ARGS__       \
  }
#define GP_BOOL(S, field, label, default_, help, ...)                                                        \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_BOOL,                                    \
    .offset = GP_FIELD(S, field, bool), .preset = default_, .min = 0, .max = 1, ##__VA_ARGS__                \
  }
#define GP_WORD(S, field, label, words_, default_, help, ...)                                                \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_WORD, .offset = GP_FIELD(S, field, int), \
    .preset = default_, .words = words_, ##__VA_ARGS__                                                       \
  }
#define GP_STRING(S, field, label, default_, help, ...)                                                      \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_STRING,                                  \
    .offset = GP_FIELD(S, field, const char *), .preset_text = default_, ##__VA_ARGS__                       \
  }
#define GP_CHOICE(S, field, label, family_, default_, help, ...)                                             \
  {                                                                                                          \
    .name = label, .summary = help, .units = "1", .type = GP_OPTION_CHOICE,                                  \
    .offset = GP_FIELD(S, field, gp_choice), .preset_text = default_, .family = family_, ##__VA_ARGS__       \
  }
#define GP_OPTIONS_END                                                                                       \
  { .name = NULL }

/* Writes every default of the table into the struct at `target` (choices recursively). */
void gp_options_default(void *target, const gp_option *options);

/* The row of that name, or NULL. */
const gp_option *gp_option_find(const gp_option *options, const char *name);

/* The item of that name in the family, or NULL. */
const gp_item *gp_family_find(const gp_family *family, const char *name);

/* Makes `choice` the item with its default settings. */
void gp_choice_set(gp_choice *choice, const gp_item *item);

/* Whether a numeric value lies in the row's range (open ends considered; NaN only under GP_AUTO). */
bool gp_option_in_range(const gp_option *option, double value);

/* The field a row is bound to. */
static inline void *gp_option_field(const gp_option *option, void *target) {
  return (unsigned char *)target + option->offset;
}
static inline const void *gp_option_value(const gp_option *option, const void *target) {
  return (const unsigned char *)target + option->offset;
}

#endif

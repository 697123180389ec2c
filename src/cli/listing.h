/* What can be named in a configuration or on the command line, as one list of families, for `list`. */
#ifndef GP_LISTING_H
#define GP_LISTING_H

#include <stdio.h>

#include "option.h"

/* A family to list: the items of the library, the studies, the charts, or the sections of the configuration. */
typedef struct listing {
  const char *name, *plural, *summary;
  const gp_item *items; /* ended by an item without a name */
} listing;

enum { LISTING_MAX = 32, LISTING_ITEMS = 512, LISTING_ROWS = 256 };

typedef struct listings {
  listing families[LISTING_MAX];
  size_t count;
  gp_item items[LISTING_ITEMS]; /* copies: families lay theirs out differently */
  size_t item_count;
  gp_option rows[LISTING_ROWS]; /* keys of the sections, each section's ended by a row without a name */
  size_t row_count;
} listings;

/* The family of that plural name in a list that is made once and lives on, or NULL. */
const listing *listing_named(const char *plural);

/* Collects them. `all` is large: not for the stack of a small thread. */
void listings_make(listings *all);

/* Range of an option for people: "0 < x <= 1", "one of a, b", "path"; "" when there is none to state. */
const char *listing_range(const gp_option *option, char buffer[static 256]);
/* Its default: "0.1", "auto", "required". */
const char *listing_default(const gp_option *option, char buffer[static 64]);
/* "number", "integer", "boolean", "word", "text", "item". */
const char *listing_type(const gp_option *option);

/* For people, broken at the width; SIZE_MAX: a line for each item and option, to be searched. */
void listing_print(const listing *family, bool options, size_t width);
void listing_markdown(const listing *family);
/* A JSON object of the families. */
void listings_json(const listing *families, size_t count);

#endif

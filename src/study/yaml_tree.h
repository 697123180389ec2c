/* A YAML text as a small tree with positions: the only code of the house that knows libyaml.
 *
 * Taken are mappings with plain keys, lists and scalars; refused are anchors, aliases, tags, further documents, nesting
 * past 16, texts past 1 MiB, NUL, control characters, text that is not UTF-8, and repeated keys. Scalars stay text:
 * what is a number is decided by who reads it (so `no` is a word, and 1e-3 a number). */
#ifndef GP_YAML_TREE_H
#define GP_YAML_TREE_H

#include <stdbool.h>

#include "diagnose.h"
#include "pool.h"

enum { GP_TREE_DEPTH_MAX = 16, GP_TREE_BYTES_MAX = 1 << 20, GP_TREE_KEYS_MAX = 500 };

typedef enum gp_node_kind { GP_NODE_SCALAR, GP_NODE_LIST, GP_NODE_MAP } gp_node_kind;

typedef struct gp_node {
  gp_node_kind kind;
  bool plain; /* scalar without quotes: may be a range */
  gp_mark mark;
  const char *text; /* of a scalar; line breaks are blanks */
  const char *key;  /* of a member of a mapping, else NULL */
  gp_mark key_mark;
  struct gp_node *first, *next; /* members of a list or mapping */
  size_t count;                 /* how many */
} gp_node;

/* Reads a whole text. Everything lives in the pool; the source must outlive it. GP_ERR_CONFIG with the place,
 * GP_ERR_MEMORY. */
gp_status gp_tree_parse(gp_pool *pool, const gp_source *source, gp_node **root);

/* Whether the text is UTF-8 without control characters and not too long: GP_ERR_CONFIG with the place. */
gp_status gp_source_check(const gp_source *source);

/* The member of a mapping with that key, or NULL. */
gp_node *gp_node_member(const gp_node *map, const char *key);

/* "a mapping", "a list", "a word": for messages. */
const char *gp_node_kind_text(const gp_node *node);

#endif

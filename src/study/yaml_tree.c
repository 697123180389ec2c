/* libyaml's events as a tree; see yaml_tree.h. The event interface, because libyaml 0.2.5's own document loader has no
 * depth limit: 200 kB of '[' keep it busy for a minute. */
#include "yaml_tree.h"

#include <string.h>
#include <yaml.h>

typedef struct reader {
  gp_pool *pool;
  const gp_source *source;
  gp_node *open[GP_TREE_DEPTH_MAX]; /* lists and mappings not yet closed */
  gp_node *last[GP_TREE_DEPTH_MAX]; /* the newest member of each */
  int depth;
  const char *key; /* read, waiting for its value */
  gp_mark key_mark;
  gp_node *root;
  int documents;
} reader;

const char *gp_node_kind_text(const gp_node *node) {
  static const char *const texts[] = {"a word", "a list", "a mapping"};
  return texts[node->kind];
}

gp_node *gp_node_member(const gp_node *map, const char *key) {
  for (gp_node *n = map->first; n != NULL; n = n->next)
    if (n->key != NULL && strcmp(n->key, key) == 0) return n;
  return NULL;
}

/* ---- the text itself ---- */

/* Bytes of the UTF-8 character at `s` (RFC 3629: shortest form, no surrogates, at most U+10FFFF); 0: none. */
static size_t utf8_length(const unsigned char *s, size_t left) {
  if (s[0] < 0x80) return 1;
  size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || left < n) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
  if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
  return n;
}

/* libyaml gives a line to few of these errors, so they are found before it reads. */
gp_status gp_source_check(const gp_source *source) {
  const unsigned char *s = (const unsigned char *)source->text;
  if (source->length > GP_TREE_BYTES_MAX)
    return gp_fail(GP_ERR_CONFIG, "%s: error: %zu bytes; a configuration has at most %d", source->name,
                   source->length, GP_TREE_BYTES_MAX);
  for (size_t i = 0; i < source->length;) {
    size_t n = utf8_length(s + i, source->length - i);
    if (n == 0) return gp_fail_at(GP_ERR_CONFIG, gp_mark_of(source, i), "the text is not UTF-8 here");
    bool blank = s[i] == '\t' || s[i] == '\n' || s[i] == '\r';
    if ((s[i] < 0x20 && !blank) || s[i] == 0x7f)
      return gp_fail_at(GP_ERR_CONFIG, gp_mark_of(source, i), "control character 0x%02x in the text", s[i]);
    i += n;
  }
  return GP_OK;
}

static gp_mark mark_at(const reader *r, yaml_mark_t mark) {
  return (gp_mark){r->source, (int)mark.line + 1, (int)mark.column + 1};
}

static gp_status fail_parser(const reader *r, const yaml_parser_t *parser) {
  if (parser->error == YAML_MEMORY_ERROR) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", r->source->name);
  gp_mark mark = parser->error == YAML_READER_ERROR ? gp_mark_of(r->source, parser->problem_offset)
                                                    : mark_at(r, parser->problem_mark);
  const char *context = parser->context != NULL ? parser->context : "";
  return gp_fail_at(GP_ERR_CONFIG, mark, "%s%s%s", parser->problem != NULL ? parser->problem : "not YAML",
                    context[0] != '\0' ? " " : "", context);
}

/* ---- nodes ---- */

static gp_status out_of_memory(const reader *r) {
  return gp_fail(GP_ERR_MEMORY, "%s: out of memory", r->source->name);
}

/* A scalar's text with its line breaks as blanks. NULL when there is no memory; control characters written as escapes
 * are an error of the caller's. */
static char *scalar_text(gp_pool *pool, const yaml_event_t *event) {
  const char *value = (const char *)event->data.scalar.value;
  size_t length = event->data.scalar.length;
  while (length > 0 && value[length - 1] == '\n') length--;
  char *text = gp_pool_text(pool, value, length);
  for (size_t i = 0; text != NULL && i < length; i++)
    if (text[i] == '\n') text[i] = ' ';
  return text;
}

static bool has_control(const yaml_event_t *event) {
  for (size_t i = 0; i < event->data.scalar.length; i++) {
    unsigned char byte = event->data.scalar.value[i];
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return true;
  }
  return false;
}

static gp_status check_event(const reader *r, const yaml_event_t *event) {
  const yaml_char_t *anchor = NULL, *tag = NULL;
  gp_mark mark = mark_at(r, event->start_mark);
  switch (event->type) {
  case YAML_ALIAS_EVENT:
    return gp_fail_at(GP_ERR_CONFIG, mark, "aliases are not taken; write the value again");
  case YAML_SCALAR_EVENT:
    anchor = event->data.scalar.anchor;
    tag = event->data.scalar.tag;
    if (has_control(event)) return gp_fail_at(GP_ERR_CONFIG, mark, "control character in a text");
    break;
  case YAML_SEQUENCE_START_EVENT:
    anchor = event->data.sequence_start.anchor;
    tag = event->data.sequence_start.tag;
    break;
  case YAML_MAPPING_START_EVENT:
    anchor = event->data.mapping_start.anchor;
    tag = event->data.mapping_start.tag;
    break;
  default:
    break;
  }
  if (anchor != NULL) return gp_fail_at(GP_ERR_CONFIG, mark, "anchors (&name) are not taken");
  if (tag != NULL) return gp_fail_at(GP_ERR_CONFIG, mark, "tags (!name) are not taken");
  return GP_OK;
}

/* Hangs a node into what is open: as the next item of a list, as the value of the key that waits, or as the root. */
static gp_status attach(reader *r, gp_node *node) {
  if (r->depth == 0) {
    r->root = node;
    return GP_OK;
  }
  gp_node *parent = r->open[r->depth - 1], **last = &r->last[r->depth - 1];
  if (parent->kind == GP_NODE_MAP) {
    node->key = r->key;
    node->key_mark = r->key_mark;
    r->key = NULL;
  }
  if (*last == NULL)
    parent->first = node;
  else
    (*last)->next = node;
  *last = node;
  parent->count++;
  return GP_OK;
}

static gp_status take_key(reader *r, const yaml_event_t *event) {
  gp_mark mark = mark_at(r, event->start_mark);
  const gp_node *map = r->open[r->depth - 1];
  if (event->type != YAML_SCALAR_EVENT) return gp_fail_at(GP_ERR_CONFIG, mark, "a key must be a word");
  if (map->count >= GP_TREE_KEYS_MAX)
    return gp_fail_at(GP_ERR_CONFIG, mark, "more than %d keys in a mapping", GP_TREE_KEYS_MAX);
  char *key = scalar_text(r->pool, event);
  if (key == NULL) return out_of_memory(r);
  const gp_node *earlier = gp_node_member(map, key);
  if (earlier != NULL)
    return gp_fail_at(GP_ERR_CONFIG, mark, "key '%.60s' is repeated; it stands in line %d already", key,
                      earlier->key_mark.line);
  r->key = key;
  r->key_mark = mark;
  return GP_OK;
}

static gp_status take_node(reader *r, const yaml_event_t *event, gp_node_kind kind) {
  if (r->depth > 0 && r->open[r->depth - 1]->kind == GP_NODE_MAP && r->key == NULL) return take_key(r, event);
  gp_node *node = gp_pool_take(r->pool, 1, sizeof *node);
  if (node == NULL) return out_of_memory(r);
  *node = (gp_node){.kind = kind, .mark = mark_at(r, event->start_mark)};
  if (kind == GP_NODE_SCALAR) {
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = scalar_text(r->pool, event);
    if (node->text == NULL) return out_of_memory(r);
    return attach(r, node);
  }
  if (r->depth == GP_TREE_DEPTH_MAX)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "nested more than %d deep", GP_TREE_DEPTH_MAX);
  GP_TRY(attach(r, node));
  r->last[r->depth] = NULL;
  r->open[r->depth++] = node;
  return GP_OK;
}

static gp_status take_event(reader *r, const yaml_event_t *event) {
  GP_TRY(check_event(r, event));
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    if (++r->documents > 1)
      return gp_fail_at(GP_ERR_CONFIG, mark_at(r, event->start_mark), "a second document; one is taken");
    return GP_OK;
  case YAML_SCALAR_EVENT:
    return take_node(r, event, GP_NODE_SCALAR);
  case YAML_SEQUENCE_START_EVENT:
    return take_node(r, event, GP_NODE_LIST);
  case YAML_MAPPING_START_EVENT:
    return take_node(r, event, GP_NODE_MAP);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    r->depth--;
    return GP_OK;
  default:
    return GP_OK;
  }
}

static gp_status take_all(reader *r, yaml_parser_t *parser) {
  for (bool more = true; more;) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event)) return fail_parser(r, parser);
    more = event.type != YAML_STREAM_END_EVENT;
    gp_status status = take_event(r, &event);
    yaml_event_delete(&event);
    GP_TRY(status);
  }
  return GP_OK;
}

gp_status gp_tree_parse(gp_pool *pool, const gp_source *source, gp_node **root) {
  GP_TRY(gp_source_check(source));
  reader r = {.pool = pool, .source = source};
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) return out_of_memory(&r);
  yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->length);
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  gp_status status = take_all(&r, &parser);
  yaml_parser_delete(&parser);
  if (status == GP_OK && r.root == NULL)
    status = gp_fail(GP_ERR_CONFIG, "%s: error: the configuration is empty", source->name);
  *root = r.root;
  return status;
}

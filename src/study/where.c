/* sweep.where: parsed to postfix, evaluated on a small stack; see where.h. */
#include "where.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { OPS_MAX = 256, NESTING_MAX = 32, WORD_BYTES = 64, NAMES_MAX = 512 };

typedef enum op_kind {
  OP_NUMBER,
  OP_TEXT,
  OP_PARAMETER,
  OP_NOT,
  OP_MINUS,
  OP_OR,
  OP_AND,
  OP_EQUAL,
  OP_UNEQUAL,
  OP_LESS_EQUAL,
  OP_GREATER_EQUAL,
  OP_LESS,
  OP_GREATER,
  OP_ADD,
  OP_SUBTRACT,
  OP_MULTIPLY,
  OP_DIVIDE,
  OP_MODULO
} op_kind;

typedef struct op {
  op_kind kind;
  bool is_text; /* what it yields */
  double number;
  const char *text;
  const gp_parameter *parameter;
} op;

struct gp_where {
  op ops[OPS_MAX];
  size_t count;
};

/* Two-place operators, weakest first; words end at a letter that is no part of them. */
static const struct {
  int level;
  const char *token;
  op_kind kind;
} operators[] = {
    {0, "or", OP_OR},      {0, "||", OP_OR},      {1, "and", OP_AND},       {1, "&&", OP_AND},
    {2, "==", OP_EQUAL},   {2, "!=", OP_UNEQUAL}, {2, "<=", OP_LESS_EQUAL}, {2, ">=", OP_GREATER_EQUAL},
    {2, "<", OP_LESS},     {2, ">", OP_GREATER},  {3, "+", OP_ADD},         {3, "-", OP_SUBTRACT},
    {4, "*", OP_MULTIPLY}, {4, "/", OP_DIVIDE},   {4, "%", OP_MODULO}};
enum { OPERATORS = sizeof operators / sizeof operators[0], UNARY_LEVEL = 5, COMPARISON_LEVEL = 2 };

typedef struct parser {
  gp_pool *pool;
  const gp_parameters *parameters;
  const gp_node *node;
  const char *at;
  gp_where *where;
  int nesting;
} parser;

static gp_mark mark_here(const parser *p, const char *at) {
  gp_mark mark = p->node->mark;
  mark.column += (int)(at - p->node->text) + !p->node->plain;
  return mark;
}

static void skip_blanks(parser *p) {
  p->at += strspn(p->at, " \t");
}

static bool is_name(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static bool accept(parser *p, const char *token) {
  size_t n = strlen(token);
  skip_blanks(p);
  if (strncmp(p->at, token, n) != 0) return false;
  if (isalpha((unsigned char)token[0]) && is_name(p->at[n])) return false;
  p->at += n;
  return true;
}

static gp_status emit(parser *p, op o) {
  if (p->where->count == OPS_MAX)
    return gp_fail_at(GP_ERR_CONFIG, p->node->mark, "where: an expression of more than %d parts", OPS_MAX);
  p->where->ops[p->where->count++] = o;
  return GP_OK;
}

/* ---- names ---- */

static bool yields_text(const gp_parameter *p) {
  gp_option_type type = p->option->type;
  return type == GP_OPTION_WORD || type == GP_OPTION_STRING || type == GP_OPTION_CHOICE;
}

static gp_status fail_name(const parser *p, const char *at, const char *word) {
  const char *names[NAMES_MAX];
  size_t count = 0;
  for (size_t i = 0; i < p->parameters->count && count < NAMES_MAX; i++)
    names[count++] = p->parameters->items[i].column;
  return gp_fail_unknown(mark_here(p, at), "name in where", word, names, count);
}

static gp_status parse_name(parser *p) {
  char word[WORD_BYTES];
  const char *candidates[8], *at = p->at;
  size_t n = 0, count;
  while (is_name(p->at[n])) n++;
  if (n >= sizeof word)
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: '%.60s...' is no name", at);
  memcpy(word, at, n);
  word[n] = '\0';
  p->at += n;
  if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
    return emit(p, (op){.kind = OP_NUMBER, .number = word[0] == 't'});
  const gp_parameter *parameter = gp_parameter_named(p->parameters, word, candidates, 8, &count);
  if (count > 1)
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: '%s' is ambiguous: %s or %s", word,
                      candidates[0], candidates[1]);
  if (parameter != NULL && (parameter->form == GP_FORM_CHECKPOINTS))
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: %s cannot be compared", word);
  if (parameter != NULL)
    return emit(p, (op){.kind = OP_PARAMETER, .is_text = yields_text(parameter), .parameter = parameter});
  const char *text = gp_pool_text(p->pool, word, n);
  if (text == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for sweep.where");
  return emit(p, (op){.kind = OP_TEXT, .is_text = true, .text = text});
}

static gp_status parse_quoted(parser *p) {
  char quote = *p->at;
  const char *end = strchr(p->at + 1, quote);
  if (end == NULL) return gp_fail_at(GP_ERR_CONFIG, mark_here(p, p->at), "where: a quote is not closed");
  const char *text = gp_pool_text(p->pool, p->at + 1, (size_t)(end - p->at) - 1);
  p->at = end + 1;
  if (text == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for sweep.where");
  return emit(p, (op){.kind = OP_TEXT, .is_text = true, .text = text});
}

static gp_status parse_number(parser *p) {
  char *end;
  double number = strtod(p->at, &end);
  if (end == p->at || is_name(*end))
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, p->at), "where: '%.20s' is no number", p->at);
  p->at = end;
  return emit(p, (op){.kind = OP_NUMBER, .number = number});
}

/* ---- the grammar ---- */

static gp_status parse_level(parser *p, int level);

static const op *last_op(const parser *p) {
  return &p->where->ops[p->where->count - 1];
}

/* An operand that must be a number but is a word: most likely a name with a slip. */
static gp_status need_number(const parser *p, const op *o, const char *at) {
  if (!o->is_text) return GP_OK;
  if (o->kind == OP_TEXT) return fail_name(p, at, o->text);
  return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: %s is a word and cannot be used as a number",
                    o->parameter != NULL ? o->parameter->path : "this");
}

static gp_status parse_unary(parser *p) {
  skip_blanks(p);
  const char *at = p->at;
  if (p->nesting >= NESTING_MAX)
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: nested more than %d deep", NESTING_MAX);
  if (accept(p, "-")) {
    p->nesting++;
    GP_TRY(parse_unary(p));
    p->nesting--;
    GP_TRY(need_number(p, last_op(p), at + 1));
    return emit(p, (op){.kind = OP_MINUS});
  }
  if (accept(p, "(")) {
    p->nesting++;
    GP_TRY(parse_level(p, 0));
    p->nesting--;
    if (accept(p, ")")) return GP_OK;
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, p->at), "where: ')' is missing");
  }
  if (*at == '\'' || *at == '"') return parse_quoted(p);
  if (isdigit((unsigned char)*at) || *at == '.') return parse_number(p);
  if (isalpha((unsigned char)*at) || *at == '_') return parse_name(p);
  if (*at == '\0') return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: the expression ends too early");
  return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: '%.10s' was not expected", at);
}

static gp_status parse_not(parser *p) {
  skip_blanks(p);
  const char *at = p->at;
  bool negated = accept(p, "not") || (p->at[0] == '!' && p->at[1] != '=' && accept(p, "!"));
  if (!negated) return parse_level(p, COMPARISON_LEVEL);
  if (++p->nesting >= NESTING_MAX)
    return gp_fail_at(GP_ERR_CONFIG, mark_here(p, at), "where: nested more than %d deep", NESTING_MAX);
  GP_TRY(parse_not(p));
  p->nesting--;
  GP_TRY(need_number(p, last_op(p), at));
  return emit(p, (op){.kind = OP_NOT});
}

/* The word on one side must be one that the parameter on the other can take. */
static gp_status check_word(const parser *p, const op *parameter, const op *text, const char *at) {
  const char *legal[NAMES_MAX];
  size_t count = 0;
  if (parameter->kind != OP_PARAMETER || text->kind != OP_TEXT) return GP_OK;
  const gp_option *o = parameter->parameter->option;
  if (o->type == GP_OPTION_STRING) return GP_OK;
  for (size_t i = 0; o->type == GP_OPTION_WORD && o->words[i] != NULL; i++) legal[count++] = o->words[i];
  for (size_t i = 0; o->type == GP_OPTION_CHOICE && o->family->items[i] != NULL && count < NAMES_MAX; i++)
    legal[count++] = o->family->items[i]->name;
  for (size_t i = 0; i < count; i++)
    if (strcmp(legal[i], text->text) == 0) return GP_OK;
  return gp_fail_unknown(mark_here(p, at), o->name, text->text, legal, count);
}

static gp_status check_operands(const parser *p, op_kind kind, const op *left, const op *right,
                                const char *at, const char *at_right) {
  bool compares = kind == OP_EQUAL || kind == OP_UNEQUAL;
  if (compares && left->is_text && right->is_text) {
    GP_TRY(check_word(p, left, right, at_right));
    return check_word(p, right, left, at);
  }
  GP_TRY(need_number(p, left, at));
  return need_number(p, right, at_right);
}

static int operator_at(parser *p, int level) {
  for (int i = 0; i < OPERATORS; i++)
    if (operators[i].level == level && accept(p, operators[i].token)) return i;
  return -1;
}

static gp_status parse_below(parser *p, int level) {
  if (level == 1) return parse_not(p);
  return level + 1 == UNARY_LEVEL ? parse_unary(p) : parse_level(p, level + 1);
}

static gp_status parse_level(parser *p, int level) {
  skip_blanks(p);
  const char *at = p->at;
  GP_TRY(parse_below(p, level));
  for (;;) {
    op left = *last_op(p);
    int found = operator_at(p, level);
    if (found < 0) return GP_OK;
    skip_blanks(p);
    const char *at_right = p->at;
    GP_TRY(parse_below(p, level));
    GP_TRY(check_operands(p, operators[found].kind, &left, last_op(p), at, at_right));
    GP_TRY(emit(p, (op){.kind = operators[found].kind}));
  }
}

gp_status gp_where_parse(gp_where **out, gp_pool *pool, const gp_parameters *parameters,
                         const gp_node *node) {
  if (node->kind != GP_NODE_SCALAR)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "where must be a text, not %s", gp_node_kind_text(node));
  *out = gp_pool_take(pool, 1, sizeof **out);
  if (*out == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for sweep.where");
  parser p = {.pool = pool, .parameters = parameters, .node = node, .at = node->text, .where = *out};
  GP_TRY(parse_level(&p, 0));
  GP_TRY(need_number(&p, last_op(&p), node->text));
  skip_blanks(&p);
  if (*p.at == '\0') return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, mark_here(&p, p.at), "where: '%.20s' was not expected", p.at);
}

/* ---- evaluation ---- */

typedef struct operand {
  double number;
  const char *text; /* NULL: a number */
} operand;

static operand parameter_value(const gp_parameter *p, const gp_spec *spec) {
  const void *target;
  char buffer[32];
  const gp_option *o = gp_parameter_in(p, spec, &target);
  if (o == NULL) return yields_text(p) ? (operand){NAN, ""} : (operand){NAN, NULL};
  const void *field = gp_option_value(o, target);
  switch (o->type) {
  case GP_OPTION_REAL:
    return (operand){*(const double *)field, NULL};
  case GP_OPTION_INT: {
    int64_t value = *(const int64_t *)field;
    return (operand){value == INT64_MIN ? (double)NAN : (double)value, NULL};
  }
  case GP_OPTION_BOOL:
    return (operand){*(const bool *)field, NULL};
  default:
    return (operand){NAN, gp_value_text(o, field, buffer)}; /* words and names: never in the buffer */
  }
}

static double apply(op_kind kind, operand a, operand b) {
  bool same = a.text != NULL && b.text != NULL ? strcmp(a.text, b.text) == 0 : a.number == b.number;
  switch (kind) {
  case OP_OR:
    return a.number != 0 || b.number != 0;
  case OP_AND:
    return a.number != 0 && b.number != 0;
  case OP_EQUAL:
    return same;
  case OP_UNEQUAL:
    return !same;
  case OP_LESS_EQUAL:
    return a.number <= b.number;
  case OP_GREATER_EQUAL:
    return a.number >= b.number;
  case OP_LESS:
    return a.number < b.number;
  case OP_GREATER:
    return a.number > b.number;
  case OP_ADD:
    return a.number + b.number;
  case OP_SUBTRACT:
    return a.number - b.number;
  case OP_MULTIPLY:
    return a.number * b.number;
  case OP_DIVIDE:
    return a.number / b.number;
  default:
    return fmod(a.number, b.number);
  }
}

bool gp_where_holds(const gp_where *where, const gp_spec *spec) {
  operand stack[OPS_MAX];
  size_t top = 0;
  for (size_t i = 0; i < where->count; i++) {
    const op *o = &where->ops[i];
    switch (o->kind) {
    case OP_NUMBER:
      stack[top++] = (operand){o->number, NULL};
      break;
    case OP_TEXT:
      stack[top++] = (operand){NAN, o->text};
      break;
    case OP_PARAMETER:
      stack[top++] = parameter_value(o->parameter, spec);
      break;
    case OP_NOT:
      stack[top - 1].number = stack[top - 1].number == 0;
      break;
    case OP_MINUS:
      stack[top - 1].number = -stack[top - 1].number;
      break;
    default:
      top--;
      stack[top - 1] = (operand){apply(o->kind, stack[top - 1], stack[top]), NULL};
    }
  }
  return stack[0].number != 0 && !isnan(stack[0].number);
}

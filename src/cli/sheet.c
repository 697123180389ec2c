/* A table of texts; see sheet.h. */
#include "sheet.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct sheet {
  size_t columns, cells, capacity, gaps, gap_capacity;
  char **heads;
  sheet_kind *kinds;
  char **texts;
  size_t *gap; /* row numbers that a gap precedes, ascending */
};

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for a table");
}

gp_status sheet_create(sheet **out, size_t columns) {
  sheet *g = calloc(1, sizeof *g);
  if (g == NULL) return no_memory();
  g->columns = columns;
  g->heads = calloc(columns + 1, sizeof *g->heads);
  g->kinds = calloc(columns + 1, sizeof *g->kinds);
  *out = g;
  if (g->heads != NULL && g->kinds != NULL) return GP_OK;
  sheet_free(g);
  *out = NULL;
  return no_memory();
}

void sheet_free(sheet *g) {
  if (g == NULL) return;
  for (size_t c = 0; c < g->columns && g->heads != NULL; c++) free(g->heads[c]);
  for (size_t i = 0; i < g->cells; i++) free(g->texts[i]);
  free(g->heads);
  free(g->kinds);
  free(g->texts);
  free(g->gap);
  free(g);
}

gp_status sheet_head(sheet *g, size_t column, const char *name, sheet_kind kind) {
  g->heads[column] = strdup(name);
  g->kinds[column] = kind;
  return g->heads[column] == NULL ? no_memory() : GP_OK;
}

gp_status sheet_add(sheet *g, const char *text) {
  if (g->cells == g->capacity) {
    size_t capacity = g->capacity == 0 ? 256 : 2 * g->capacity;
    char **texts = realloc(g->texts, capacity * sizeof *texts);
    if (texts == NULL) return no_memory();
    g->texts = texts;
    g->capacity = capacity;
  }
  g->texts[g->cells] = strdup(text);
  return g->texts[g->cells++] == NULL ? no_memory() : GP_OK;
}

gp_status sheet_addf(sheet *g, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sheet_add(g, text);
}

gp_status sheet_gap(sheet *g) {
  if (g->gaps == g->gap_capacity) {
    size_t capacity = g->gap_capacity == 0 ? 64 : 2 * g->gap_capacity;
    size_t *gap = realloc(g->gap, capacity * sizeof *gap);
    if (gap == NULL) return no_memory();
    g->gap = gap;
    g->gap_capacity = capacity;
  }
  g->gap[g->gaps++] = g->cells / g->columns;
  return GP_OK;
}

/* ---- for people ---- */

/* nan would drown a table in which most rows have none: a dot is quiet. */
static const char *shown(const char *text) {
  return strcmp(text, "nan") == 0 ? "." : text;
}

/* Terminal columns of a text: bytes that do not continue a UTF-8 character. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
  return width;
}

/* The last column is not padded: no line ends in blanks. */
static void print_cell(FILE *file, const char *text, sheet_kind kind, int width, bool last) {
  int pad = width - width_of(text);
  if (kind == SHEET_NUMBER)
    fprintf(file, "%*s%s", pad, "", text);
  else
    fprintf(file, "%s%*s", text, last ? 0 : pad, "");
  fputs(last ? "" : "  ", file);
}

static void print_aligned(const sheet *g, FILE *file, int *width) {
  size_t rows = g->columns == 0 ? 0 : g->cells / g->columns, gap = 0;
  for (size_t c = 0; c < g->columns; c++) {
    width[c] = width_of(g->heads[c]);
    for (size_t r = 0; r < rows; r++) {
      int w = width_of(shown(g->texts[r * g->columns + c]));
      if (w > width[c]) width[c] = w;
    }
  }
  fputs(cli_out(CLI_BOLD), file);
  for (size_t c = 0; c < g->columns; c++)
    print_cell(file, g->heads[c], g->kinds[c], width[c], c + 1 == g->columns);
  fprintf(file, "%s\n", cli_out(CLI_OFF));
  for (size_t r = 0; r < rows; r++) {
    if (gap < g->gaps && g->gap[gap] == r) {
      if (r > 0) fputc('\n', file);
      gap++;
    }
    for (size_t c = 0; c < g->columns; c++)
      print_cell(file, shown(g->texts[r * g->columns + c]), g->kinds[c], width[c], c + 1 == g->columns);
    fputc('\n', file);
  }
}

/* ---- for programs ---- */

void sheet_field(FILE *file, sheet_format format, const char *text) {
  if (format == SHEET_TSV) {
    for (; *text != '\0'; text++) fputc(strchr("\t\n\r", *text) != NULL ? ' ' : *text, file);
    return;
  }
  if (strpbrk(text, ",\"\n\r") == NULL) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text != '\0'; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

/* RFC 4180, with plain newlines. */
static void print_separated(const sheet *g, sheet_format format, FILE *file) {
  char separator = format == SHEET_CSV ? ',' : '\t';
  for (size_t c = 0; c < g->columns; c++) {
    sheet_field(file, format, g->heads[c]);
    fputc(c + 1 == g->columns ? '\n' : separator, file);
  }
  for (size_t i = 0; i < g->cells; i++) {
    sheet_field(file, format, g->texts[i]);
    fputc((i + 1) % g->columns == 0 ? '\n' : separator, file);
  }
}

void sheet_json_text(FILE *file, const char *text) {
  fputc('"', file);
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\')
      fprintf(file, "\\%c", byte);
    else if (byte < 0x20)
      fprintf(file, "\\u%04x", byte);
    else
      fputc(byte, file);
  }
  fputc('"', file);
}

void sheet_json_number(FILE *file, const char *text) {
  static const char *const special[][2] = {
      {"nan", "null"}, {"inf", "1e999"}, {"-inf", "-1e999"}, {"", "null"}};
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    if (strcmp(text, special[i][0]) == 0) text = special[i][1];
  fputs(text, file);
}

/* An array of objects, one to a line. */
static void print_json(const sheet *g, FILE *file) {
  fputs("[", file);
  for (size_t i = 0; i < g->cells; i++) {
    size_t c = i % g->columns;
    fputs(c > 0 ? ", " : i > 0 ? ",\n {" : "\n {", file);
    sheet_json_text(file, g->heads[c]);
    fputs(": ", file);
    if (g->kinds[c] == SHEET_NUMBER)
      sheet_json_number(file, g->texts[i]);
    else
      sheet_json_text(file, g->texts[i]);
    if (c + 1 == g->columns) fputs("}", file);
  }
  fputs("\n]\n", file);
}

void sheet_print(const sheet *g, sheet_format format, FILE *file) {
  if (format == SHEET_JSON) {
    print_json(g, file);
  } else if (format != SHEET_ALIGNED) {
    print_separated(g, format, file);
  } else {
    int *width = calloc(g->columns + 1, sizeof *width);
    if (width != NULL) print_aligned(g, file, width);
    free(width);
  }
}

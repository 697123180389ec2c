/* A table of texts; see grid.h. */
#include "grid.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct grid {
  size_t columns, cells, capacity, gaps, gap_capacity;
  char **heads;
  grid_kind *kinds;
  char **texts;
  size_t *gap; /* row numbers that a gap precedes, ascending */
};

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for a table");
}

gp_status grid_create(grid **out, size_t columns) {
  grid *g = calloc(1, sizeof *g);
  if (g == NULL) return no_memory();
  g->columns = columns;
  g->heads = calloc(columns + 1, sizeof *g->heads);
  g->kinds = calloc(columns + 1, sizeof *g->kinds);
  *out = g;
  if (g->heads != NULL && g->kinds != NULL) return GP_OK;
  grid_free(g);
  *out = NULL;
  return no_memory();
}

void grid_free(grid *g) {
  if (g == NULL) return;
  for (size_t c = 0; c < g->columns && g->heads != NULL; c++) free(g->heads[c]);
  for (size_t i = 0; i < g->cells; i++) free(g->texts[i]);
  free(g->heads);
  free(g->kinds);
  free(g->texts);
  free(g->gap);
  free(g);
}

gp_status grid_head(grid *g, size_t column, const char *name, grid_kind kind) {
  g->heads[column] = strdup(name);
  g->kinds[column] = kind;
  return g->heads[column] == NULL ? no_memory() : GP_OK;
}

gp_status grid_add(grid *g, const char *text) {
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

gp_status grid_addf(grid *g, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return grid_add(g, text);
}

gp_status grid_gap(grid *g) {
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

static const char *shown(const char *text) {
  return strcmp(text, "nan") == 0 ? "." : text;
}

/* Terminal columns of a text: bytes that do not continue a UTF-8 character. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
  return width;
}

static void print_cell(FILE *file, const char *text, grid_kind kind, int width, bool last) {
  int pad = width - width_of(text);
  if (kind == GRID_NUMBER)
    fprintf(file, "%*s%s", pad, "", text);
  else
    fprintf(file, "%s%*s", text, last ? 0 : pad, "");
  fputs(last ? "" : "  ", file);
}

static void print_aligned(const grid *g, FILE *file, int *width) {
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

void grid_field(FILE *file, grid_format format, const char *text) {
  if (format == GRID_TSV) {
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

static void print_separated(const grid *g, grid_format format, FILE *file) {
  char separator = format == GRID_CSV ? ',' : '\t';
  for (size_t c = 0; c < g->columns; c++) {
    grid_field(file, format, g->heads[c]);
    fputc(c + 1 == g->columns ? '\n' : separator, file);
  }
  for (size_t i = 0; i < g->cells; i++) {
    grid_field(file, format, g->texts[i]);
    fputc((i + 1) % g->columns == 0 ? '\n' : separator, file);
  }
}

void grid_json_text(FILE *file, const char *text) {
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

void grid_json_number(FILE *file, const char *text) {
  static const char *const special[][2] = {
      {"nan", "null"}, {"inf", "1e999"}, {"-inf", "-1e999"}, {"", "null"}};
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    if (strcmp(text, special[i][0]) == 0) text = special[i][1];
  fputs(text, file);
}

static void print_json(const grid *g, FILE *file) {
  fputs("[", file);
  for (size_t i = 0; i < g->cells; i++) {
    size_t c = i % g->columns;
    fputs(c > 0 ? ", " : i > 0 ? ",\n {" : "\n {", file);
    grid_json_text(file, g->heads[c]);
    fputs(": ", file);
    if (g->kinds[c] == GRID_NUMBER)
      grid_json_number(file, g->texts[i]);
    else
      grid_json_text(file, g->texts[i]);
    if (c + 1 == g->columns) fputs("}", file);
  }
  fputs("\n]\n", file);
}

void grid_print(const grid *g, grid_format format, FILE *file) {
  if (format == GRID_JSON) {
    print_json(g, file);
  } else if (format != GRID_ALIGNED) {
    print_separated(g, format, file);
  } else {
    int *width = calloc(g->columns + 1, sizeof *width);
    if (width != NULL) print_aligned(g, file, width);
    free(width);
  }
}

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
  int *width;        /* of aligned columns */
  size_t width_most; /* of a line; 0: no bound */
  bool *hidden;
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
  g->width = calloc(columns + 1, sizeof *g->width);
  g->hidden = calloc(columns + 1, sizeof *g->hidden);
  *out = g;
  if (g->heads != NULL && g->kinds != NULL && g->width != NULL && g->hidden != NULL) return GP_OK;
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
  free(g->width);
  free(g->hidden);
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

/* The widths of all columns, and of a line of those that are not hidden. */
static size_t measure(sheet *g) {
  size_t rows = g->columns == 0 ? 0 : g->cells / g->columns, total = 0;
  for (size_t c = 0; c < g->columns; c++) {
    g->width[c] = width_of(g->heads[c]);
    for (size_t r = 0; r < rows; r++) {
      int w = width_of(shown(g->texts[r * g->columns + c]));
      if (w > g->width[c]) g->width[c] = w;
    }
    if (!g->hidden[c]) total += (size_t)g->width[c] + (total > 0 ? 2 : 0);
  }
  return total;
}

size_t sheet_fit(sheet *g, size_t width, const char *const *names) {
  size_t count = 0;
  g->width_most = width;
  for (; *names != NULL && measure(g) > width; names++)
    for (size_t c = 0; c < g->columns; c++) {
      if (g->hidden[c] || strcmp(g->heads[c], *names) != 0) continue;
      g->hidden[c] = true;
      count++;
    }
  return count;
}

/* The last column's text: what does not fit into the width goes on below its first line. */
static void print_last(const sheet *g, FILE *file, const char *text, size_t start) {
  size_t room = g->width_most > start + 8 ? g->width_most - start : SIZE_MAX;
  while (strlen(text) > room) {
    size_t cut = room;
    while (cut > 0 && text[cut] != ' ') cut--;
    if (cut == 0) break; /* a word that is wider than its column */
    cli_put_bytes(file, text, cut, "");
    fprintf(file, "\n%*s", (int)start, "");
    text += cut + 1;
  }
  cli_put(file, text, "");
}

/* A line from texts, one per column. The last column is not padded: no line ends in blanks. */
static void print_line(const sheet *g, FILE *file, char *const *texts) {
  size_t last = g->columns, start = 0;
  while (last > 0 && g->hidden[last - 1]) last--;
  for (size_t c = 0; c < last; c++) {
    if (g->hidden[c]) continue;
    const char *text = shown(texts[c]);
    int pad = g->width[c] - width_of(text);
    fprintf(file, "%*s", g->kinds[c] == SHEET_NUMBER ? pad : 0, "");
    if (c + 1 == last && g->kinds[c] != SHEET_NUMBER)
      print_last(g, file, text, start);
    else
      cli_put(file, text, "");
    fprintf(file, "%*s", g->kinds[c] == SHEET_NUMBER || c + 1 == last ? 0 : pad, "");
    fputs(c + 1 == last ? "" : "  ", file);
    start += (size_t)g->width[c] + 2;
  }
}

static void print_aligned(sheet *g, FILE *file) {
  size_t rows = g->columns == 0 ? 0 : g->cells / g->columns, gap = 0;
  measure(g);
  fputs(cli_out(CLI_BOLD), file);
  print_line(g, file, g->heads);
  fprintf(file, "%s\n", cli_out(CLI_OFF));
  for (size_t r = 0; r < rows; r++) {
    if (gap < g->gaps && g->gap[gap] == r) {
      if (r > 0) fputc('\n', file);
      gap++;
    }
    print_line(g, file, g->texts + r * g->columns);
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

void sheet_print(sheet *g, sheet_format format, FILE *file) {
  if (format == SHEET_JSON)
    print_json(g, file);
  else if (format != SHEET_ALIGNED)
    print_separated(g, format, file);
  else
    print_aligned(g, file);
}

#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(gp_text *text, size_t more) {
  size_t need = text->length + more + 1;
  if (text->failed || need < more) return false;
  if (need <= text->capacity) return true;
  size_t capacity = text->capacity > 0 ? text->capacity : 64;
  while (capacity < need) capacity *= 2;
  char *data = realloc(text->data, capacity);
  if (data == NULL) {
    text->failed = true;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void gp_text_add_bytes(gp_text *text, const char *bytes, size_t length) {
  if (!reserve(text, length)) return;
  memcpy(text->data + text->length, bytes, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void gp_text_add(gp_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length >= 0 && reserve(text, (size_t)length)) {
    vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  va_end(again);
}

void gp_text_free(gp_text *text) {
  free(text->data);
  *text = (gp_text){0};
}

void gp_text_add_word(gp_text *text, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
    gp_text_add(text, " %s", word);
    return;
  }
  gp_text_add(text, " '");
  for (; *word != '\0'; word++)
    if (*word == '\'')
      gp_text_add(text, "'\\''");
    else
      gp_text_add_bytes(text, word, 1);
  gp_text_add(text, "'");
}

enum { DISTANCE_MAX = 64 };

static int min3(int a, int b, int c) {
  int m = a < b ? a : b;
  return m < c ? m : c;
}

static int same(char a, char b) {
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

int gp_text_distance(const char *a, const char *b) {
  int table[DISTANCE_MAX + 1][DISTANCE_MAX + 1];
  int m = (int)strnlen(a, DISTANCE_MAX), n = (int)strnlen(b, DISTANCE_MAX);
  for (int i = 0; i <= m; i++) table[i][0] = i;
  for (int j = 0; j <= n; j++) table[0][j] = j;
  for (int i = 1; i <= m; i++) {
    for (int j = 1; j <= n; j++) {
      int cost = !same(a[i - 1], b[j - 1]);
      int best = min3(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost);
      bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped && table[i - 2][j - 2] + 1 < best) best = table[i - 2][j - 2] + 1;
      table[i][j] = best;
    }
  }
  return table[m][n];
}

static bool near_enough(const char *word, const char *name, int distance) {
  size_t m = strlen(word), n = strlen(name), longer = m > n ? m : n, shorter = m < n ? m : n;
  if (shorter >= 2 && strncasecmp(word, name, shorter) == 0) return true;
  return distance <= 2 && (size_t)distance * 3 <= longer + 1;
}

const char *gp_text_nearest(const char *word, const char *const *names, size_t count) {
  const char *best = NULL;
  int best_distance = DISTANCE_MAX + 1;
  for (size_t i = 0; i < count; i++) {
    int distance = gp_text_distance(word, names[i]);
    if (distance < best_distance && near_enough(word, names[i], distance)) {
      best = names[i];
      best_distance = distance;
    }
  }
  return best;
}

const char *gp_text_real(char buffer[static 32], double value) {
  if (isnan(value)) return strcpy(buffer, "nan");
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(buffer, 32, "%.*g", digits, value);
    if (strtod(buffer, NULL) == value) break;
  }
  return buffer;
}

bool gp_text_to_real(const char *token, double *value) {
  if (token[0] == '\0' || isspace((unsigned char)token[0]) || strpbrk(token, "xXpP") != NULL) return false;
  char *end;
  double read = strtod(token, &end);
  if (*end != '\0' || isnan(read)) return false;
  *value = read;
  return true;
}

bool gp_text_to_int(const char *token, long long *value) {
  if (token[0] == '\0' || isspace((unsigned char)token[0])) return false;
  char *end;
  errno = 0;
  long long read = strtoll(token, &end, 10);
  if (*end != '\0' || errno == ERANGE) return false;
  *value = read;
  return true;
}

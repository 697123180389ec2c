/* Colour and terminal facts: colour only on a terminal, never under NO_COLOR or TERM=dumb unless asked for. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const inks[] = {"\033[0m",  "\033[1m",  "\033[2m", "\033[31m",
                                   "\033[32m", "\033[33m", "\033[36m"};

static bool color_out, color_err;

/* NO_COLOR counts when it is there and not empty (no-color.org). */
static bool set(const char *variable) {
  const char *value = getenv(variable);
  return value != NULL && value[0] != '\0';
}

/* A terminal that cannot move its cursor gets neither colours nor redrawn lines. */
static bool dumb(void) {
  const char *term = getenv("TERM");
  return term != NULL && strcmp(term, "dumb") == 0;
}

gp_status cli_color_set(const char *mode) {
  static const char *const modes[] = {"auto", "always", "never", NULL};
  int choice;
  GP_TRY(cli_choice("--color", mode, modes, &choice));
  bool wanted = choice == 0 && !set("NO_COLOR") && !dumb();
  color_out = choice == 1 || (wanted && isatty(STDOUT_FILENO));
  color_err = choice == 1 || (wanted && isatty(STDERR_FILENO));
  return GP_OK;
}

const char *cli_out(cli_ink ink) {
  return color_out ? inks[ink] : "";
}
const char *cli_err(cli_ink ink) {
  return color_err ? inks[ink] : "";
}

/* The control characters of ASCII, and those of Latin-1 in UTF-8. */
void cli_put_bytes(FILE *file, const char *text, size_t length, const char *kept) {
  const unsigned char *c = (const unsigned char *)text, *end = c + length;
  for (; c < end; c++) {
    bool second = *c == 0xC2 && c + 1 < end && c[1] >= 0x80 && c[1] < 0xA0;
    bool control = second || ((*c < 0x20 || *c == 0x7F) && strchr(kept, *c) == NULL);
    fputc(control ? '?' : *c, file);
    c += second;
  }
}

void cli_put(FILE *file, const char *text, const char *kept) {
  cli_put_bytes(file, text, strlen(text), kept);
}

bool cli_err_redraws(void) {
  return isatty(STDERR_FILENO) && !dumb();
}

/* Asked for at every redraw: windows are resized while a sweep runs. */
size_t cli_err_width(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

size_t cli_out_width(void) {
  struct winsize size;
  long long columns;
  const char *wanted = getenv("COLUMNS");
  if (wanted != NULL && gp_text_to_int(wanted, &columns) && columns > 0) return (size_t)columns;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return SIZE_MAX;
}

const char *cli_duration(char buffer[static 32], double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "unknown";
  long whole = (long)(seconds + 0.5);
  if (seconds < 0.0995)
    snprintf(buffer, 32, "%.0f ms", 1e3 * seconds);
  else if (seconds < 9.95)
    snprintf(buffer, 32, "%.1f s", seconds);
  else if (whole < 3600)
    snprintf(buffer, 32, "%ld:%02ld", whole / 60, whole % 60);
  else
    snprintf(buffer, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return buffer;
}

const char *cli_bytes(char buffer[static 32], double bytes) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (bytes >= 1000 && unit < 4) bytes /= 1000, unit++;
  snprintf(buffer, 32, unit == 0 ? "%.0f %s" : "%.3g %s", bytes, units[unit]);
  return buffer;
}

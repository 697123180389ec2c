#include "screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* ---- the page ---- */

/* The program itself never leaves the C locale: numbers would be written with its comma. */
static bool shows_blocks(void) {
  locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (user == (locale_t)0) return false;
  bool utf8 = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
  freelocale(user);
  return utf8;
}

void screen_begin(screen *page, size_t width, size_t height) {
  *page = (screen){.width = width, .height = height, .blocks = shows_blocks()};
}

void screen_free(screen *page) {
  gp_text_free(&page->text);
}

size_t screen_room(const screen *page) {
  return page->column < page->width ? page->width - page->column : 0;
}

/* Bytes of the first `most` characters of UTF-8 text, and how many there are. */
static size_t fitting(const char *text, size_t most, size_t *characters) {
  size_t bytes = 0;
  *characters = 0;
  while (text[bytes] != '\0' && *characters < most) {
    bytes++;
    while (((unsigned char)text[bytes] & 0xC0) == 0x80) bytes++;
    (*characters)++;
  }
  return bytes;
}

void screen_put(screen *page, cli_ink ink, const char *format, ...) {
  char text[512];
  size_t characters;
  va_list args;
  if (page->line >= page->height) return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t bytes = fitting(text, screen_room(page), &characters);
  if (ink != CLI_OFF) gp_text_add(&page->text, "%s", cli_out(ink));
  gp_text_add_bytes(&page->text, text, bytes);
  if (ink != CLI_OFF) gp_text_add(&page->text, "%s", cli_out(CLI_OFF));
  page->column += characters;
}

void screen_tab(screen *page, size_t column) {
  if (column > page->column) screen_put(page, CLI_OFF, "%*s", (int)(column - page->column), "");
}

void screen_end_line(screen *page) {
  if (page->line < page->height) gp_text_add(&page->text, "\n");
  page->line++;
  page->column = 0;
}

const char *screen_bar(const screen *page, int level) {
  static const char *const blocks[SCREEN_LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char *const plain[SCREEN_LEVELS] = {".", ":", "-", "=", "+", "*", "%", "#"};
  return page->blocks ? blocks[level] : plain[level];
}

const char *screen_shade(const screen *page, int level) {
  static const char *const blocks[SCREEN_SHADES] = {"░", "▒", "▓", "█"};
  static const char *const plain[SCREEN_SHADES] = {"-", "+", "%", "#"};
  return page->blocks ? blocks[level] : plain[level];
}

/* ---- the terminal ---- */

static volatile sig_atomic_t ending, suspended, resized;
static struct termios before;
static bool entered, keys; /* keys: stdin is a terminal as well */

bool screen_is_live(void) {
  const char *term = getenv("TERM");
  return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static void on_signal(int number) {
  if (number == SIGWINCH)
    resized = 1;
  else if (number == SIGTSTP)
    suspended = 1;
  else
    ending = number;
}

/* Without SA_RESTART: a signal ends the wait. */
static void catch (const int *numbers, size_t count) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < count; i++) sigaction(numbers[i], &action, NULL);
}

void screen_catch(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  catch (numbers, sizeof numbers / sizeof numbers[0]);
}

static void write_all(const char *text, size_t length) {
  while (length > 0) {
    ssize_t n = write(STDOUT_FILENO, text, length);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return; /* the terminal is gone: a hang-up follows */
    if (n > 0) text += n, length -= (size_t)n;
  }
}

static void say(const char *codes) {
  write_all(codes, strlen(codes));
}

void screen_enter(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH};
  if (entered) return;
  entered = true;
  catch (numbers, sizeof numbers / sizeof numbers[0]);
  keys = tcgetattr(STDIN_FILENO, &before) == 0;
  struct termios raw = before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  if (keys) tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  say("\033[?1049h\033[?25l\033[H\033[2J");
}

void screen_leave(void) {
  if (!entered) return;
  entered = false;
  say("\033[?25h\033[?1049l");
  if (keys) tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Ctrl-Z: the shell gets its terminal back, and we take it again when we go on. */
static void suspend(void) {
  suspended = 0;
  screen_leave();
  raise(SIGSTOP);
  screen_enter();
}

void screen_size(size_t *width, size_t *height) {
  struct winsize size;
  bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  *width = known ? size.ws_col : 80;
  *height = known ? size.ws_row : 24;
}

/* Every line is overwritten and its rest wiped, so that nothing flickers. The last line end would scroll. */
void screen_show(const screen *page) {
  gp_text out = {0};
  const char *line = page->text.data != NULL ? page->text.data : "";
  gp_text_add(&out, "\033[H");
  while (*line != '\0') {
    size_t length = strcspn(line, "\n");
    gp_text_add_bytes(&out, line, length);
    line += length + (line[length] == '\n');
    gp_text_add(&out, "\033[K%s", *line != '\0' ? "\n" : "");
  }
  gp_text_add(&out, "\033[J");
  if (!out.failed) write_all(out.data, out.length);
  gp_text_free(&out);
}

int screen_signal(void) {
  return ending;
}

int screen_wait(double seconds) {
  struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
  unsigned char key;
  if (ending != 0) return -1;
  int ready = poll(&in, entered && keys ? 1 : 0, (int)(1000 * seconds));
  if (suspended) suspend();
  if (resized || ready < 0) {
    resized = 0;
    return -1;
  }
  if (ready == 0) return 0;
  if ((in.revents & POLLIN) && read(STDIN_FILENO, &key, 1) == 1) return key;
  keys = false; /* stdin is at its end: no keys any more */
  return 0;
}

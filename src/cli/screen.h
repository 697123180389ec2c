/* A page of text of a given width, and the terminal that it is shown on again and again.
 *
 * Texts are cut at the width, counted in characters; inks take no room. On a terminal the page is drawn on the alternate
 * screen, keys are read without echo, and whatever ends the program restores it. Elsewhere the page is printed. */
#ifndef GP_SCREEN_H
#define GP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"
#include "text.h"

typedef struct screen {
  gp_text text;
  size_t width, height; /* height SIZE_MAX: as long as it gets */
  size_t column, line;
  bool blocks; /* the terminal shows block characters (UTF-8) */
} screen;

/* An empty page of that size. */
void screen_begin(screen *page, size_t width, size_t height);
void screen_free(screen *page);

/* Adds to the line; what goes beyond the width is left out. */
void screen_put(screen *page, cli_ink ink, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Blanks up to a column. */
void screen_tab(screen *page, size_t column);
void screen_end_line(screen *page);

/* Room that is left in the line. */
size_t screen_room(const screen *page);

/* One of the levels 0 .. SCREEN_LEVELS - 1 as a bar of that height, or as a shade of 0 .. SCREEN_SHADES - 1. */
enum { SCREEN_LEVELS = 8, SCREEN_SHADES = 4 };
const char *screen_bar(const screen *page, int level);
const char *screen_shade(const screen *page, int level);

/* ---- the terminal ---- */

/* Whether stdout is a terminal that can be drawn on. */
bool screen_is_live(void);
/* Takes the terminal over: alternate screen, no cursor, no echo; signals are caught. */
void screen_enter(void);
/* Gives it back as it was. Both may be called twice. */
void screen_leave(void);
void screen_size(size_t *width, size_t *height);
void screen_show(const screen *page);

/* Waits for so many seconds, or less: until a key (returned), a signal that ends the program (see screen_signal) or a new
 * size of the window. 0: none of them. -1: a signal or a size. */
int screen_wait(double seconds);
/* SIGINT, SIGTERM or SIGHUP when one came, else 0. */
int screen_signal(void);
/* For programs that are not on a terminal: catch the signals only. */
void screen_catch(void);

#endif

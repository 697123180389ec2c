/* Markup (plot_words.h) as LaTeX, for the terminal cairolatex, whose labels are set by LaTeX. */
#ifndef GP_PLOT_LATEX_H
#define GP_PLOT_LATEX_H

#include "text.h"

/* Appends markup as LaTeX: sub- and superscripts in math, Greek and signs as commands, and every character that means
 * something to LaTeX (\ { } $ & # % _ ^ ~) escaped, so that no text from a file is ever a command. Needs no package. */
void gp_latex_markup(gp_text *out, const char *markup);

#endif

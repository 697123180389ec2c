/* Words for people: names, numbers and lists, as gnuplot's enhanced text ("markup").
 *
 * Text that comes from a file is plain and becomes markup by gp_markup_plain only; gnuplot itself never sees it outside
 * single quotes (plot_figure.h), so nothing in it is ever run. */
#ifndef GP_PLOT_WORDS_H
#define GP_PLOT_WORDS_H

#include "text.h"

/* Appends plain text with the characters of enhanced mode (\ _ ^ { } @ & ~) escaped, control characters as
 * blanks and invalid UTF-8 as question marks. */
void gp_markup_plain(gp_text *out, const char *plain);

/* Appends a number: 0.03, 250, 10^{−4}, 2×10^{−5}; whole numbers below 10^5 in full, others in three digits; inf and nan by name. */
void gp_markup_number(gp_text *out, double value);

/* The same in two digits, for titles. */
void gp_markup_brief(gp_text *out, double value);

/* Appends a value of a column: proper spelling of known activations and data sets (relu: ReLU), else as it is. */
void gp_markup_value(gp_text *out, const char *word);

/* Appends a column's name for people: learning_rate -> learning rate. */
void gp_markup_column(gp_text *out, const char *column);

/* Appends item `index` of `count` with what stands before it: "a", ", b", " and c". */
void gp_markup_listed(gp_text *out, const char *markup, size_t index, size_t count);

/* Appends markup as plain text: escapes and braces gone, 10^{−3} as 1e-3 would confuse: 10^−3. For captions. */
void gp_plain_markup(gp_text *out, const char *markup);

/* Width of markup set in Lato, in ems; good to about 10 %: enough to wrap a title. */
double gp_markup_width(const char *markup);

/* The first letter of the text as a capital (ASCII only). */
void gp_text_capital(gp_text *text, size_t from);

#endif

/* A gnuplot SVG made part of an HTML page. */
#ifndef GP_SVG_INLINE_H
#define GP_SVG_INLINE_H

#include "status.h"
#include "text.h"

/* Appends the element `svg` of a picture: without its prologue and its fixed size, named `label` (already escaped) for
 * those who cannot see it, and with `prefix` before every identifier, since several pictures share the page's names.
 * GP_ERR_FILE when it is no SVG, or refers to something outside itself. */
gp_status gp_svg_inline(gp_text *out, const gp_text *svg, const char *prefix, const char *label);

#endif

/* The charts of a file as a section. */
#ifndef GP_SECTION_FIGURES_H
#define GP_SECTION_FIGURES_H

#include "document.h"
#include "report_data.h"

/* Draws the default charts into `scratch`/`folder` ("figures", which is made) and adds them with their captions. What could
 * not be drawn becomes a note. Errors as gp_plot_draw. */
gp_status gp_section_figures(gp_document *out, const gp_report_data *data, const char *scratch,
                             const char *folder, unsigned pictures, const char *command, gp_text *notes);

#endif

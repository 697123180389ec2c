/* The sections of a report: each adds its blocks about one result file, or nothing where the file has nothing for it. */
#ifndef GP_SECTIONS_H
#define GP_SECTIONS_H

#include "claims.h"
#include "document.h"
#include "report_data.h"

/* Axes with their values, and what all runs share. */
gp_status gp_section_setup(gp_document *out, const gp_report_data *data);
/* Sentences computed from the file: what trained, how far back the gradient reaches, what theory says of it. */
gp_status gp_section_findings(gp_document *out, const gp_report_data *data);
/* What the file's study said would be found, as judged. Nothing without claims. */
void gp_section_claims(gp_document *out, const gp_claims *claims);
/* Runs counted by verdict: for each network, then for each value of each training axis. */
gp_status gp_section_verdicts(gp_document *out, const gp_report_data *data);
/* Gradient factor and span of each network, measured and predicted. */
gp_status gp_section_theory(gp_document *out, const gp_report_data *data);
/* What the published rule books would have said (rulebook.h). */
gp_status gp_section_rules(gp_document *out, const gp_report_data *data);
/* Where the numbers come from: file, hash, machine, configuration, and the commands that make all of it again. */
gp_status gp_section_origin(gp_document *out, const gp_report_data *data, const char *command);

/* Measured against predicted for the networks of one group: the mean over them of ln gradient_factor, theory's typical
 * one, and their difference in standard errors of such a mean, the deviation being theory's own. NaN where there is none. */
typedef struct gp_misfit {
  double factor, predicted, residual; /* the factors as factors */
  size_t networks;
} gp_misfit;
/* GP_ERR_MEMORY. */
gp_status gp_misfit_of(gp_misfit *out, const gp_report_data *data, const gp_run_group *group);

#endif

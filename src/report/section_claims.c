/* The claims of a study. */
#include "sections.h"

void gp_section_claims(gp_document *out, const gp_claims *claims) {
  static const char *const heads[] = {"claim", "measured", "expected", "verdict"};
  if (claims == NULL || claims->count == 0) return;
  gp_document_heading(out, 2, "Claims");
  gp_document_paragraph(out, "What the study said before it ran: %zu of %zu claims hold.",
                        claims->count - gp_claims_failed(claims), claims->count);
  gp_document_table(out, "%s", "");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) gp_document_column(out, false, "%s", heads[i]);
  for (size_t i = 0; i < claims->count; i++) {
    gp_document_cell(out, "%s", claims->items[i].text);
    gp_document_cell(out, "%s", claims->items[i].measured);
    gp_document_cell(out, "%s", claims->items[i].expected);
    gp_document_cell(out, claims->items[i].held ? "held" : "fails");
  }
}

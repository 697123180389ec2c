/* How the HTML page looks. */
#ifndef GP_REPORT_STYLE_H
#define GP_REPORT_STYLE_H

/* The style sheet: light, dark and printed; needs nothing from anywhere. */
extern const char gp_report_style[];

#endif

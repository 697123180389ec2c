/* What mean-field theory predicts for a run, stored beside its measurement (columns predicted_*). */
#ifndef GP_PREDICT_H
#define GP_PREDICT_H

#include "dataset.h"
#include "schema.h"
#include "spec.h"

/* The predicted columns, in file order. */
enum { GP_PREDICTED_FACTOR, GP_PREDICTED_SPAN, GP_PREDICTED_COUNT };
extern const gp_variable gp_predicted_variables[GP_PREDICTED_COUNT];

/* Predicted gradient_factor and gradient_span of a resolved spec at initialisation, infinite width (SCIENCE section 3);
 * NaN where theory has no say (fewer than three hidden layers, weights all zero). */
void gp_predict(const gp_spec *spec, const gp_dataset *data, double out[static GP_PREDICTED_COUNT]);

#endif

/* What theory predicts for a run, stored beside its measurement (variables predicted_*). */
#ifndef GP_PREDICT_H
#define GP_PREDICT_H

#include "dataset.h"
#include "prediction.h"
#include "schema.h"
#include "spec.h"

/* The predicted columns, then the predicted series over (run, layer), in file order. */
enum {
  GP_PREDICTED_FACTOR,
  GP_PREDICTED_FACTOR_TYPICAL,
  GP_PREDICTED_FACTOR_SD,
  GP_PREDICTED_SPAN,
  GP_PREDICTED_SPAN_TYPICAL,
  GP_PREDICTED_SPAN_SD,
  GP_PREDICTED_CHI,
  GP_PREDICTED_CORRELATION_DEPTH,
  GP_PREDICTED_CELLS,
  GP_PREDICTED_DELTA = GP_PREDICTED_CELLS,
  GP_PREDICTED_DELTA_SD,
  GP_PREDICTED_PREACTIVATION,
  GP_PREDICTED_PREACTIVATION_SD,
  GP_PREDICTED_COUNT
};
enum { GP_PREDICTED_SERIES = GP_PREDICTED_COUNT - GP_PREDICTED_CELLS };
extern const gp_variable gp_predicted_variables[GP_PREDICTED_COUNT];

/* The prediction for a resolved spec at initialisation (SCIENCE section 3), all layers, of any depth; averaged over
 * examples as the probes average. *made is false, and there is nothing to free, where theory has no say (weights that are not random; of
 * normalisations and residual connections what propagation.h names); otherwise freed with gp_prediction_free. GP_ERR_MEMORY. */
gp_status gp_predict_network(gp_prediction *out, const gp_spec *spec, const gp_dataset *data, bool *made);

/* Mean field of the spec's hidden layers: the variances of layer 2 (layer 1 where there is no second). The activation is
 * the spec's own, which must outlive it. *made and errors as above. */
gp_status gp_predict_field(gp_meanfield *out, const gp_spec *spec, const gp_dataset *data, bool *made);

/* sigma_w^2 of the first layer: the variance of its effective weights times fan_in. NaN: it is not random. */
double gp_predict_first(const gp_spec *spec, const gp_dataset *data);

/* The values of the columns; NaN where theory has no say (also: fewer than three hidden layers). `series` holds
 * GP_PREDICTED_SERIES rows of `layers` values, NaN at the output layer and where there is nothing to say, or is NULL. GP_ERR_MEMORY. */
gp_status gp_predict(const gp_spec *spec, const gp_dataset *data, double cells[static GP_PREDICTED_CELLS],
                     double *series, size_t layers);

#endif

/* Kernels of normalisations and residual connections, over fields: arrays with one statistic per row or per column (see
 * gp_field). Sums over a row are those of reduce.inl. Sums over a column are the lane plan's, in both plans: column j of cols x lanes
 * has its elements cols x lanes apart, so eight neighbouring columns are summed as eight neighbouring lanes are. */

/* As many columns as there are, the last few by a partial load. */
ALWAYS void reduce_columns(reduction kind, double *out, const real *x, const real *y, ptrdiff_t n, ptrdiff_t stride) {
  ptrdiff_t j = 0;
  double last[8];
  for (; j + 8 <= stride; j += 8) reduce_lanes(kind, out + j, x + j, reads_two(kind) ? y + j : NULL, n, stride);
  if (j == stride) return;
  reduce_beside(kind, last, x + j, reads_two(kind) ? y + j : NULL, n, stride, (int)(stride - j));
  for (ptrdiff_t i = j; i < stride; i++) out[i] = last[i - j];
}

ALWAYS void reduce_field(reduction kind, double *out, const real *x, const real *y, const gp_field *f) {
  ptrdiff_t line = f->cols * f->lanes;
  if (!f->by_row) {
    reduce_columns(kind, out, x, y, f->rows, line);
    return;
  }
  for (ptrdiff_t r = 0; r < f->rows; r++)
    reduce_all(kind, out + r * f->lanes, x + r * line, reads_two(kind) ? y + r * line : NULL, f->cols, f->lanes);
}

static void field_sum(double *out, const void *x, const gp_field *f) {
  reduce_field(GP_SUM, out, x, NULL, f);
}
static void field_dot(double *out, const void *x, const void *y, const gp_field *f) {
  reduce_field(GP_SUM_PRODUCT, out, x, y, f);
}

/* How the statistic of element j of a row is found: one for the whole row, one per lane of the row, one per column. */
typedef enum reach { ROW, ROW_LANES, COLUMN } reach;

static reach reach_of(const gp_field *f) {
  return !f->by_row ? COLUMN : f->lanes == 1 ? ROW : ROW_LANES;
}

/* s: the statistics of this row (ROW, ROW_LANES) or of all columns; `at_lane` is that of element j. */
ALWAYS V statistic(reach how, const real *s, ptrdiff_t j, ptrdiff_t at_lane, ptrdiff_t part) {
  return how == ROW ? v_set1(*s) : how == ROW_LANES ? v_load(s + at_lane) : load(s + j, part);
}

/* EACH_VECTOR(line, lanes): j, part and at_lane over the elements of a row. Lanes are a multiple of W where there are several. */
#define EACH_VECTOR(line, lanes_)                                                                            \
  for (ptrdiff_t j = 0, at_lane = 0, part; j < (line) && (part = (line)-j < W ? (line)-j : W, true);            \
       j += W, at_lane = at_lane + W < (lanes_) ? at_lane + W : 0)

ALWAYS void affine_rows(reach how, real *y, const real *x, const real *scale, const real *shift, const gp_field *f) {
  ptrdiff_t line = f->cols * f->lanes, step = how == COLUMN ? 0 : f->lanes;
  for (ptrdiff_t r = 0; r < f->rows; r++) {
    const real *a = scale != NULL ? scale + r * step : NULL, *b = shift != NULL ? shift + r * step : NULL;
    EACH_VECTOR(line, f->lanes) {
      V v = load(x + r * line + j, part);
      if (a != NULL && b != NULL)
        v = v_fma(statistic(how, a, j, at_lane, part), v, statistic(how, b, j, at_lane, part));
      else
        v = a != NULL ? v * statistic(how, a, j, at_lane, part) : v + statistic(how, b, j, at_lane, part);
      store(y + r * line + j, v, part);
    }
  }
}

static void field_affine(void *y, const void *x, const void *scale, const void *shift, const gp_field *f) {
  switch (reach_of(f)) {
  case ROW:
    affine_rows(ROW, y, x, scale, shift, f);
    break;
  case ROW_LANES:
    affine_rows(ROW_LANES, y, x, scale, shift, f);
    break;
  default:
    affine_rows(COLUMN, y, x, scale, shift, f);
    break;
  }
}

ALWAYS void project_rows(reach how, real *g, const real *x, const real *mean, const real *slope, const real *scale,
                         const gp_field *f) {
  ptrdiff_t line = f->cols * f->lanes, step = how == COLUMN ? 0 : f->lanes;
  for (ptrdiff_t r = 0; r < f->rows; r++) {
    ptrdiff_t at = r * step;
    EACH_VECTOR(line, f->lanes) {
      V v = load(g + r * line + j, part);
      if (mean != NULL) v = v - statistic(how, mean + at, j, at_lane, part);
      v = v_fma(v_neg(load(x + r * line + j, part)), statistic(how, slope + at, j, at_lane, part), v);
      store(g + r * line + j, v * statistic(how, scale + at, j, at_lane, part), part);
    }
  }
}

static void field_project(void *g, const void *x, const void *mean, const void *slope, const void *scale,
                          const gp_field *f) {
  switch (reach_of(f)) {
  case ROW:
    project_rows(ROW, g, x, mean, slope, scale, f);
    break;
  case ROW_LANES:
    project_rows(ROW_LANES, g, x, mean, slope, scale, f);
    break;
  default:
    project_rows(COLUMN, g, x, mean, slope, scale, f);
    break;
  }
}

static void scaled_sum(void *out_, const void *x_, const void *alpha_, const void *y_, ptrdiff_t n, int lanes) {
  real *out = out_;
  const real *x = x_, *y = y_, *alpha = alpha_;
  EACH_VECTOR(n * lanes, lanes) {
    V a = lanes == 1 ? v_set1(*alpha) : v_load(alpha + at_lane);
    store(out + j, v_fma(a, load(x + j, part), load(y + j, part)), part);
  }
}

static void add(void *x_, const void *y_, ptrdiff_t n, int lanes) {
  real *x = x_;
  const real *y = y_;
  FLAT(i, n * lanes, part) store(x + i, load(x + i, part) + load(y + i, part), part);
}

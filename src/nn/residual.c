#include "residual.h"

#include <math.h>

static const char *const places[] = {"after", "before", NULL};

#define COMMON                                                                                               \
  GP_INT(gp_residual_options, every, "every", 1, 1, 10000, "hidden layers in a block"),                      \
      GP_WORD(gp_residual_options, place, "place", places, GP_RESIDUAL_AFTER,                                \
              "whether the sum is taken after the activation or before it")

static const gp_option identity_options[] = {COMMON, GP_OPTIONS_END};
static const gp_option scaled_options[] = {
    GP_REAL(gp_residual_options, alpha, "alpha", NAN, -1e6, 1e6,
            "factor on the block; auto: 1/sqrt of the number of blocks", .flags = GP_NUMERIC | GP_AUTO),
    COMMON, GP_OPTIONS_END};

static const gp_residual none = {.item = {"none", "nothing", "", NULL}};
static const gp_residual identity = {
    .item = {"identity", "the input of a block is added to its output", "He et al. 2016", identity_options},
    .alpha = 1};
static const gp_residual scaled = {.item = {"scaled", "the same with a factor on the block",
                                            "Yang and Schoenholz 2017; Hayou et al. 2021", scaled_options},
                                   .alpha = NAN};
static const gp_residual rezero = {.item = {"rezero", "the same with a factor that is trained from 0",
                                            "Bachlechner et al. 2021, eq. 2", identity_options},
                                   .alpha = 0,
                                   .trained = true};

static const gp_item *const items[] = {&none.item, &identity.item, &scaled.item, &rezero.item, NULL};

const gp_family gp_residual_family = {"residual", "connections around layers", items};

const gp_residual *gp_residual_of(const gp_choice *choice) {
  return choice == NULL || choice->item == NULL || choice->item == &none.item
             ? NULL
             : (const gp_residual *)(const void *)choice->item;
}

int gp_residual_blocks(const gp_choice *choice, int hidden) {
  if (gp_residual_of(choice) == NULL || hidden < 2) return 0;
  return (int)((hidden - 1) / gp_residual_options_of(choice)->every);
}

int gp_residual_source(const gp_choice *choice, int hidden, int number) {
  if (gp_residual_of(choice) == NULL || number < 2 || number > hidden) return 0;
  int64_t every = gp_residual_options_of(choice)->every;
  return (number - 1) % every == 0 ? number - (int)every : 0;
}

int gp_residual_position(const gp_choice *choice, int hidden, int number) {
  if (number > hidden) return -1;
  if (number < 2 || gp_residual_of(choice) == NULL) return 0;
  int every = (int)gp_residual_options_of(choice)->every, block = (number - 2) / every;
  return block < gp_residual_blocks(choice, hidden) ? (number - 2) % every + 1 : 0;
}

void gp_residual_resolve(gp_choice *choice, int hidden) {
  gp_residual_options *options = (gp_residual_options *)(void *)choice->options;
  int blocks = gp_residual_blocks(choice, hidden);
  if (choice->item == &scaled.item && isnan(options->alpha) && blocks > 0)
    options->alpha = 1 / sqrt((double)blocks);
}

double gp_residual_alpha(const gp_choice *choice) {
  const gp_residual *item = gp_residual_of(choice);
  return isnan(item->alpha) ? gp_residual_options_of(choice)->alpha : item->alpha;
}

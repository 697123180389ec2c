/* Any bytes as a configuration: tree, override, binding, `where`. The bytes up to the first NUL are the file, the rest is
 * an override. The grid and the data are left out: a legal configuration may ask for minutes of both. */
#include "bind.h"
#include "fuzz_input.h"
#include "override.h"
#include "where.h"

#include <stdlib.h>

static gp_status read_config(gp_config *config, const char *override) {
  gp_where *where;
  GP_TRY(gp_tree_parse(&config->pool, &config->source, &config->root));
  GP_TRY(gp_parameters_make(&config->parameters, &config->pool, NULL, 0));
  if (config->root->kind == GP_NODE_MAP && override[0] != '\0') GP_TRY(gp_override_apply(config, override));
  GP_TRY(gp_config_bind(config));
  return config->where != NULL ? gp_where_parse(&where, &config->pool, &config->parameters, config->where)
                               : GP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  gp_config config = {0};
  char *text = malloc(length + 2);
  if (text == NULL) return 0;
  memcpy(text, bytes, length);
  text[length] = text[length + 1] = '\0';
  size_t file = strlen(text);
  config.source = (gp_source){.name = "sweep.yaml", .text = text, .length = file};
  if (read_config(&config, text + file + 1) != GP_OK && gp_message()[0] == '\0') __builtin_trap();
  gp_config_free(&config);
  free(text);
  return 0;
}

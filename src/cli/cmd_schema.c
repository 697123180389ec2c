/* gradpath schema: what an editor needs to complete and check a configuration. */
#include "cli.h"
#include "json_schema.h"
#include "run.h"

static gp_status run(const cli_call *call) {
  gp_pool pool = {0};
  gp_parameters parameters;
  size_t count;
  const gp_variable *taken = gp_train_variables(&count);
  (void)call;
  gp_status status = gp_parameters_make(&parameters, &pool, taken, count);
  if (status == GP_OK) json_schema_print(&parameters);
  gp_pool_free(&pool);
  return status;
}

extern const cli_command cli_schema;
const cli_command cli_schema = {
    .name = "schema",
    .operands = "",
    .summary = "Print the JSON Schema of a configuration",
    .details =
        "For editors that complete and check YAML by a schema (draft 7). In VS Code and others with the YAML "
        "language server,\n"
        "write the schema to a file and name it in the first line of the configuration.\n"
        "\n"
        "Example:\n"
        "  gradpath schema > gradpath.schema.json\n"
        "  # yaml-language-server: $schema=gradpath.schema.json\n"
        "\n"
        "The schema is made from the tables the program reads a configuration by; what only the whole can "
        "tell "
        "(an axis that\n"
        "nothing reads, a batch larger than the data) is checked by gradpath plan CONFIG.\n",
    .flags = NULL,
    .least = 0,
    .most = 0,
    .run = run,
};

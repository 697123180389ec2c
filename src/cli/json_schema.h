/* The JSON Schema (draft 7) of a configuration, written from the tables that the program itself reads it by. */
#ifndef GP_JSON_SCHEMA_H
#define GP_JSON_SCHEMA_H

#include "parameters.h"

/* On stdout. */
void json_schema_print(const gp_parameters *parameters);

#endif

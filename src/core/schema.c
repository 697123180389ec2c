#include "schema.h"

const char *const gp_run_state_words[] = {"pending",       "done",  "stopped", "timeout",
                                          "out_of_memory", "error", NULL};

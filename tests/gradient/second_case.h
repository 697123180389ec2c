/* A network at its starting point with its double twin, ready to be measured. */
#ifndef SECOND_CASE_H
#define SECOND_CASE_H

#include "engine.h"
#include "second.h"

typedef struct second_case {
  spec_case *given;
  gp_trainer *trainer;
  gp_arena arena;
  gp_second second;
  int64_t outputs, inputs, parameters;
} second_case;

/* `words` change a small regression net in double (see spec_text.h). The batch of step 0 has been through it. */
void second_case_make(second_case *c, const char *words, const gp_second_settings *settings,
                      const char *tier);
void second_case_free(second_case *c);

#endif

/* The explicit list of emulated storage formats: name, fraction bits, exponents of the smallest normal and of the largest
 * number. To add one: add a line here and a row in nn/precision.c. */
#ifndef GP_FORMAT_LIST_H
#define GP_FORMAT_LIST_H

#define GP_FORMAT_LIST(X)                                                                                    \
  X(bfloat16, 7, -126, 127)                                                                                  \
  X(float16, 10, -14, 15)

enum gp_format {
#define GP_FORMAT_SLOT(name, fraction, least, most) GP_FORMAT_##name,
  GP_FORMAT_LIST(GP_FORMAT_SLOT)
#undef GP_FORMAT_SLOT
      GP_FORMAT_COUNT
};

#endif

#include "fpenv.h"

#include <float.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
/* MXCSR bit 15 is flush-to-zero, bit 6 denormals-are-zero. */
static const unsigned FLUSH_BITS = 0x8040u;

bool gp_fpenv_flush(bool flush) {
  unsigned state = _mm_getcsr();
  _mm_setcsr(flush ? state | FLUSH_BITS : state & ~FLUSH_BITS);
  return gp_fpenv_flushes() == flush;
}
#else
bool gp_fpenv_flush(bool flush) {
  return gp_fpenv_flushes() == flush;
}
#endif

bool gp_fpenv_flushes(void) {
  volatile float smallest = FLT_MIN;
  volatile float half = 0.5f;
  volatile float result = smallest * half;
  return result == 0.0f;
}

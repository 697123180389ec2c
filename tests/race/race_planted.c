/* A race on purpose: two workers count in one variable without a lock. ThreadSanitizer must report it, or its silence on
 * the other programs of this folder means nothing. Built with the preset tsan only. */
#include <stdio.h>

int main(void) {
  int count = 0;
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 1000; i++) count++;
  printf("race_planted: counted %d\n", count);
  return 0;
}

/* Calls blur.tess, compiled ahead of time. See the Makefile beside this file. */
#include <stdio.h>

#include "blur.h"

int main(void) {
  float image[3 * 4] = {0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0}, result[3 * 4];
  int64_t shape[2] = {3, 4};
  const tess_tensor tensor = {.device = {TESS_CPU, 0}, .ndim = 2, .dtype = {TESS_FLOAT, 32, 1},
                              .shape = shape};
  blur_args arguments = {.image = tensor, .y = tensor};
  arguments.image.data = image;
  arguments.y.data = result;

  tess_error error = {0};
  if (blur(&arguments, NULL, 0, &error) != TESS_OK) {
    fprintf(stderr, "blur: %s\n", error.message);
    return 1;
  }
  for (int row = 0; row < 3; row++) {
    for (int column = 0; column < 4; column++) printf("%4g", result[4 * row + column]);
    printf("\n");
  }
  return 0;
}

#include "include/CKernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// On ARM the portable set already compiles to NEON, which every 64-bit ARM processor has.
extern const ck_operations ck_operations_portable;
#if defined(__x86_64__)
extern const ck_operations ck_operations_avx2;
extern const ck_operations ck_operations_avx512;
extern const ck_operations ck_operations_avx512vnni;
extern const ck_operations ck_operations_avx512bf16;
#endif

static const ck_operations *available[5];
static size_t available_count;
static const ck_operations *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Best last. CRAYON_KERNELS names a set to use instead of the best, for tests and measurements; the
// command line refuses a name that is not in use afterwards.
static void choose(void) {
  available[available_count++] = &ck_operations_portable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    available[available_count++] = &ck_operations_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    available[available_count++] = &ck_operations_avx512;
    if (__builtin_cpu_supports("avx512vnni")) {
      available[available_count++] = &ck_operations_avx512vnni;
      if (__builtin_cpu_supports("avx512bf16")) available[available_count++] = &ck_operations_avx512bf16;
    }
  }
#endif
  chosen = available[available_count - 1];
  const char *wanted = getenv("CRAYON_KERNELS");
  for (size_t i = 0; wanted && i < available_count; i++)
    if (strcmp(wanted, available[i]->name) == 0) chosen = available[i];
}

const ck_operations *ck_best_operations(void) {
  pthread_once(&once, choose);
  return chosen;
}

const ck_operations *ck_available_operations(size_t index) {
  pthread_once(&once, choose);
  return index < available_count ? available[index] : NULL;
}

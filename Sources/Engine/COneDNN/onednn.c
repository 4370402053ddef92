#define _GNU_SOURCE
#include "include/COneDNN.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// oneDNN's C interface, version 2. Its descriptors are filled and read by the library alone: here they are bytes, with
// room for more than it has (696 and 2,800 in version 2.6).
typedef struct descriptor { _Alignas(64) unsigned char bytes[4096]; } descriptor;
typedef struct operation { _Alignas(64) unsigned char bytes[16384]; } operation;
typedef struct argument {
  int index;
  void *memory;
} argument;
typedef struct version {
  int major, minor, patch;
} version;

enum { FLOAT32 = 3, BFLOAT16 = 2, ANY = 1, CPU = 1 };
enum { ARGUMENT_FROM = 1, ARGUMENT_TO = 17, ARGUMENT_WEIGHTS = 33, ARGUMENT_SCRATCH = 80 };
enum { QUERY_WEIGHTS = 131, QUERY_SCRATCH = 136, SCRATCH_OF_CALLER = 1 };
enum { ISA_AVX512_BF16 = 0xe7 };
enum { DIMENSIONS = 12 };
typedef int64_t dimensions[DIMENSIONS];

static struct {
  const version *(*version)(void);
  int (*set_max_cpu_isa)(int);
  int (*engine_create)(void **, int, size_t);
  int (*stream_create)(void **, void *, unsigned);
  int (*describe_by_strides)(descriptor *, int, const dimensions, int, const dimensions);
  int (*describe_by_tag)(descriptor *, int, const dimensions, int, int);
  size_t (*size)(const void *);
  int (*matmul)(operation *, const void *, const void *, const void *, const void *);
  int (*attr_create)(void **);
  int (*attr_destroy)(void *);
  int (*attr_set_scratch)(void *, int);
  int (*attr_set_post_ops)(void *, const void *);
  int (*post_ops_create)(void **);
  int (*post_ops_destroy)(void *);
  int (*post_ops_append_sum)(void *, float);
  int (*desc_create)(void **, const void *, const void *, void *, const void *);
  int (*desc_destroy)(void *);
  const void *(*query_md)(const void *, int, int);
  int (*reorder)(void **, const void *, void *, const void *, void *, const void *);
  int (*create)(void **, const void *);
  int (*execute)(const void *, void *, int, const argument *);
  int (*destroy)(void *);
  int (*memory_create)(void **, const void *, void *, void *);
  int (*memory_destroy)(void *);
} dnnl;

static void (*omp_set_num_threads)(int);
static void *engine, *stream;
static char version_text[32];
static bool is_loaded, has_fast_bfloat16;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// oneDNN was built for OpenMP, whose number of threads each thread has of its own. The work is cut up by the callers.
static void use_calling_thread(void) {
  static _Thread_local bool is_set;
  if (is_set) return;
  if (omp_set_num_threads) omp_set_num_threads(1);
  is_set = true;
}

#if defined(__x86_64__)
#include <cpuid.h>

static void look_at_processor(void) {
  unsigned a, b, c, d;
  bool has_tiles = false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) has_tiles = (d >> 22 & 1) && (d >> 24 & 1);
  // Tiles are a process's only when it has asked the system for them (ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA).
  if (has_tiles && syscall(SYS_arch_prctl, 0x1023, 18) != 0) {
    has_tiles = false;
    dnnl.set_max_cpu_isa(ISA_AVX512_BF16);
  }
  __builtin_cpu_init();
  // Intel's processors without tiles take bfloat16 two at a time at half the pace of floats: nothing is gained.
  const bool has_vectors = __builtin_cpu_is("amd") && __builtin_cpu_supports("avx512bf16");
  has_fast_bfloat16 = has_tiles || has_vectors;
}
#else
static void look_at_processor(void) {}
#endif

static void load(void) {
  void *library = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  const struct {
    const char *name;
    void **function;
  } functions[] = {
      {"dnnl_version", (void **)&dnnl.version},
      {"dnnl_set_max_cpu_isa", (void **)&dnnl.set_max_cpu_isa},
      {"dnnl_engine_create", (void **)&dnnl.engine_create},
      {"dnnl_stream_create", (void **)&dnnl.stream_create},
      {"dnnl_memory_desc_init_by_strides", (void **)&dnnl.describe_by_strides},
      {"dnnl_memory_desc_init_by_tag", (void **)&dnnl.describe_by_tag},
      {"dnnl_memory_desc_get_size", (void **)&dnnl.size},
      {"dnnl_matmul_desc_init", (void **)&dnnl.matmul},
      {"dnnl_primitive_attr_create", (void **)&dnnl.attr_create},
      {"dnnl_primitive_attr_destroy", (void **)&dnnl.attr_destroy},
      {"dnnl_primitive_attr_set_scratchpad_mode", (void **)&dnnl.attr_set_scratch},
      {"dnnl_primitive_attr_set_post_ops", (void **)&dnnl.attr_set_post_ops},
      {"dnnl_post_ops_create", (void **)&dnnl.post_ops_create},
      {"dnnl_post_ops_destroy", (void **)&dnnl.post_ops_destroy},
      {"dnnl_post_ops_append_sum", (void **)&dnnl.post_ops_append_sum},
      {"dnnl_primitive_desc_create", (void **)&dnnl.desc_create},
      {"dnnl_primitive_desc_destroy", (void **)&dnnl.desc_destroy},
      {"dnnl_primitive_desc_query_md", (void **)&dnnl.query_md},
      {"dnnl_reorder_primitive_desc_create", (void **)&dnnl.reorder},
      {"dnnl_primitive_create", (void **)&dnnl.create},
      {"dnnl_primitive_execute", (void **)&dnnl.execute},
      {"dnnl_primitive_destroy", (void **)&dnnl.destroy},
      {"dnnl_memory_create", (void **)&dnnl.memory_create},
      {"dnnl_memory_destroy", (void **)&dnnl.memory_destroy},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (!(*functions[i].function = dlsym(library, functions[i].name))) return;
  const version *found = dnnl.version();
  if (found->major != 2) return;
  omp_set_num_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
  use_calling_thread();
  // Before anything asks oneDNN what the processor has, which it then remembers.
  look_at_processor();
  if (dnnl.engine_create(&engine, CPU, 0) != 0 || dnnl.stream_create(&stream, engine, 1) != 0) return;
  snprintf(version_text, sizeof version_text, "%d.%d.%d", found->major, found->minor, found->patch);
  is_loaded = true;
}

static bool ready(void) {
  pthread_once(&once, load);
  if (is_loaded) use_calling_thread();
  return is_loaded;
}

const char *cd_version(void) { return ready() ? version_text : NULL; }

bool cd_has_fast_bfloat16(void) { return ready() && has_fast_bfloat16; }

struct cd_layout {
  cd_type type;
  size_t inner, columns, bytes;
  descriptor weights;
};

struct cd_product {
  void *primitive;
  descriptor x, y, weights, scratch;
  size_t scratch_bytes;
};

static int kind(cd_type type) { return type == CD_BFLOAT16 ? BFLOAT16 : FLOAT32; }

static bool describe_dense(descriptor *to, size_t rows, size_t columns, int type) {
  const dimensions sizes = {(int64_t)rows, (int64_t)columns}, strides = {(int64_t)columns, 1};
  return dnnl.describe_by_strides(to, 2, sizes, type, strides) == 0;
}

/// A product's primitive descriptor, for weights as they are described. NULL where it is refused.
static void *describe_product(
    const cd_layout *layout, const descriptor *weights, size_t rows, bool accumulate, descriptor *x, descriptor *y) {
  operation matmul;
  if (!describe_dense(x, rows, layout->inner, kind(layout->type)) || !describe_dense(y, rows, layout->columns, FLOAT32) ||
      dnnl.matmul(&matmul, x, weights, NULL, y) != 0)
    return NULL;
  void *attributes = NULL, *post = NULL, *result = NULL;
  if (dnnl.attr_create(&attributes) == 0 && dnnl.attr_set_scratch(attributes, SCRATCH_OF_CALLER) == 0 &&
      (!accumulate || (dnnl.post_ops_create(&post) == 0 && dnnl.post_ops_append_sum(post, 1) == 0 &&
                       dnnl.attr_set_post_ops(attributes, post) == 0)) &&
      dnnl.desc_create(&result, &matmul, attributes, engine, NULL) != 0)
    result = NULL;
  if (post) dnnl.post_ops_destroy(post);
  if (attributes) dnnl.attr_destroy(attributes);
  return result;
}

/// Copies what the library describes; all of its descriptors are of one size, which is less.
static void copy_descriptor(descriptor *to, const void *from) { __builtin_memcpy(to, from, 696); }

cd_layout *cd_layout_create(cd_type type, size_t inner, size_t columns) {
  if (!ready() || inner == 0 || columns == 0) return NULL;
  cd_layout *layout = aligned_alloc(64, (sizeof *layout + 63) / 64 * 64);
  if (!layout) return NULL;
  layout->type = type;
  layout->inner = inner;
  layout->columns = columns;
  descriptor any, x, y;
  const dimensions sizes = {(int64_t)inner, (int64_t)columns};
  void *product = NULL;
  // As many rows as callers usually have; the layout is that of any number.
  if (dnnl.describe_by_tag(&any, 2, sizes, kind(type), ANY) == 0)
    product = describe_product(layout, &any, 256, false, &x, &y);
  const void *weights = product ? dnnl.query_md(product, QUERY_WEIGHTS, 0) : NULL;
  if (!weights) {
    if (product) dnnl.desc_destroy(product);
    free(layout);
    return NULL;
  }
  copy_descriptor(&layout->weights, weights);
  layout->bytes = dnnl.size(&layout->weights);
  dnnl.desc_destroy(product);
  return layout;
}

void cd_layout_destroy(cd_layout *layout) { free(layout); }
size_t cd_layout_bytes(const cd_layout *layout) { return layout->bytes; }

static bool run(void *primitive, argument *arguments, const descriptor *const *descriptors, void *const *data, int count) {
  int made = 0;
  while (made < count && dnnl.memory_create(&arguments[made].memory, descriptors[made], engine, data[made]) == 0) made++;
  const bool is_done = made == count && dnnl.execute(primitive, stream, count, arguments) == 0;
  for (int i = 0; i < made; i++) dnnl.memory_destroy(arguments[i].memory);
  return is_done;
}

bool cd_layout_pack(const cd_layout *layout, const float *weights, void *packed) {
  if (!ready()) return false;
  descriptor from;
  const dimensions sizes = {(int64_t)layout->inner, (int64_t)layout->columns}, strides = {1, (int64_t)layout->inner};
  void *reorder = NULL, *primitive = NULL;
  if (dnnl.describe_by_strides(&from, 2, sizes, FLOAT32, strides) != 0 ||
      dnnl.reorder(&reorder, &from, engine, &layout->weights, engine, NULL) != 0)
    return false;
  bool is_done = false;
  if (dnnl.create(&primitive, reorder) == 0) {
    argument arguments[] = {{ARGUMENT_FROM, NULL}, {ARGUMENT_TO, NULL}};
    const descriptor *descriptors[] = {&from, &layout->weights};
    void *data[] = {(void *)weights, packed};
    is_done = run(primitive, arguments, descriptors, data, 2);
    dnnl.destroy(primitive);
  }
  dnnl.desc_destroy(reorder);
  return is_done;
}

cd_product *cd_product_create(const cd_layout *layout, size_t rows, bool accumulate) {
  if (!ready()) return NULL;
  cd_product *product = aligned_alloc(64, (sizeof *product + 63) / 64 * 64);
  if (!product) return NULL;
  void *description = describe_product(layout, &layout->weights, rows, accumulate, &product->x, &product->y);
  const void *scratch = description ? dnnl.query_md(description, QUERY_SCRATCH, 0) : NULL;
  if (!scratch || dnnl.create(&product->primitive, description) != 0) {
    if (description) dnnl.desc_destroy(description);
    free(product);
    return NULL;
  }
  product->weights = layout->weights;
  copy_descriptor(&product->scratch, scratch);
  product->scratch_bytes = dnnl.size(&product->scratch);
  dnnl.desc_destroy(description);
  return product;
}

void cd_product_destroy(cd_product *product) {
  dnnl.destroy(product->primitive);
  free(product);
}

/// Of the calling thread, as large as any product of it needed.
static void *scratch_of(size_t bytes) {
  static _Thread_local struct {
    void *memory;
    size_t bytes;
  } kept;
  if (kept.bytes < bytes) {
    free(kept.memory);
    kept.memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    kept.bytes = kept.memory ? bytes : 0;
  }
  return kept.memory;
}

bool cd_product_run(const cd_product *product, const void *x, const void *packed, float *y) {
  if (!ready()) return false;
  void *scratch = product->scratch_bytes > 0 ? scratch_of(product->scratch_bytes) : NULL;
  if (product->scratch_bytes > 0 && !scratch) return false;
  argument arguments[] = {
      {ARGUMENT_FROM, NULL}, {ARGUMENT_WEIGHTS, NULL}, {ARGUMENT_TO, NULL}, {ARGUMENT_SCRATCH, NULL}};
  const descriptor *descriptors[] = {&product->x, &product->weights, &product->y, &product->scratch};
  void *data[] = {(void *)x, (void *)packed, y, scratch};
  return run(product->primitive, arguments, descriptors, data, product->scratch_bytes > 0 ? 4 : 3);
}

// Portable vectors. Each instruction set compiles the files of operations/ once, with its own width:
// the file that includes this has defined CK_WIDTH (floats a vector) and CK_SUFFIX.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "half.h"

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)
/// The name of an operation in this instruction set: CK_NAME(layer_norm) is layer_norm_avx2 and so on.
#define CK_NAME(operation) CK_JOIN(operation, CK_SUFFIX)

typedef float vfloat __attribute__((vector_size(CK_WIDTH * 4)));
typedef int32_t vint __attribute__((vector_size(CK_WIDTH * 4)));

static inline vfloat v_load(const float *p) {
  vfloat v;
  memcpy(&v, p, sizeof v);
  return v;
}

/// Numbers of 16 bits as floats; `p` need not be aligned.
static inline __attribute__((always_inline)) vfloat v_load_halves(const void *p) {
#if defined(CK_HAS_AVX512)
  return (vfloat)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
#elif defined(CK_HAS_AVX2)
  return (vfloat)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
#else
  uint16_t halves[CK_WIDTH];
  memcpy(halves, p, sizeof halves);
  float lanes[CK_WIDTH];
  for (size_t i = 0; i < CK_WIDTH; i++) lanes[i] = ck_float_from_half(halves[i]);
  return v_load(lanes);
#endif
}

static inline void v_store(float *p, vfloat v) { memcpy(p, &v, sizeof v); }

#if defined(CK_HAS_AVX2)
/// The first `count` lanes of eight.
static inline __m256i v_first_of_8(size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)count), lanes);
}
#endif

/// The first `count` floats, fewer than a vector; the rest of it is `fill`.
static inline vfloat v_load_part(const float *p, size_t count, float fill) {
#if defined(CK_HAS_AVX512)
  return (vfloat)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), (__mmask16)((1u << count) - 1), p);
#elif defined(CK_HAS_AVX2)
  const __m256i first = v_first_of_8(count);
  return (vfloat)_mm256_blendv_ps(
      _mm256_set1_ps(fill), _mm256_maskload_ps(p, first), _mm256_castsi256_ps(first));
#else
  float lanes[CK_WIDTH];
  for (size_t i = 0; i < CK_WIDTH; i++) lanes[i] = i < count ? p[i] : fill;
  return v_load(lanes);
#endif
}

static inline void v_store_part(float *p, vfloat v, size_t count) {
#if defined(CK_HAS_AVX512)
  // Half a vector as a whole one: a masked store holds up a load that lies beside it, as the next row does.
  if (count & 8) {
    _mm256_storeu_ps(p, _mm512_castps512_ps256((__m512)v));
    v = (vfloat)_mm512_shuffle_f32x4((__m512)v, (__m512)v, 0x0e);
    p += 8;
  }
  if (count & 7) _mm256_maskstore_ps(p, v_first_of_8(count & 7), _mm512_castps512_ps256((__m512)v));
#elif defined(CK_HAS_AVX2)
  _mm256_maskstore_ps(p, v_first_of_8(count), (__m256)v);
#else
  for (size_t i = 0; i < count; i++) p[i] = v[i];
#endif
}

/// A vector, or its first `count` floats and zeros.
static inline __attribute__((always_inline)) vfloat v_load_some(const float *p, size_t count) {
  return count < CK_WIDTH ? v_load_part(p, count, 0) : v_load(p);
}

static inline __attribute__((always_inline)) void v_store_some(float *p, vfloat v, size_t count) {
  if (count < CK_WIDTH) v_store_part(p, v, count);
  else v_store(p, v);
}

static inline vfloat v_all(float x) { return x - (vfloat){}; }

static inline vfloat v_select(vint mask, vfloat yes, vfloat no) {
  return (vfloat)((mask & (vint)yes) | (~mask & (vint)no));
}

/// Where one of the two is NaN, `b`.
static inline vfloat v_max(vfloat a, vfloat b) { return v_select(a > b, a, b); }
static inline vfloat v_min(vfloat a, vfloat b) { return v_select(a < b, a, b); }

/// A number that is not one stays so.
static inline vfloat v_relu(vfloat x) { return v_max(v_all(0), x); }

static inline float v_sum(vfloat v) {
  float lanes[CK_WIDTH];
  v_store(lanes, v);
  for (size_t half = CK_WIDTH / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

static inline float v_largest(vfloat v) {
  // As whole numbers of the same order, which every processor compares without a thought for NaN.
  const vint bits = (vint)v;
  const int32_t most = __builtin_reduce_max(bits ^ ((bits >> 31) & INT32_MAX));
  const int32_t back = most ^ ((most >> 31) & INT32_MAX);
  float out;
  memcpy(&out, &back, 4);
  return out;
}

/// e^x within 2 units in the last place on [-87, 88]; 0 below, about 2e38 above.
/// Range reduction by log 2 in two parts, then the degree-6 minimax polynomial of Cephes' expf.
static inline vfloat v_exp(vfloat x) {
  const vint underflow = x < v_all(-87.33654f);
  const vint not_a_number = x != x;
  const vfloat nan = x;
  x = v_min(v_max(x, v_all(-87.33654f)), v_all(88.3762626f));
  const vfloat magic = v_all(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const vfloat n = (x * 1.44269504f + magic) - magic;
  const vfloat r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  vfloat p = v_all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const vint exponent = (__builtin_convertvector(n, vint) + 127) << 23;
  return v_select(not_a_number, nan, v_select(underflow, v_all(0), p * (vfloat)exponent));
}

/// The error function within 1.5e-7 absolute (Abramowitz and Stegun 7.1.26).
static inline vfloat v_erf(vfloat x) {
  const vint sign = (vint)x & INT32_MIN;
  const vfloat a = (vfloat)((vint)x & INT32_MAX);
  const vfloat t = 1.0f / (1.0f + 0.3275911f * a);
  vfloat p = v_all(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const vfloat y = 1.0f - p * t * v_exp(-a * a);
  return (vfloat)((vint)y | sign);
}

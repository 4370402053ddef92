// Floats to blocks of a few bits.

// See ck_operations.quantize_nf4: bitsandbytes' codes, the number of borders that a value is above.
void CK_NAME(quantize_nf4)(
    const float *x, size_t blocks, const float *borders, uint8_t *packed, float *scales) {
  for (size_t b = 0; b < blocks; b++, x += CK_NF4_BLOCK, packed += CK_NF4_BLOCK / 2) {
    vfloat most = v_all(0);
    for (size_t i = 0; i < CK_NF4_BLOCK; i += CK_WIDTH) {
      const vfloat v = v_load(x + i);
      most = v_max(most, v_max(v, -v));
    }
    const float largest = v_largest(most);
    scales[b] = largest;
    const float inverse = largest > 0 ? 1 / largest : 0;
    int32_t codes[CK_NF4_BLOCK];
    for (size_t i = 0; i < CK_NF4_BLOCK; i += CK_WIDTH) {
      const vfloat v = v_load(x + i) * inverse;
      vint code = {};
      // A comparison is -1 in each lane where it holds.
      for (int border = 0; border < 15; border++) code -= v > v_all(borders[border]);
      memcpy(codes + i, &code, sizeof code);
    }
    for (size_t i = 0; i < CK_NF4_BLOCK / 2; i++)
      packed[i] = (uint8_t)(codes[2 * i] << 4 | codes[2 * i + 1]);
  }
}

// See ck_operations.quantize_q8_0.
void CK_NAME(quantize_q8_0)(const float *x, size_t blocks, uint8_t *out) {
  for (size_t b = 0; b < blocks; b++, x += 32, out += 34) {
    vfloat most = v_all(0);
    for (size_t i = 0; i < 32; i += CK_WIDTH) {
      const vfloat v = v_load(x + i);
      most = v_max(most, v_max(v, -v));
    }
    const float scale = v_largest(most) / 127.0f;
    const float inverse = scale > 0 ? 1.0f / scale : 0;
    const uint16_t half = ck_half_from_float(scale);
    memcpy(out, &half, sizeof half);
    for (size_t i = 0; i < 32; i++) {
      // Halves away from zero, as roundf.
      const float v = x[i] * inverse;
      out[2 + i] = (uint8_t)(int8_t)(v + (v < 0 ? -0.5f : 0.5f));
    }
  }
}

// See ck_operations.bfloats_from_floats. What is not a number stays so: its lowest kept bit is set.
void CK_NAME(bfloats_from_floats)(const float *x, uint16_t *out, size_t count) {
  typedef uint32_t wide __attribute__((vector_size(CK_WIDTH * 4)));
  typedef uint16_t narrow __attribute__((vector_size(CK_WIDTH * 2)));
  for (size_t i = 0; i < count; i += CK_WIDTH) {
    const size_t lanes = count - i < CK_WIDTH ? count - i : CK_WIDTH;
    const wide bits = (wide)v_load_some(x + i, lanes);
    const wide is_nan = (wide)((bits & 0x7fffffff) > 0x7f800000);
    const wide rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    const narrow halves = __builtin_convertvector((is_nan & (bits >> 16 | 1)) | (~is_nan & rounded), narrow);
    // Of a number of bytes that is known, a copy is one instruction and no call.
    if (lanes == CK_WIDTH) memcpy(out + i, &halves, sizeof halves);
    else memcpy(out + i, &halves, lanes * sizeof *out);
  }
}

/*
** rt_math_random.h: counter-based random numbers
**
** philox(key, counter) = 64 random bits;   uniform(bits) in [0, 1)
**
** Philox4x32-10 of Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
** SC 2011: a pure function, so the numbers do not depend on who asks for them or in what order.
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_RANDOM_H
#define RT_MATH_RANDOM_H

/* Ten rounds of Philox on the four counter words c under the key (k0, k1), in place. */
RT_FN void rt_philox_4x32(uint32_t c[4], uint32_t k0, uint32_t k1) {
  uint32_t c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3];
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)c0 * 0xd2511f53u, p1 = (uint64_t)c2 * 0xcd9e8d57u;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  c[0] = c0, c[1] = c1, c[2] = c2, c[3] = c3;
}

/* The first two words of Philox for a 64-bit key and counter; the upper counter words are 0. */
RT_FN uint64_t rt_philox(uint64_t key, uint64_t counter) {
  uint32_t c[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), 0u, 0u};
  rt_philox_4x32(c, (uint32_t)key, (uint32_t)(key >> 32));
  return (uint64_t)c[1] << 32 | c[0];
}

RT_FN int64_t rt_philox_i64(int64_t key, int64_t counter) {
  return (int64_t)rt_philox((uint64_t)key, (uint64_t)counter);
}

/* The same for indices of 32 bits: the low word. */
RT_FN int32_t rt_philox_i32(int32_t key, int32_t counter) {
  return (int32_t)(uint32_t)rt_philox((uint32_t)key, (uint32_t)counter);
}

/* k 2^-24 for the upper 24 of 64 random bits. */
RT_FN float rt_uniform_f32(int64_t bits) {
  return (float)(int32_t)((uint64_t)bits >> 40) * 0x1p-24f;
}

/* k 2^-53 for the upper 53 of 64 random bits. */
RT_FN double rt_uniform_f64(int64_t bits) {
  uint64_t k = (uint64_t)bits >> 11;
  double hi = rt_from_bits_f64(0x4530000000000000u | k >> 32) - 0x1p84;
  double lo = rt_from_bits_f64(0x4330000000000000u | (k & 0xffffffffu)) - 0x1p52;
  return (hi + lo) * 0x1p-53;
}

#endif

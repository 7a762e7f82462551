/*
** rt_random.c: counter-based random numbers for shuffling and cropping (Philox 4x32-10)
**
** Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". The same number for the same
** seed, stream and counter, whatever came before, so that a resumed run sees the same data.
*/
#include "rt_program.h"

/* Returns 64 random bits. */
uint64_t rt_random(uint64_t seed, uint64_t stream, uint64_t counter) {
  uint32_t c[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)stream,
                   (uint32_t)(stream >> 32)};
  uint32_t k[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  for (int round = 0; round < 10; round++) {
    uint64_t p = (uint64_t)0xD2511F53u * c[0], q = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t next[4] = {(uint32_t)(q >> 32) ^ c[1] ^ k[0], (uint32_t)q,
                        (uint32_t)(p >> 32) ^ c[3] ^ k[1], (uint32_t)p};
    for (int i = 0; i < 4; i++) c[i] = next[i];
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return (uint64_t)c[1] << 32 | c[0];
}

/* Writes the rows' order in an epoch: Fisher and Yates's permutation. */
void rt_shuffle(int64_t *order, int64_t n, uint64_t seed, uint64_t epoch) {
  for (int64_t i = 0; i < n; i++) order[i] = i;
  for (int64_t i = n - 1; i > 0; i--) {
    int64_t j = (int64_t)(rt_random(seed, epoch, (uint64_t)i) % ((uint64_t)i + 1));
    int64_t keep = order[i];
    order[i] = order[j];
    order[j] = keep;
  }
}

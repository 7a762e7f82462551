/*
** rt_io_sum.c: CRC-32 of zip and PNG, and the 64-bit hash that guards checkpoints
**
** rt_crc32(0, "123456789", 9) is cbf43926; the XXH64 of nothing, with seed 0, is ef46db3751d8e999.
** XXH64 after Yann Collet's specification: 4 lanes, 32 bytes a round.
*/
#include "rt_io_parts.h"

#include <string.h>

/* Continues a CRC-32 (0 to begin); eight bytes a step, by tables made for the call. */
uint32_t rt_crc32(uint32_t crc, const void *data, size_t size) {
  uint32_t table[8][256];
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
    table[0][i] = c;
  }
  for (int t = 1; t < 8; t++)
    for (int i = 0; i < 256; i++)
      table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 255];
  const unsigned char *p = data;
  uint32_t c = ~crc;
  for (; size >= 8; size -= 8, p += 8) {
    uint32_t a, b;
    memcpy(&a, p, 4);
    memcpy(&b, p + 4, 4);
    a ^= c;
    c = table[7][a & 255] ^ table[6][a >> 8 & 255] ^ table[5][a >> 16 & 255] ^ table[4][a >> 24] ^
        table[3][b & 255] ^ table[2][b >> 8 & 255] ^ table[1][b >> 16 & 255] ^ table[0][b >> 24];
  }
  for (; size; size--) c = c >> 8 ^ table[0][(c ^ *p++) & 255];
  return ~c;
}

#define PRIME1 0x9e3779b185ebca87u
#define PRIME2 0xc2b2ae3d27d4eb4fu
#define PRIME3 0x165667b19e3779f9u
#define PRIME4 0x85ebca77c2b2ae63u
#define PRIME5 0x27d4eb2f165667c5u

static uint64_t rotate(uint64_t x, int by) {
  return x << by | x >> (64 - by);
}

static uint64_t mix(uint64_t lane, uint64_t word) {
  return rotate(lane + word * PRIME2, 31) * PRIME1;
}

static uint64_t word64(const unsigned char *p) {
  uint64_t x;
  memcpy(&x, p, 8);
  return x;
}

/* Begins a hash of seed 0. */
void rt_xxh64_start(rt_xxh64 *h) {
  memset(h, 0, sizeof *h);
  h->lane[0] = PRIME1 + PRIME2;
  h->lane[1] = PRIME2;
  h->lane[3] = 0 - PRIME1;
}

static void round32(rt_xxh64 *h, const unsigned char *p) {
  for (int k = 0; k < 4; k++) h->lane[k] = mix(h->lane[k], word64(p + 8 * k));
}

/* Takes more bytes in. */
void rt_xxh64_add(rt_xxh64 *h, const void *data, size_t size) {
  const unsigned char *p = data;
  h->total += size;
  if (h->used) {
    size_t n = 32 - (size_t)h->used < size ? 32 - (size_t)h->used : size;
    memcpy(h->rest + h->used, p, n);
    h->used += (int)n;
    p += n;
    size -= n;
    if (h->used < 32) return;
    round32(h, h->rest);
    h->used = 0;
  }
  for (; size >= 32; size -= 32, p += 32) round32(h, p);
  if (size) memcpy(h->rest, p, size);
  h->used = (int)size;
}

/* The hash of what was taken in so far. */
uint64_t rt_xxh64_sum(const rt_xxh64 *h) {
  uint64_t x = PRIME5;
  if (h->total >= 32) {
    x = rotate(h->lane[0], 1) + rotate(h->lane[1], 7) + rotate(h->lane[2], 12) +
        rotate(h->lane[3], 18);
    for (int k = 0; k < 4; k++) x = (x ^ mix(0, h->lane[k])) * PRIME1 + PRIME4;
  }
  x += h->total;
  int i = 0;
  for (; i + 8 <= h->used; i += 8)
    x = rotate(x ^ mix(0, word64(h->rest + i)), 27) * PRIME1 + PRIME4;
  if (i + 4 <= h->used) {
    uint32_t w;
    memcpy(&w, h->rest + i, 4);
    x = rotate(x ^ w * PRIME1, 23) * PRIME2 + PRIME3;
    i += 4;
  }
  for (; i < h->used; i++) x = rotate(x ^ h->rest[i] * PRIME5, 11) * PRIME1;
  x = (x ^ x >> 33) * PRIME2;
  x = (x ^ x >> 29) * PRIME3;
  return x ^ x >> 32;
}

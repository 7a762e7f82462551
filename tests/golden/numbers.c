/* numbers.lua:4   warm = minimum(t / 10, 1)
   numbers.lua:5   decay = 0.5 * (1 + cos(t)) */
static void make_warm(const float *restrict t, float *restrict warm, float *restrict decay) {
  warm[0] = rt_min_f32(t[0] / 10.0f, 1.0f);
  decay[0] = 0.5f * (1.0f + rt_cos_f32(t[0]));
}

/* numbers.lua:6   norm_sum = sum i.  x[i]^2 * const[i]
   numbers.lua:6   norm = sqrt(norm_sum)
   numbers.lua:7   clip = where(norm > 1, 1 / norm, 1) */
static void make_norm(const float *restrict x, const float *restrict const_, float *restrict norm,
    float *restrict clip) {
  float norm_sum = 0.0f;
  for (int i = 0; i < 3; i++)
    norm_sum += x[i] * x[i] * const_[i];
  const float norm_2 = rt_sqrt_f32(norm_sum);
  norm[0] = norm_2;
  clip[0] = norm_2 > 1.0f ? 1.0f / norm_2 : 1.0f;
}

/* numbers.lua:9   x_next[i] = x[i] * warm * decay * clip * const[i] */
static void make_x_next(const float *restrict x, const float *restrict warm,
    const float *restrict decay, const float *restrict clip, const float *restrict const_,
    float *restrict x_next) {
  const float warm_decay_clip = warm[0] * decay[0] * clip[0];
  for (int i = 0; i < 3; i++)
    x_next[i] = warm_decay_clip * x[i] * const_[i];
}


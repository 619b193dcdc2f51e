// Seeded random numbers, the same as in Python (d2lutils/widgets/framework/seeded.py).

// n numbers in [0, 1): the outputs number from, from + 1, ... of mulberry32 with this seed.
function uniforms(seed, n, from = 0) {
  const out = new Float64Array(n);
  for (let i = 0, state = (seed + Math.imul(from, 0x6d2b79f5)) | 0; i < n; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    out[i] = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  return out;
}
// n numbers of the standard normal distribution (Box and Muller), two from each two uniform ones.
function normals(seed, n) {
  const u = uniforms(seed, n + (n % 2)),
    out = new Float64Array(n);
  for (let i = 0; i < n; i += 2) {
    const r = Math.sqrt(-2 * Math.log(1 - u[i])),
      a = 2 * Math.PI * u[i + 1];
    out[i] = r * Math.cos(a);
    if (i + 1 < n) out[i + 1] = r * Math.sin(a);
  }
  return out;
}

// Points in the plane, of two classes, from seeded random numbers.

// As `points` in playground.py: {X, y} to train on and to test with.
function pointsOf(data, n, noise, seed) {
  const N = 2 * n,
    u = uniforms(seed, 2 * N),
    e = normals(seed + 1, 2 * N);
  const X = new Float64Array(2 * N),
    y = Float64Array.from({ length: N }, (_, i) => i % 2);
  for (let i = 0; i < N; i++) {
    const [a, b, sign] = [u[i], u[N + i], 2 * y[i] - 1];
    let p;
    if (data === "XOR") {
      const side = i % 4 < 2 ? 1 : -1;
      p = [(0.06 + 0.94 * a) * side, -(0.06 + 0.94 * b) * side * sign];
    } else if (data === "circles") {
      const r = y[i] ? 0.65 + 0.3 * a : 0.45 * Math.sqrt(a);
      p = [r * Math.cos(2 * Math.PI * b), r * Math.sin(2 * Math.PI * b)];
    } else if (data === "moons") {
      const angle = Math.PI * a;
      p = [sign * (0.35 - 0.7 * Math.cos(angle)), sign * (0.2 - 0.7 * Math.sin(angle))];
    } else if (data === "spirals") {
      const angle = 3.5 * Math.PI * a + Math.PI * y[i];
      p = [0.95 * a * Math.cos(angle), 0.95 * a * Math.sin(angle)];
    } else {
      const r = (0.35 * Math.sqrt(-2 * Math.log(1 - a))) / 2;
      p = [0.4 * sign + r * Math.cos(2 * Math.PI * b), 0.4 * sign + r * Math.sin(2 * Math.PI * b)];
    }
    X[2 * i] = p[0] + noise * e[i];
    X[2 * i + 1] = p[1] + noise * e[N + i];
  }
  const part = (from) => ({ X: X.slice(2 * from, 2 * (from + n)), y: y.slice(from, from + n) });
  return [part(0), part(n)];
}

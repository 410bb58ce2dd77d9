/** Arithmetic without rounding, for oracles: every finite double is a bigint times 2⁻¹⁰⁷⁴. */
const scale = 1074n;

export function exact(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -size : size;
}

/** numerator / denominator as a double, with an error of at most some 2⁻⁶⁰. */
export function quotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const shift = BigInt(n.toString(2).length - d.toString(2).length - 64);
  const q = shift > 0n ? n / (d << shift) : (n << -shift) / d;
  let value = Number(q);
  let left = Number(shift);
  while (left > 500) {
    value *= 2 ** 500;
    left -= 500;
  }
  while (left < -500) {
    value *= 2 ** -500;
    left += 500;
  }
  value *= 2 ** left;
  return negative ? -value : value;
}

/** The exact sum of finite doubles, rounded once. */
export function exactSum(values: readonly number[]): number {
  return quotient(
    values.reduce((sum, x) => sum + exact(x), 0n),
    1n << scale,
  );
}

export function exactMean(values: readonly number[]): number {
  return quotient(
    values.reduce((sum, x) => sum + exact(x), 0n),
    BigInt(values.length) << scale,
  );
}

/** (n Σx² - (Σx)²) / (n (n - ddof)). */
export function exactVariance(values: readonly number[], ddof: number): number {
  const n = BigInt(values.length);
  let sum = 0n;
  let squares = 0n;
  for (const x of values) {
    const e = exact(x);
    sum += e;
    squares += e * e;
  }
  return quotient(n * squares - sum * sum, (n * (n - BigInt(ddof))) << (2n * scale));
}

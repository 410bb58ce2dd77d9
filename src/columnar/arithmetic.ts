/** `out[i] = a[i] op b[i]`; IEEE arithmetic on doubles. */
export type Arithmetic = (a: Float64Array, b: Float64Array, out: Float64Array) => void;

export const add: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! + b[i]!;
};

export const sub: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! - b[i]!;
};

export const mul: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! * b[i]!;
};

export const div: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! / b[i]!;
};

/** Quotient rounded down, as Python's `//`; by zero an infinity or NaN. A zero has the sign of the quotient. */
export const floordiv: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) {
    const dividend = a[i]!;
    const divisor = b[i]!;
    if (divisor === 0) {
      out[i] = dividend / divisor;
      continue;
    }
    // From the exact remainder, as the rounded quotient may already lie on the next whole number.
    const remainder = dividend % divisor;
    let quotient = (dividend - remainder) / divisor;
    if (remainder !== 0 && remainder < 0 !== divisor < 0) quotient--;
    if (quotient === 0) {
      out[i] = 0 * (dividend / divisor);
      continue;
    }
    const whole = Math.floor(quotient);
    out[i] = quotient - whole > 0.5 ? whole + 1 : whole;
  }
};

/** Remainder with the sign of the divisor, zero too, as Python's `%`: -7 mod 10 = 3. By zero NaN. */
export const mod: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) {
    const divisor = b[i]!;
    const remainder = a[i]! % divisor;
    if (remainder === 0) out[i] = divisor < 0 ? -0 : 0;
    else out[i] = remainder < 0 !== divisor < 0 ? remainder + divisor : remainder;
  }
};

export const pow: Arithmetic = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! ** b[i]!;
};

/** The same over bigints, for 64-bit integers beyond 2⁵³. Division by zero is not for these. */
export const bigArithmetic: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  floordiv(a, b) {
    const quotient = a / b;
    return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
  },
  mod(a, b) {
    const remainder = a % b;
    return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
  },
  pow: (a, b) => a ** b,
};

export function neg(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = -values[i]!;
  return out;
}

export function abs(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(values[i]!);
  return out;
}

/** Rounded to `decimals` places, half to even on the scaled value, as numpy. */
export function round(values: Float64Array, decimals: number): Float64Array {
  const out = new Float64Array(values.length);
  const scale = 10 ** Math.abs(decimals);
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    const scaled = decimals < 0 ? value / scale : value * scale;
    if (!Number.isFinite(scaled)) {
      out[i] = value;
      continue;
    }
    const down = Math.floor(scaled);
    const rest = scaled - down;
    const whole = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
    out[i] = decimals < 0 ? whole * scale : whole / scale;
  }
  return out;
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** Half floats as floats; each half float is one exactly. */
export function floatsOfHalves(halves: Uint16Array, length: number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = floatOfHalf(halves[i]!);
  return out;
}

/** The half floats nearest to floats, ties to even; what is beyond them becomes an infinity. */
export function halvesOfFloats(values: Float32Array, length: number): Uint16Array {
  const out = new Uint16Array(length);
  for (let i = 0; i < length; i++) out[i] = halfOfFloat(values[i]!);
  return out;
}

/** The value nearest to `value` that a half float can hold. */
export function roundToHalf(value: number): number {
  return floatOfHalf(halfOfFloat(value));
}

function floatOfHalf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function halfOfFloat(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const magnitude = Math.abs(value);
  floats[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  if (magnitude >= 65_520) return sign | 0x7c00;
  // The step between half floats of this size; multiplying by its inverse is exact.
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  let power = exponent;
  if (2 ** power > magnitude && power > -14) power--;
  else if (2 ** (power + 1) <= magnitude) power++;
  const steps = roundToEven(magnitude * 2 ** (10 - power));
  // Steps that round up to the next power carry into the exponent by themselves.
  return sign | (magnitude < 2 ** -14 ? steps : ((power + 15) << 10) + (steps - 1024));
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

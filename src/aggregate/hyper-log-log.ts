/** Bits of a hash, see `hashLane`. */
const hashBits = 53;

/** Takes a hash of 53 bits into 2^precision registers. */
export function registersFor(registers: Uint8Array, precision: number, hash: number): void {
  const high = Math.floor(hash / 2 ** 32); // 21 bits
  const low = hash >>> 0;
  const register = low >>> (32 - precision);
  const rest = (low << precision) >>> 0; // the other bits of the low word, from the top
  const bits = 32 - precision;
  let zeros = Math.clz32(rest);
  if (rest === 0) zeros = bits + (Math.clz32(high) - 11);
  const rank = Math.min(zeros, hashBits - precision) + 1;
  if (rank > registers[register]!) registers[register] = rank;
}

/** How many different hashes there were: the estimator of Ertl (2017), which needs no correction for few or many. */
export function estimateOf(registers: Uint8Array, precision: number): number {
  const m = registers.length;
  const q = hashBits - precision;
  const counts = new Float64Array(q + 2);
  for (const register of registers) counts[register]! += 1;
  let z = m * tau(1 - counts[q + 1]! / m);
  for (let k = q; k >= 1; k--) z = 0.5 * (z + counts[k]!);
  z += m * sigma(counts[0]! / m);
  return (m * m) / (2 * Math.LN2 * z);
}

function sigma(fraction: number): number {
  if (fraction === 1) return Infinity;
  let x = fraction;
  let y = 1;
  let z = x;
  for (;;) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (z === before) return z;
  }
}

function tau(fraction: number): number {
  if (fraction === 0 || fraction === 1) return 0;
  let x = fraction;
  let y = 1;
  let z = 1 - x;
  for (;;) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
    if (z === before) return z / 3;
  }
}

/** Whether bit `index` of an Arrow bitmap (least significant bit first) is set. */
export function getBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3]! >> (index & 7)) & 1) !== 0;
}

export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3]! |= 1 << (index & 7);
}

export function clearBit(bits: Uint8Array, index: number): void {
  bits[index >> 3]! &= ~(1 << (index & 7));
}

/** A bitmap for `length` bits, all zero, padded to a multiple of eight bytes as Arrow wants it. */
export function newBitmap(length: number): Uint8Array {
  return new Uint8Array(((length + 63) >> 6) << 3);
}

/** How many of the `length` bits from `offset` on are set. O(length / 8). */
export function countBits(bits: Uint8Array, offset: number, length: number): number {
  let count = 0;
  let i = 0;
  for (; i < length && ((offset + i) & 7) !== 0; i++) if (getBit(bits, offset + i)) count++;
  for (; i + 8 <= length; i += 8) {
    let byte = bits[(offset + i) >> 3]!;
    byte -= (byte >> 1) & 0x55;
    byte = (byte & 0x33) + ((byte >> 2) & 0x33);
    count += (byte + (byte >> 4)) & 0x0f;
  }
  for (; i < length; i++) if (getBit(bits, offset + i)) count++;
  return count;
}

/** A copy of `length` bits from `offset` on, starting at bit 0. */
export function copyBits(bits: Uint8Array, offset: number, length: number): Uint8Array {
  const copy = newBitmap(length);
  if ((offset & 7) === 0) {
    copy.set(bits.subarray(offset >> 3, (offset + length + 7) >> 3));
    return copy;
  }
  for (let i = 0; i < length; i++) if (getBit(bits, offset + i)) setBit(copy, i);
  return copy;
}

/** A bitmap of flags, one byte each; `undefined` where none is 0, as columns without nulls have it. */
export function packBits(flags: Uint8Array | undefined): Uint8Array | undefined {
  if (flags === undefined || !flags.includes(0)) return undefined;
  const bits = newBitmap(flags.length);
  for (let i = 0; i < flags.length; i++) if (flags[i] !== 0) setBit(bits, i);
  return bits;
}

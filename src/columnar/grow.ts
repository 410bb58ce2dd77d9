/** An array of at least `length` elements that begins with those of `array`; twice as long where it must grow. */
export function grown<A extends Int32Array | Uint8Array | Float64Array>(array: A, length: number): A {
  if (array.length >= length) return array;
  const { constructor: TypedArray } = array as unknown as { constructor: new (length: number) => A };
  const longer = new TypedArray(Math.max(16, length, 2 * array.length));
  longer.set(array);
  return longer;
}

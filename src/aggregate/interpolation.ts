/** What lies between two values: a straight line, one of them, or their middle. `'nearest'` takes the even one of two that are as near. */
export type Interpolation = 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';

export const interpolations: readonly Interpolation[] = ['linear', 'lower', 'higher', 'nearest', 'midpoint'];

/** The value a `part` of the way from value number `index` to the next. */
export function between(
  below: number,
  above: number,
  part: number,
  index: number,
  interpolation: Interpolation,
): number {
  switch (interpolation) {
    case 'linear':
      return onLine(below, above, part);
    case 'midpoint':
      return onLine(below, above, 0.5);
    case 'lower':
      return below;
    case 'higher':
      return above;
    case 'nearest':
      return part < 0.5 || (part === 0.5 && index % 2 === 0) ? below : above;
  }
}

function onLine(a: number, b: number, part: number): number {
  if (a === b) return a;
  const whole = b - a;
  if (!Number.isFinite(whole)) return a * (1 - part) + b * part;
  return part < 0.5 ? a + whole * part : b - whole * (1 - part);
}

/** Ranges of code points, first and last of each; no order. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

const last = 0x10_ffff;

export const everything: CodePoints = [[0, last]];
export const digits: CodePoints = [[48, 57]];
export const wordPoints: CodePoints = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
export const spaces: CodePoints = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/** All code points that are not among those. */
export function without(points: CodePoints): CodePoints {
  const sorted = [...points].sort(([a], [b]) => a - b);
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of sorted) {
    if (from > next) rest.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) rest.push([next, last]);
  return rest;
}

export function overlap(a: CodePoints, b: CodePoints): boolean {
  return a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to));
}

/** The letters in both cases; anything that has letters beyond ASCII is taken for everything. */
export function inBothCases(points: CodePoints): CodePoints {
  if (points.some(([, to]) => to > 127)) return everything;
  // The long s and the sign of kelvin are s and k to those who do not look at case.
  const both: [number, number][] = [
    [0x17f, 0x17f],
    [0x212a, 0x212a],
  ];
  for (const [from, to] of points) {
    both.push([from, to]);
    const upper: [number, number] = [Math.max(from, 65), Math.min(to, 90)];
    const lower: [number, number] = [Math.max(from, 97), Math.min(to, 122)];
    if (upper[0] <= upper[1]) both.push([upper[0] + 32, upper[1] + 32]);
    if (lower[0] <= lower[1]) both.push([lower[0] - 32, lower[1] - 32]);
  }
  return both;
}

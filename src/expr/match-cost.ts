import { type CodePoints, overlap } from './code-points.ts';

/** `factor · n^degree` for a text of length `n`. */
export interface Size {
  readonly degree: number;
  readonly factor: number;
}

export const one: Size = { degree: 0, factor: 1 };
export const nothingMore: Size = { degree: 0, factor: 0 };

export function times(a: Size, b: Size): Size {
  return { degree: a.degree + b.degree, factor: a.factor * b.factor };
}

/** Of sums only what grows most. */
export function plus(a: Size, b: Size): Size {
  if (a.factor === 0) return b;
  if (b.factor === 0) return a;
  if (a.degree !== b.degree) return a.degree > b.degree ? a : b;
  return { degree: a.degree, factor: a.factor + b.factor };
}

/** A quantifier that may give back some of what it took. */
export interface Open {
  /** What begins with what it gives back. */
  readonly first: CodePoints;
  /** How many ways there are to do so. */
  readonly ways: Size;
}

/** What it may take to try a part of a pattern at one place of a text, where what comes after it fails. */
export interface Effort {
  /** Steps in it. */
  readonly cost: Size;
  /** Steps in the parts at its end that always match: they are gone through more than once only if something follows. */
  readonly last: Size;
  /** Ways to get through it. */
  readonly ways: Size;
  /** More ways, unless what follows shows at once that they lead nowhere. */
  readonly open: readonly Open[];
}

export const noEffort: Effort = { cost: one, last: nothingMore, ways: one, open: [] };

/** What comes after. */
export interface Next extends Effort {
  /** What it may begin with. */
  readonly first: CodePoints;
  readonly empty: boolean;
  /** Whether it matches at every place. */
  readonly sure: boolean;
}

/** A part and the next: what follows a quantifier and cannot begin as its repeats do makes its other ways short. */
export function followed(effort: Effort, next: Next): Effort {
  let { ways } = effort;
  const open: Open[] = [];
  for (const one of effort.open) {
    if (overlap(one.first, next.first)) ways = times(ways, one.ways);
    else if (next.empty) open.push(one);
  }
  const own = times(ways, plus(next.cost, next.last));
  return {
    cost: next.sure ? effort.cost : plus(plus(effort.cost, effort.last), own),
    last: next.sure ? plus(effort.last, own) : nothingMore,
    ways: times(ways, next.ways),
    open: [...open, ...next.open],
  };
}

/** Alternatives; `alike` where more than one of them may begin at the same place. */
export function anyOf(branches: readonly Effort[], alike: boolean): Effort {
  const most = (a: Size, b: Size): Size =>
    a.degree > b.degree || (a.degree === b.degree && a.factor >= b.factor) ? a : b;
  return {
    cost: branches.map(({ cost, last }) => plus(cost, last)).reduce(plus),
    last: nothingMore,
    ways: branches.map(({ ways }) => ways).reduce(alike ? plus : most),
    open: branches.flatMap(({ open }) => open),
  };
}

/** Steps that a pattern may take for one text: some tenths of a second. */
const mostSteps = 2e8;

/** The longest text for which steps of that size stay within bounds. Loops inside of each other share what they go through. */
export function longestText({ degree, factor }: Size): number {
  let shared = 1;
  for (let k = 2; k <= degree; k++) shared *= k;
  return Math.floor(((mostSteps * shared) / factor) ** (1 / Math.max(1, degree)));
}

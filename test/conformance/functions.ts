type Fn = (...args: never[]) => unknown;

/** The functions of one value (and further arguments) that recorded cases name. */
export const functions = new Map<string, Fn>(
  Object.entries({
    identity: (x: unknown) => x,
    inc: (x: number) => number(x) + 1,
    dec: (x: number) => number(x) - 1,
    double: (x: number) => number(x) * 2,
    square: (x: number) => number(x) ** 2,
    neg: (x: number) => -number(x),
    half: (x: number) => number(x) / 2,
    len: (x: string | unknown[]) => [...x].length,
    upper: (x: string) => x.toUpperCase(),
    is_even: (x: number) => number(x) % 2 === 0,
    is_odd: (x: number) => number(x) % 2 !== 0,
    is_positive: (x: number) => number(x) > 0,
    gt: (x: number, n: number) => number(x) > n,
    add_n: (x: number, n: number) => number(x) + n,
    mod: (x: number, n: number) => number(x) % n,
    mod2: (x: number) => number(x) % 2,
    mod3: (x: number) => number(x) % 3,
    sum_list: (x: number[]) => x.reduce((total, value) => total + number(value), 0),
    first: (x: unknown[]) => present(x, 0),
    last: (x: unknown[]) => present(x, x.length - 1),
    range: (x: number) => Array.from({ length: number(x) }, (_, i) => i),
    repeat2: (x: unknown) => [x, x],
    throw_if_odd: (x: number) => refuse(x, number(x) % 2 !== 0),
    throw_if_negative: (x: number) => refuse(x, number(x) < 0),
  }),
);

/** The accumulators that recorded cases name: state and value to state, or to state and result. */
export const accumulators = new Map<string, (state: never, x: never) => unknown>(
  Object.entries({
    add,
    mul: (state: number, x: number) => number(state) * number(x),
    sub: (state: number, x: number) => number(state) - number(x),
    max: (state: number, x: number) => Math.max(number(state), number(x)),
    min: (state: number, x: number) => Math.min(number(state), number(x)),
    count: (state: number) => number(state) + 1,
    append: (state: unknown[], x: unknown) => [...state, x],
    decay: (state: number, x: number) => number(state) / 2 + number(x),
    add_throw_on_odd: (state: number, x: number) => number(state) + refuse(x, number(x) % 2 !== 0),
    running_mean: ([sum, n]: [number, number], x: number) => [[sum + x, n + 1], (sum + x) / (n + 1)],
    num_distinct: (seen: number[], x: number) => {
      const state = seen.includes(x) ? seen : [...seen, x].sort((a, b) => a - b);
      return [state, state.length];
    },
    enumerate: (n: number, x: unknown) => [n + 1, [n, x]],
    diff: (last: number, x: number) => [x, number(x) - number(last)],
  }),
);

/** The functions of several values that recorded cases name. */
export const splayed = new Map<string, Fn>(
  Object.entries({
    add,
    mul: (a: number, b: number) => number(a) * number(b),
    sub: (a: number, b: number) => number(a) - number(b),
    max: (...all: number[]) => Math.max(...all),
    min: (...all: number[]) => Math.min(...all),
    add3: (a: number, b: number, c: number) => number(a) + number(b) + number(c),
  }),
);

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  return number(a) + number(b);
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`expected a number, got ${String(value)}`);
  return value;
}

function present(list: unknown[], at: number): unknown {
  if (at < 0 || at >= list.length) throw new RangeError('no such element');
  return list[at];
}

function refuse(x: number, when: boolean): number {
  if (when) throw new Error(`refused ${x}`);
  return x;
}

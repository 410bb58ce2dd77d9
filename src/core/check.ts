import { didYouMean, editDistance, GraphError, quote } from '../errors.ts';

/**
 * The value where it is a whole number from `least`.
 *
 * @throws `bad-option` where it is not; `what` says of what, as in `'size of a buffer'`.
 */
export function wholeNumber(value: number, what: string, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new GraphError('bad-option', `${what} must be a whole number from ${least}, got ${shown(value)}`);
}

/** The same, where no bound at all is a bound, too. */
export function wholeNumberOrInfinity(value: number, what: string, least: number): number {
  return value === Number.POSITIVE_INFINITY ? value : wholeNumber(value, what, least);
}

/**
 * The value where it is one of `choices`.
 *
 * @throws `bad-option` where it is not; `what` says of what, as in `'keep of partitionUnique'`.
 */
export function oneOf<const T extends string>(value: T, choices: readonly T[], what: string): T {
  if (choices.includes(value)) return value;
  throw new GraphError(
    'bad-option',
    `${what} must be ${choices.map(quote).join(' or ')}, got ${shown(value)}`,
  );
}

/**
 * The function.
 *
 * @throws `bad-option` for anything else; `what` says who takes it, as in `'map'`.
 */
export function functionOf<F extends (...args: never[]) => unknown>(fn: F, what: string): F {
  if (typeof fn === 'function') return fn;
  throw new GraphError('bad-option', `${what} takes a function, got ${shown(fn)}`);
}

/**
 * The stream.
 *
 * @throws `bad-option` for anything else; `what` says who takes it, as in `'toStore'`.
 */
export function streamOf<S extends { readonly node: object }>(stream: S, what: string): S {
  if ('node' in Object(stream) && 'connect' in Object(stream.node)) return stream;
  throw new GraphError('bad-option', `${what} takes streams, got ${shown(stream)}`);
}

/** What every node has. */
export const nodeOptionNames = ['name', 'clock', 'onError'] as const;

/**
 * The options.
 *
 * @throws `bad-option` for what is no object, and for an option that is not among `names`; `what` says who takes them.
 */
export function optionsOf<O extends object>(
  options: O,
  names: readonly (keyof O & string)[],
  what: string,
): O {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || isOther(options)) {
    throw new GraphError(
      'bad-option',
      `${what} takes options { ${names.join(', ')} }, got ${shown(options)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if ((names as readonly string[]).includes(name)) continue;
    throw new GraphError(
      'bad-option',
      `${what} has no option ${quote(name)} among ${names.join(', ')}${didYouMean(name, names)}`,
    );
  }
  return options;
}

/** Whether it is of a class and holds nothing of its own, as a signal does. */
function isOther(options: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(options);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return !isPlain && Object.keys(options).length === 0;
}

/** The same, where `name`, `clock` and `onError` are options, too. */
export function nodeOptionsOf<O extends { [K in (typeof nodeOptionNames)[number]]?: unknown }>(
  options: O,
  names: readonly Exclude<keyof O & string, (typeof nodeOptionNames)[number]>[],
  what: string,
): O {
  return optionsOf(options, [...names, ...nodeOptionNames], what);
}

/**
 * Whether an object of options was meant: its keys are all among `names`.
 *
 * @throws `bad-option` where they are not, but one is so near to one of them that it was meant.
 */
export function isOptions(value: unknown, names: readonly string[], what: string): value is object {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return false;
  }
  const others = Object.keys(value).filter((key) => !names.includes(key));
  const slip = others.find((key) => names.some((name) => isSlip(key, name)));
  if (slip !== undefined) optionsOf({ [slip]: 0 }, names as never[], what);
  return others.length === 0;
}

/** Short words are too near to one another for more than letters in another case. */
function isSlip(key: string, name: string): boolean {
  return editDistance(key.toLowerCase(), name.toLowerCase(), 3) <= (key.length < 6 ? 0 : 2);
}

/** Whether the value is a promise or the like. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * Whether what a predicate gave is truthy.
 *
 * @throws `bad-value` for a promise, which always is; `what` names the operation.
 */
export function isTruthy(given: unknown, what: string): boolean {
  if (!isThenable(given)) return Boolean(given);
  given.then(undefined, () => {}); // what it rejects with is not a second failure
  throw new GraphError('bad-value', `the predicate of ${what} gave a promise; await it in mapAsync before`);
}

/** A value in the text of an error. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return `an object of ${value.constructor?.name ?? 'no class'}`;
}

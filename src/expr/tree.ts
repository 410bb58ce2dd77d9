import type { Scalar } from '../columnar/value.ts';

/** Functions of one column. */
export type UnaryOp = 'neg' | 'abs' | 'not' | 'isNull' | 'notNull' | 'isNaN';

/** Functions of two columns. */
export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'floordiv'
  | 'mod'
  | 'pow'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'and'
  | 'or'
  | 'xor';

/** The types a literal may be given. */
export type LiteralType = 'bool' | 'float64' | 'int64' | 'utf8' | 'timestamp' | 'null';

/** A plain value, as JSON has it. */
export type Plain = number | string | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** The options of a function, as JSON has them; one that is `undefined` is not there. */
export type CallOptions = { readonly [name: string]: Plain | undefined };

/** A function of the user's. */
export type UserCode = (...values: never[]) => unknown;

/** A function of the registry over expressions. */
export interface CallTree {
  readonly op: 'call';
  /** Its name in the registry; those of a namespace have its name before theirs, as `str.upper`. */
  readonly fn: string;
  readonly args: readonly ExprTree[];
  readonly options?: CallOptions;
  /** The function of the user's that it runs. All else is plain data. */
  readonly code?: UserCode;
}

/** An expression over columns, as plain data. */
export type ExprTree =
  | {
      readonly op: 'column';
      readonly name: string;
      /** What is read, where a plan keeps the results of an expression under a name of its own. */
      readonly of?: ExprTree;
    }
  | {
      readonly op: 'literal';
      readonly type: LiteralType;
      /** Of a timestamp: milliseconds since 1970. */
      readonly value: Scalar;
      /** The user named the type: it is not held against that of the partner. */
      readonly explicit?: true;
    }
  | { readonly op: UnaryOp; readonly args: readonly [ExprTree] }
  | { readonly op: BinaryOp; readonly args: readonly [ExprTree, ExprTree] }
  | { readonly op: 'round'; readonly args: readonly [ExprTree]; readonly decimals: number }
  | CallTree
  | RunningTree
  | ValueTree;

/** The value that something has now, such as a running total: the same in every row of a batch. Not bound either. */
export interface ValueTree {
  readonly op: 'value';
  readonly value: RunningValue;
}

/** What a {@link ValueTree} stands for. Written as JSON it is its label. */
export interface RunningValue {
  /** As the user wrote it. */
  readonly label: string;
  toJSON(): string;
}

/** Something whose value of now may stand in an expression. */
export interface ValueOperand<T> {
  /** @internal */
  readonly $operand: ExprTree;
  readonly current: T | undefined;
}

/**
 * A function of a row and of rows that came before it, such as a cumulative sum. Not bound with the rest: whoever runs a
 * plan computes it below, once per row, and reads the results as a column.
 */
export interface RunningTree {
  readonly op: 'running';
  readonly fn: string;
  readonly args: readonly ExprTree[];
  /** Each group of rows by itself; without, all rows are one. */
  readonly by?: readonly ExprTree[];
  /** Plain data. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The expressions that an expression is made of. */
export function partsOf(tree: ExprTree): readonly ExprTree[] {
  if (tree.op === 'column' || tree.op === 'literal' || tree.op === 'value') return [];
  return tree.op === 'running' && tree.by !== undefined ? [...tree.args, ...tree.by] : tree.args;
}

/** The same expression over other parts. */
export function withParts(tree: ExprTree, change: (part: ExprTree) => ExprTree): ExprTree {
  if (tree.op === 'column' || tree.op === 'literal' || tree.op === 'value') return tree;
  const changed = { ...tree, args: tree.args.map(change) };
  const by = tree.op === 'running' ? tree.by : undefined;
  return (by === undefined ? changed : { ...changed, by: by.map(change) }) as ExprTree;
}

/** Whether rows before a row, or other streams, have a say in its value. */
export function isRunning(tree: ExprTree): boolean {
  return tree.op === 'running' || tree.op === 'value' || partsOf(tree).some(isRunning);
}

/** The names of the columns an expression reads, each once. */
export function columnsOf(tree: ExprTree, into: Set<string> = new Set()): Set<string> {
  if (tree.op === 'column') into.add(tree.name);
  else for (const part of partsOf(tree)) columnsOf(part, into);
  return into;
}

/** The same expression over renamed columns. */
export function renameColumns(tree: ExprTree, rename: (name: string) => string): ExprTree {
  if (tree.op === 'column') return { op: 'column', name: rename(tree.name) };
  return withParts(tree, (part) => renameColumns(part, rename));
}

/**
 * Gives texts that two expressions share exactly if they compute the same. Functions of the user's are the same only where
 * they are one object.
 */
export function treeKeys(): (tree: ExprTree) => string {
  const numbers = new Map<UserCode, string>();
  return (tree) =>
    keyOfTree(tree, (code) => {
      let key = numbers.get(code);
      if (key === undefined) {
        key = `function ${numbers.size}`;
        numbers.set(code, key);
      }
      return key;
    });
}

/** A text of an expression; `keyOfCode` says what stands for functions of the user's. */
export function keyOfTree(tree: ExprTree, keyOfCode: (code: UserCode) => string): string {
  return JSON.stringify(tree, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return keyOfCode(value as UserCode);
    // NaN, the infinities and -0 are not told apart by JSON.
    return typeof value === 'number' ? numberText(value) : value;
  });
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** An expression as its user wrote it, for error texts and plans: `amount.gt(5)`. */
export function describe(tree: ExprTree): string {
  switch (tree.op) {
    case 'column':
      return tree.of === undefined ? tree.name : describe(tree.of);
    case 'literal':
      if (tree.type === 'timestamp') return `new Date(${tree.value})`;
      if (typeof tree.value === 'number') return numberText(tree.value);
      return typeof tree.value === 'bigint' ? `${tree.value}n` : JSON.stringify(tree.value);
    case 'round':
      return `${describe(tree.args[0])}.round(${tree.decimals})`;
    case 'running':
      return describeRunning(tree);
    case 'value':
      return tree.value.label;
    case 'call':
      return describeCall(tree);
    default: {
      const [first, ...rest] = tree.args;
      return `${describe(first!)}.${tree.op}(${rest.map(describe).join(', ')})`;
    }
  }
}

/** `x.shift(1)`, `x.cumsum().over(k)`; of a function in two words, `x.ewm({ span: 5 }).mean()`. */
function describeRunning({ fn, args, by, options }: RunningTree): string {
  const [first, ...rest] = args;
  const { aggregation, options: inner, window, start: _, n, byTime: __, ...own } = options;
  const parts = [
    ...rest.map(describe),
    ...(window === undefined ? [] : [windowText(window as object)]),
    ...(n === undefined ? [] : [String(n)]),
    ...optionsText(own),
  ];
  const [name, after] = fn.split('.');
  const called = after ?? aggregation;
  const then =
    called === undefined ? '' : `.${String(called)}(${optionsText((inner ?? {}) as object).join(', ')})`;
  const text = `${first === undefined ? '' : `${describe(first)}.`}${name}(${parts.join(', ')})${then}`;
  return by === undefined ? text : `${text}.over(${by.map(describe).join(', ')})`;
}

/** As the user may write it: `10`, `'2h'`, or an object. */
function windowText(window: object): string {
  const [[name, value] = [], ...rest] = Object.entries(window);
  if (rest.length === 0 && (name === 'n' || typeof value === 'string'))
    return typeof value === 'string' ? `'${value}'` : String(value);
  return optionsText(window).join(', ');
}

function optionsText(options: object): string[] {
  const given = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value, plainText)}`);
  return given.length === 0 ? [] : [`{ ${given.join(', ')} }`];
}

function plainText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** Options that are written by name; others stand as they are, in order. */
const named = new Set(['closed', 'lower', 'upper', 'zone', 'onError', 'maxLength', 'tooLong', 'ignoreCase']);

function describeCall({ fn, args, options = {}, code }: CallTree): string {
  const texts = args.map(describe);
  if (fn === 'when') {
    const cases = texts.length >> 1;
    const text = Array.from({ length: cases }, (_, i) => `when(${texts[2 * i]}).then(${texts[2 * i + 1]})`);
    return `${text.join('.')}${texts.length > 2 * cases ? `.otherwise(${texts.at(-1)})` : ''}`;
  }
  if (fn === 'minOf' || fn === 'maxOf') return `${fn}(${texts.join(', ')})`;
  if (code !== undefined) {
    const name = typeof options.name === 'string' ? options.name : code.name;
    const what = name === '' ? 'a function' : name;
    return fn === 'mapValues' ? `mapValues([${texts.join(', ')}], ${what})` : `${texts[0]}.map(${what})`;
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const inOrder = given
    .filter(([name]) => !named.has(name) && name !== 'bounds')
    .map(([, value]) => JSON.stringify(value));
  const byName = given
    .filter(([name]) => named.has(name))
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const rest = fn === 'clip' ? [] : texts.slice(1);
  if (fn === 'clip') byName.push(...clipBounds(options, texts));
  if (fn === 'isIn')
    rest.splice(0, rest.length, `[${rest.slice(0, 8).join(', ')}${rest.length > 8 ? ', …' : ''}]`);
  if (byName.length > 0) inOrder.push(`{ ${byName.join(', ')} }`);
  return `${texts[0]}.${fn}(${[...rest, ...inOrder].join(', ')})`;
}

/** Which of its arguments is which bound, the options say. */
function clipBounds({ bounds }: CallOptions, texts: readonly string[]): string[] {
  return (bounds as readonly string[]).map((bound, i) => `${bound}: ${texts[i + 1]}`);
}

import { DataType, type TimeUnit } from 'apache-arrow';
import { parseMoment } from '../columnar/timestamp-text.ts';
import { typeName } from '../columnar/type-name.ts';
import { isFloat, isTemporal, isWideInt } from '../columnar/types.ts';
import { didYouMean, MillraceError, quote } from '../errors.ts';
import { bind } from './bind.ts';
import type { TypeOf } from './bound.ts';
import { type AnyExpr, asExpr, Expr, literalTree } from './expr.ts';
import { queryError, type Token, tokensOf } from './query-tokens.ts';
import { type BinaryOp, describe, type ExprTree, isRunning } from './tree.ts';
import { isNumber, isText } from './type-kinds.ts';

/** Values that a query names as `@name`. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** What a query is read against. */
export interface QueryScope {
  /** The types of the columns, or `undefined` while they are not known. */
  readonly types: TypeOf | undefined;
  readonly parameters: QueryParameters;
}

/**
 * Reads a query such as `amount > 5 and name == 'Alice'` into the expression that methods would have built.
 *
 * Grammar, loosest first: `or` `|`, `and` `&`, `not`, comparisons (`==` `!=` `<` `<=` `>` `>=`, `in [..]`, `not in [..]`,
 * `is null`, `is not null`; chains such as `0 < x <= 5`), `+` `-`, `*` `/` `//` `%`, unary `-` `+` `~`, `**`, then methods of
 * expressions such as `name.str.lower()` and `abs(x)`. Values: numbers, strings in single or double quotes, `true`, `false`,
 * `null`, `@parameter`; a column whose name is no word stands in backticks. `and` and `or` join any number of conditions; of other
 * operations at most 500 follow each other, and 200 stand within each other. Beside a 64-bit column whole numbers
 * are 64-bit, beside a time strings are ISO 8601 times. Nothing is evaluated as a program.
 *
 * @throws `bad-expression`, `no-such-column`, `type-mismatch`, showing the place in the query.
 */
export function parseQuery(text: string, scope: QueryScope): ExprTree {
  if (typeof text !== 'string') {
    const got = text as unknown;
    const shown =
      got instanceof Expr
        ? `the expression ${describe(got.tree)}; use filter`
        : `${typeof got} ${String(got)}`;
    throw new MillraceError('bad-expression', `query takes a text, got ${shown}`);
  }
  return new Parser(text, scope).whole();
}

/** A part that was read, and where it begins. */
interface Part {
  readonly tree: ExprTree;
  readonly at: number;
}

const comparisons: Readonly<Record<string, BinaryOp>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const sums: Readonly<Record<string, BinaryOp>> = { '+': 'add', '-': 'sub' };
const products: Readonly<Record<string, BinaryOp>> = { '*': 'mul', '/': 'div', '//': 'floordiv', '%': 'mod' };
const constants: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  null: null,
  None: null,
};
const words = new Set(['and', 'or', 'not', 'in', 'is', ...Object.keys(constants)]);
/** Methods that are no operations on the rows, and those that take functions. */
const notForQueries = new Set(['constructor', 'toString', 'over', 'map', 'then', 'make', 'adopt']);
const mostDepth = 200;
const mostInRow = 500;

class Parser {
  readonly #text: string;
  readonly #scope: QueryScope;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, scope: QueryScope) {
    this.#text = text;
    this.#scope = scope;
    this.#tokens = tokensOf(text);
  }

  whole(): ExprTree {
    if (this.#peek().kind === 'end') throw this.#error(0, 'there is nothing in it');
    const { tree, at } = this.#or();
    const token = this.#peek();
    if (token.kind !== 'end')
      throw this.#error(token.at, `expected an operator or the end, got ${shown(token)}`);
    const { types } = this.#scope;
    if (types !== undefined && !isRunning(tree)) {
      const { type } = bind(tree, types);
      if (!DataType.isBool(type) && !DataType.isNull(type)) {
        const problem = `expected a condition, got ${describe(tree)} of type ${typeName(type)}`;
        throw queryError(this.#text, at, problem, 'type-mismatch');
      }
    }
    return tree;
  }

  #or(): Part {
    if (++this.#depth > mostDepth) throw this.#error(this.#peek().at, 'it is nested too deeply');
    const parts = [this.#and()];
    while (this.#takes('or', '|')) parts.push(this.#and());
    this.#depth--;
    return this.#joined('or', parts);
  }

  #and(): Part {
    const parts = [this.#not()];
    while (this.#takes('and', '&')) parts.push(this.#not());
    return this.#joined('and', parts);
  }

  /** All parts with `and` or `or` between them; where there are many, as a tree that is low. */
  #joined(op: 'and' | 'or', parts: readonly Part[]): Part {
    if (parts.length <= 16) return parts.reduce((left, right) => this.#binary(op, left, right));
    const half = parts.length >> 1;
    return this.#binary(op, this.#joined(op, parts.slice(0, half)), this.#joined(op, parts.slice(half)));
  }

  #not(): Part {
    const { at } = this.#peek();
    if (!this.#takes('not')) return this.#comparison();
    return this.#checked({ op: 'not', args: [this.#nested(() => this.#not()).tree] }, at);
  }

  #comparison(): Part {
    let left = this.#sum();
    const chain: Part[] = [];
    for (;;) {
      const token = this.#peek();
      const op = token.kind === 'symbol' ? comparisons[token.text] : undefined;
      let made: Part;
      if (op !== undefined) {
        this.#next++;
        const right = this.#sum();
        made = this.#compared(op, left, right);
        left = right;
      } else if (this.#takes('in')) made = this.#membership(left, false);
      else if (this.#is('not') && this.#tokens[this.#next + 1]!.text === 'in') {
        this.#next += 2;
        made = this.#membership(left, true);
      } else if (this.#takes('is')) made = this.#nullTest(left);
      else return chain.length === 0 ? left : this.#joined('and', chain);
      chain.push(made);
    }
  }

  #compared(op: BinaryOp, left: Part, right: Part): Part {
    const isNull = ({ tree }: Part): boolean => tree.op === 'literal' && tree.type === 'null';
    const test = op === 'eq' ? 'isNull' : op === 'ne' ? 'notNull' : undefined;
    if (test !== undefined && isNull(right)) return this.#checked({ op: test, args: [left.tree] }, left.at);
    if (test !== undefined && isNull(left)) return this.#checked({ op: test, args: [right.tree] }, left.at);
    return this.#binary(op, left, right);
  }

  #nullTest(left: Part): Part {
    const isNot = this.#takes('not');
    const token = this.#peek();
    if (token.kind !== 'name' || constants[token.text] !== null) {
      throw this.#error(token.at, `expected null after is, got ${shown(token)}`);
    }
    this.#next++;
    return this.#checked({ op: isNot ? 'notNull' : 'isNull', args: [left.tree] }, left.at);
  }

  /** One of a list: plain values are looked up, anything else is compared. Each value takes the type of its partner. */
  #membership(left: Part, isNot: boolean): Part {
    const plain: ExprTree[] = [];
    const tests: Part[] = [];
    for (const value of this.#list()) {
      const tree = this.#beside(value.tree, left.tree);
      if (this.#isLookedUp(tree, left.tree)) plain.push(tree);
      else tests.push(this.#compared('eq', left, value));
    }
    if (plain.length > 0) {
      tests.push(this.#checked({ op: 'call', fn: 'isIn', args: [left.tree, ...plain] }, left.at));
    }
    const found =
      tests.length === 0 ? { tree: literalTree(false, 'query'), at: left.at } : this.#joined('or', tests);
    return isNot ? this.#checked({ op: 'not', args: [found.tree] }, left.at) : found;
  }

  #list(): Part[] {
    const token = this.#peek();
    if (token.kind === 'parameter') {
      this.#next++;
      const given = this.#parameter(token);
      if (!Array.isArray(given) && !(given instanceof Set)) {
        throw this.#error(token.at, `@${token.text} after in must be an array or a set`);
      }
      return [...(given as Iterable<unknown>)].map((value) => ({
        tree: this.#literal(value, token),
        at: token.at,
      }));
    }
    const close = token.text === '[' ? ']' : ')';
    if (token.kind !== 'symbol' || (token.text !== '[' && token.text !== '(')) {
      throw this.#error(token.at, `expected a list in brackets after in, got ${shown(token)}`);
    }
    this.#next++;
    const values: Part[] = [];
    while (!this.#takes(close)) {
      if (values.length > 0) this.#expect(',', 'between the values');
      if (this.#is(close)) continue;
      values.push(this.#sum());
    }
    return values;
  }

  #sum(): Part {
    let left = this.#product();
    for (let length = 0; ; length++) {
      const op = this.#operator(sums);
      if (op === undefined) return left;
      this.#checkLength(length);
      left = this.#binary(op, left, this.#product());
    }
  }

  #product(): Part {
    let left = this.#unary();
    for (let length = 0; ; length++) {
      const op = this.#operator(products);
      if (op === undefined) return left;
      this.#checkLength(length);
      left = this.#binary(op, left, this.#unary());
    }
  }

  #unary(): Part {
    const { at } = this.#peek();
    if (this.#takes('-')) {
      const { tree } = this.#nested(() => this.#unary());
      if (tree.op === 'literal' && typeof tree.value === 'number')
        return { tree: { ...tree, value: -tree.value }, at };
      if (tree.op === 'literal' && typeof tree.value === 'bigint')
        return { tree: { ...tree, value: -tree.value }, at };
      return this.#checked({ op: 'neg', args: [tree] }, at);
    }
    if (this.#takes('+')) return this.#nested(() => this.#unary());
    if (this.#takes('~'))
      return this.#checked({ op: 'not', args: [this.#nested(() => this.#unary()).tree] }, at);
    return this.#power();
  }

  #power(): Part {
    const base = this.#postfix();
    if (!this.#takes('**')) return base;
    // Binds closer than a sign on its left, looser than one on its right, and to the right.
    return this.#binary(
      'pow',
      base,
      this.#nested(() => this.#unary()),
    );
  }

  #postfix(): Part {
    const { at } = this.#peek();
    let target: unknown = this.#primary().tree;
    for (let length = 0; this.#takes('.'); length++) {
      this.#checkLength(length);
      const token = this.#peek();
      if (token.kind !== 'name')
        throw this.#error(token.at, `expected the name of a method, got ${shown(token)}`);
      this.#next++;
      target = this.#method(target, token);
    }
    if (isTree(target)) return { tree: target, at };
    throw this.#error(this.#peek().at, 'expected a method after the dot');
  }

  /** A method of expressions, or a namespace of such, by name. */
  #method(target: unknown, token: Token): unknown {
    const object = (isTree(target) ? new Expr(target) : target) as Readonly<Record<string, unknown>>;
    const names = methodsOf(object);
    if (!names.includes(token.text)) {
      throw this.#error(token.at, `no method ${quote(token.text)}${didYouMean(token.text, names)}`);
    }
    const member = object[token.text];
    if (!this.#takes('(')) {
      if (typeof member === 'object' && member !== null) return member;
      throw this.#error(token.at, `${token.text} needs parentheses`);
    }
    if (typeof member !== 'function') throw this.#error(token.at, `${token.text} is no method`);
    const args = this.#arguments(')');
    return this.#called(token, () => member.apply(object, args) as AnyExpr);
  }

  #primary(): Part {
    const token = this.#peek();
    this.#next++;
    const { at, text } = token;
    switch (token.kind) {
      case 'integer': {
        const value = Number(text);
        return {
          tree: Number.isSafeInteger(value)
            ? literalTree(value, 'query')
            : literalTree(BigInt(text), 'query'),
          at,
        };
      }
      case 'number': {
        const value = Number(text);
        if (Number.isNaN(value)) throw this.#error(at, `${text} is no number`);
        return { tree: literalTree(value, 'query'), at };
      }
      case 'string':
        return { tree: literalTree(text, 'query'), at };
      case 'parameter':
        return { tree: this.#literal(this.#parameter(token), token), at };
      case 'quoted':
        return { tree: this.#column(token), at };
      case 'name': {
        if (Object.hasOwn(constants, text)) return { tree: literalTree(constants[text], 'query'), at };
        if (words.has(text)) throw this.#error(at, `expected a value, got ${shown(token)}`);
        if (this.#is('(')) return this.#function(token);
        return { tree: this.#column(token), at };
      }
      case 'symbol':
        if (text === '(') {
          const inner = this.#or();
          this.#expect(')', 'to close the parenthesis');
          return { tree: inner.tree, at };
        }
        throw this.#error(at, `expected a value, got ${shown(token)}`);
      case 'end':
        throw this.#error(at, 'expected a value, but it ends here');
    }
  }

  /** `abs(x)` as `x.abs()`. */
  #function(token: Token): Part {
    this.#next++;
    const [first, ...rest] = this.#arguments(')');
    const object = (first instanceof Expr ? first : undefined) as
      | Readonly<Record<string, unknown>>
      | undefined;
    if (object === undefined) throw this.#error(token.at, `${token.text} needs an expression over columns`);
    const names = methodsOf(object);
    if (!names.includes(token.text)) {
      throw this.#error(token.at, `no function ${quote(token.text)}${didYouMean(token.text, names)}`);
    }
    const member = object[token.text] as (...args: unknown[]) => AnyExpr;
    return { tree: this.#called(token, () => member.apply(object, rest)), at: token.at };
  }

  /** Values as they are, anything else as expressions. */
  #arguments(close: string): unknown[] {
    const args: unknown[] = [];
    while (!this.#takes(close)) {
      if (args.length > 0) this.#expect(',', 'between arguments');
      const { tree } = this.#or();
      args.push(tree.op === 'literal' && tree.type !== 'timestamp' ? tree.value : new Expr(tree));
    }
    return args;
  }

  #called(token: Token, call: () => AnyExpr): ExprTree {
    try {
      return this.#checked(asExpr(call(), token.text).tree, token.at).tree;
    } catch (error) {
      throw this.#placed(error, token.at);
    }
  }

  #column(token: Token): ExprTree {
    const { types } = this.#scope;
    if (types !== undefined && !types.has(token.text)) {
      const names = [...types.keys()];
      const near = didYouMean(token.text, names) || `; columns: ${names.join(', ')}`;
      throw queryError(this.#text, token.at, `no column ${quote(token.text)}${near}`, 'no-such-column');
    }
    return { op: 'column', name: token.text };
  }

  #parameter(token: Token): unknown {
    const { parameters } = this.#scope;
    if (Object.hasOwn(parameters, token.text)) return parameters[token.text];
    const names = Object.keys(parameters);
    const there =
      names.length === 0 ? '; none were given: query(text, { name: value })' : `; given: ${names.join(', ')}`;
    throw this.#error(token.at, `no parameter ${quote(token.text)}${didYouMean(token.text, names) || there}`);
  }

  #literal(value: unknown, token: Token): ExprTree {
    try {
      return value instanceof Expr ? value.tree : literalTree(value, `@${token.text}`);
    } catch (error) {
      throw this.#placed(error, token.at);
    }
  }

  #binary(op: BinaryOp, left: Part, right: Part): Part {
    const args = [this.#beside(left.tree, right.tree), this.#beside(right.tree, left.tree)] as const;
    return this.#checked({ op, args }, left.at);
  }

  /** Whether `isIn` finds a value of a list as `==` does. Where the types do not go together, `==` says what is wrong. */
  #isLookedUp(tree: ExprTree, left: ExprTree): boolean {
    if (tree.op !== 'literal' || tree.type === 'null' || left.op === 'literal' || tree.explicit) return false;
    const type = this.#typeOf(left);
    if (type === undefined) return false;
    if (typeof tree.value === 'string') return isText(type);
    if (typeof tree.value === 'boolean') return DataType.isBool(type);
    return tree.type !== 'timestamp' && isNumber(type);
  }

  /** A literal as its partner asks for it. */
  #beside(tree: ExprTree, partner: ExprTree): ExprTree {
    if (tree.op !== 'literal' || partner.op === 'literal') return tree;
    const type = this.#typeOf(partner);
    if (type === undefined) return tree;
    const { value } = tree;
    if (isWideInt(type) && typeof value === 'number' && Number.isSafeInteger(value)) {
      return literalTree(BigInt(value), 'query');
    }
    if (isWideInt(type) && typeof value === 'number') return { ...tree, explicit: true } as ExprTree;
    if (isFloat(type) && typeof value === 'bigint') return literalTree(Number(value), 'query');
    if (isTemporal(type) && typeof value === 'string') return timeLiteral(value, type) ?? tree;
    return tree;
  }

  #typeOf(tree: ExprTree): DataType | undefined {
    const { types } = this.#scope;
    if (types === undefined) return undefined;
    try {
      return bind(tree, types).type;
    } catch {
      return undefined; // what is wrong with it was said, or will be
    }
  }

  /** Binds as soon as it can, so that an error says where. */
  #checked(tree: ExprTree, at: number): Part {
    const { types } = this.#scope;
    if (types === undefined || isRunning(tree)) return { tree, at };
    try {
      bind(tree, types);
    } catch (error) {
      throw this.#placed(error, at);
    }
    return { tree, at };
  }

  #placed(error: unknown, at: number): unknown {
    if (!(error instanceof MillraceError) || error.message.startsWith('query: ')) return error;
    const code =
      error.code === 'type-mismatch' || error.code === 'no-such-column' ? error.code : 'bad-expression';
    return queryError(this.#text, at, error.message, code);
  }

  /** Operations one after the other make a tree as high as they are many. */
  #checkLength(length: number): void {
    if (length < mostInRow) return;
    throw this.#error(this.#peek().at, `more than ${mostInRow} operations in a row`);
  }

  #nested(read: () => Part): Part {
    if (++this.#depth > mostDepth) throw this.#error(this.#peek().at, 'it is nested too deeply');
    const part = read();
    this.#depth--;
    return part;
  }

  #operator(operators: Readonly<Record<string, BinaryOp>>): BinaryOp | undefined {
    const token = this.#peek();
    const op = token.kind === 'symbol' ? operators[token.text] : undefined;
    if (op !== undefined) this.#next++;
    return op;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #is(text: string): boolean {
    const token = this.#peek();
    return (token.kind === 'symbol' || token.kind === 'name') && token.text === text;
  }

  #takes(...texts: string[]): boolean {
    if (!texts.some((text) => this.#is(text))) return false;
    this.#next++;
    return true;
  }

  #expect(text: string, why: string): void {
    if (this.#takes(text)) return;
    const token = this.#peek();
    throw this.#error(token.at, `expected ${quote(text)} ${why}, got ${shown(token)}`);
  }

  #error(at: number, problem: string): Error {
    return queryError(this.#text, at, problem);
  }
}

function shown(token: Token): string {
  return token.kind === 'end' ? 'the end' : quote(token.text);
}

function isTree(value: unknown): value is ExprTree {
  return typeof value === 'object' && value !== null && 'op' in value && !(value instanceof Expr);
}

/** The methods and namespaces of an expression that a query may name. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names].filter((name) => !notForQueries.has(name) && !/^[$_#]|^(tree|trace|belongs)$/.test(name));
}

/** A time as text beside a column of times, exact in its unit where it can be. */
function timeLiteral(text: string, type: DataType): ExprTree | undefined {
  const moment = parseMoment(text);
  if (moment === undefined || !(DataType.isTimestamp(type) || DataType.isDate(type))) return undefined;
  const { seconds, nanoseconds } = moment;
  const milliseconds = seconds * 1000 + nanoseconds / 1e6;
  if (!DataType.isTimestamp(type)) return { op: 'literal', type: 'timestamp', value: milliseconds };
  const perSecond = 1000n ** BigInt(type.unit as TimeUnit);
  const raw = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  const perUnit = 1_000_000_000n / perSecond;
  if (raw % perUnit === 0n) return { op: 'literal', type: 'int64', value: raw / perUnit, explicit: true };
  return { op: 'literal', type: 'timestamp', value: milliseconds };
}

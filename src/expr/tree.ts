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

/** An expression over columns, as plain data. */
export type ExprTree =
  | { readonly op: 'column'; readonly name: string }
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
  | { readonly op: 'round'; readonly args: readonly [ExprTree]; readonly decimals: number };

/** The names of the columns an expression reads, each once. */
export function columnsOf(tree: ExprTree, into: Set<string> = new Set()): Set<string> {
  if (tree.op === 'column') into.add(tree.name);
  else if (tree.op !== 'literal') for (const arg of tree.args) columnsOf(arg, into);
  return into;
}

/** The same expression over renamed columns. */
export function renameColumns(tree: ExprTree, rename: (name: string) => string): ExprTree {
  if (tree.op === 'column') return { op: 'column', name: rename(tree.name) };
  if (tree.op === 'literal') return tree;
  return { ...tree, args: tree.args.map((arg) => renameColumns(arg, rename)) } as unknown as ExprTree;
}

/** A text that two expressions share exactly if they compute the same. */
export function keyOfTree(tree: ExprTree): string {
  return JSON.stringify(tree, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
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
      return tree.name;
    case 'literal':
      if (tree.type === 'timestamp') return `new Date(${tree.value})`;
      if (typeof tree.value === 'number') return numberText(tree.value);
      return typeof tree.value === 'bigint' ? `${tree.value}n` : JSON.stringify(tree.value);
    case 'round':
      return `${describe(tree.args[0])}.round(${tree.decimals})`;
    default: {
      const [first, ...rest] = tree.args;
      return `${describe(first!)}.${tree.op}(${rest.map(describe).join(', ')})`;
    }
  }
}

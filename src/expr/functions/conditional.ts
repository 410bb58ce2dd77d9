import { Bool, DataType } from 'apache-arrow';
import { getBit } from '../../columnar/bitmap.ts';
import { choose, extremeOf, firstValid, noSource } from '../../columnar/choose.ts';
import type { BoolColumn, Column, Int64Column, NumberColumn } from '../../columnar/column.ts';
import { and } from '../../columnar/logic.ts';
import { clipPicks, sameOrMissing } from '../../columnar/missing.ts';
import { isTemporal } from '../../columnar/types.ts';
import { bindComparison } from '../bind-comparison.ts';
import { type Binary, type BoundExpr, operand, type Rows, wrongType } from '../bound.ts';
import type { CallTree, ExprTree } from '../tree.ts';
import { isNumber } from '../type-kinds.ts';
import type { FunctionDefinition } from './definition.ts';
import { unify } from './unify.ts';

type Numeric = NumberColumn | Int64Column;

/** Conditions and values by turns, and at last a value for the rest, if there is one. */
const when: FunctionDefinition = {
  name: 'when',
  bind(tree, args) {
    const cases = args.length >> 1;
    const isValue = (i: number): boolean => i % 2 === 1 || i === 2 * cases;
    const conditions = args.filter((_, i) => !isValue(i));
    for (const [i, { type }] of conditions.entries()) {
      if (DataType.isBool(type) || DataType.isNull(type)) continue;
      throw wrongType(tree, `when needs booleans, got ${operand(tree.args[2 * i]!, type)}`);
    }
    const trees = tree.args.filter((_, i) => isValue(i));
    const { type, args: values } = unify(
      tree,
      trees,
      args.filter((_, i) => isValue(i)),
    );
    const rest = args.length % 2 === 1 ? cases : noSource;
    return {
      type,
      evaluate(rows) {
        const picks = new Int32Array(rows.length).fill(rest);
        for (let k = cases - 1; k >= 0; k--) {
          const condition = conditions[k]!.evaluate(rows);
          if (condition.kind === 'bool') pickWhere(condition, k, picks);
        }
        return choose(
          type,
          values.map((value) => value.evaluate(rows)),
          picks,
        );
      },
    };
  },
};

/** Where a condition is true, and not null, the pick is `k`. */
function pickWhere({ values, validity, offset }: BoolColumn, k: number, picks: Int32Array): void {
  for (let i = 0; i < picks.length; i++) {
    if (getBit(values, offset + i) && (validity === undefined || getBit(validity, offset + i))) picks[i] = k;
  }
}

const coalesceAs = (name: string): FunctionDefinition => ({
  name,
  bind(tree, given) {
    const { type, args } = unify(tree, tree.args, given);
    return {
      type,
      evaluate(rows) {
        const columns = args.map((arg) => arg.evaluate(rows));
        return choose(type, columns, firstValid(columns, rows.length));
      },
    };
  },
});

function extreme(way: 'min' | 'max'): FunctionDefinition {
  return {
    name: `${way}Of`,
    bind(tree, given) {
      checkOrdered(tree, given);
      const { type, args } = unify(tree, tree.args, given);
      return {
        type,
        evaluate(rows) {
          const columns = args.map((arg) => arg.evaluate(rows)).filter(isNumeric);
          return choose(type, columns, extremeOf(way, columns, rows.length));
        },
      };
    },
  };
}

function isNumeric(column: Column): column is Numeric {
  return column.kind === 'number' || column.kind === 'int64';
}

function checkOrdered(tree: CallTree, args: readonly BoundExpr[]): void {
  for (const [i, { type }] of args.entries()) {
    if (isNumber(type) || isTemporal(type) || DataType.isNull(type)) continue;
    throw wrongType(tree, `${tree.fn} needs numbers or times, got ${operand(tree.args[i]!, type)}`);
  }
}

/** The bounds stand after the value; the option `bounds` says which they are. */
const clip: FunctionDefinition = {
  name: 'clip',
  bind(tree, given) {
    checkOrdered(tree, given);
    const bounds = tree.options!.bounds as readonly string[];
    const { type, args } = unify(tree, tree.args, given);
    return {
      type,
      evaluate(rows) {
        const columns = args.map((arg) => arg.evaluate(rows));
        const [column] = columns;
        if (!isNumeric(column!)) return choose(type, columns, new Int32Array(rows.length));
        const bound = (name: string): Numeric | undefined => {
          const at = bounds.indexOf(name);
          const found = at < 0 ? undefined : columns[at + 1]!;
          return found !== undefined && isNumeric(found) ? found : undefined;
        };
        const [lower, upper] = [bound('lower'), bound('upper')];
        const picks = clipPicks(column, lower, upper);
        const sources = [column, lower, upper].filter((source) => source !== undefined);
        return choose(type, sources, picks);
      },
    };
  },
};

/** An expression whose column is computed before, so that several may read it. */
class Given implements BoundExpr {
  readonly type: DataType;
  #column: Column | undefined;

  constructor(type: DataType) {
    this.type = type;
  }

  evaluate(): Column {
    return this.#column!;
  }

  /** Runs `read` while the column is this one. */
  during<R>(column: Column, read: () => R): R {
    this.#column = column;
    try {
      return read();
    } finally {
      this.#column = undefined;
    }
  }
}

type Compare = Parameters<typeof bindComparison>[0];

const comparison = (
  op: Compare,
  tree: CallTree,
  other: ExprTree,
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr => bindComparison(op, { op, args: [tree.args[0]!, other] } as Binary, left, right);

const between: FunctionDefinition = {
  name: 'between',
  bind(tree, [value, low, high]) {
    const { closed = 'both' } = tree.options ?? {};
    const given = new Given(value!.type);
    const above = comparison(
      closed === 'both' || closed === 'left' ? 'ge' : 'gt',
      tree,
      tree.args[1]!,
      given,
      low!,
    );
    const below = comparison(
      closed === 'both' || closed === 'right' ? 'le' : 'lt',
      tree,
      tree.args[2]!,
      given,
      high!,
    );
    return {
      type: new Bool(),
      evaluate: (rows: Rows) =>
        given.during(value!.evaluate(rows), () =>
          and(above.evaluate(rows) as BoolColumn, below.evaluate(rows) as BoolColumn),
        ),
    };
  },
};

const eqMissing: FunctionDefinition = {
  name: 'eqMissing',
  bind(tree, [a, b]) {
    const [left, right] = [new Given(a!.type), new Given(b!.type)];
    const equal = comparison('eq', tree, tree.args[1]!, left, right);
    return {
      type: new Bool(),
      evaluate(rows) {
        const [x, y] = [a!.evaluate(rows), b!.evaluate(rows)];
        const bits = left.during(x, () => right.during(y, () => equal.evaluate(rows))) as BoolColumn;
        return sameOrMissing(x, y, bits.values);
      },
    };
  },
};

/** The functions that choose among values. */
export const conditionalFunctions: readonly FunctionDefinition[] = [
  when,
  coalesceAs('coalesce'),
  coalesceAs('fillNull'),
  extreme('min'),
  extreme('max'),
  clip,
  between,
  eqMissing,
];

import { type DataType, type Field, Schema } from 'apache-arrow';
import { GroupIndex } from '../aggregate/group-index.ts';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { takeOrNull } from '../columnar/take-or-null.ts';
import { logicalTypeName } from '../columnar/type-name.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import type { BinaryOp } from '../expr/tree.ts';
import { bindFields } from './bind-fields.ts';
import { RowsNode } from './rows-node.ts';
import type { FrameState } from './state.ts';
import { StepEnds } from './step-ends.ts';
import { renamedField } from './steps.ts';

/** Arithmetic of snapshots. */
export type FrameOperation = Extract<BinaryOp, 'add' | 'sub' | 'mul' | 'div'>;

/** A result column, and the columns of both sides that it is computed of. */
interface Pair {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

interface BoundKeyed {
  readonly left: Schema;
  readonly right: Schema;
  readonly pairs: readonly Pair[];
  readonly exprs: readonly BoundExpr[];
  readonly output: Schema;
}

/** Two snapshots computed with each other, rows with the same key together; a key that one of them lacks gives null. */
export class KeyedNode extends Node<Batch, Batch> {
  override readonly kind: string = 'keyed';
  readonly #op: FrameOperation;
  readonly #frames: readonly [FrameState, FrameState];
  readonly #rows: readonly [RowsNode, RowsNode];
  readonly #ends: StepEnds<Batch>;
  #bound: BoundKeyed | undefined;
  #last: { readonly from: readonly unknown[]; readonly batch: Batch } | undefined;

  /** @throws `not-available` where a side has no keys, `schema-mismatch` where the keys or columns differ. */
  constructor(op: FrameOperation, left: FrameState, right: FrameState) {
    super({ name: op });
    this.#op = op;
    this.#frames = [left, right];
    for (const { keys } of this.#frames) {
      if (keys !== undefined) continue;
      throw new GraphError(
        'not-available',
        `${op}: only results by groups that have their keys can be computed with each other; of rows, assign the columns`,
      );
    }
    const names = this.#frames.map(({ keys }) => keys!.join(', '));
    if (names[0] !== names[1]) {
      throw new SchemaError('schema-mismatch', `${op}: the groups are by ${names[0]} and by ${names[1]}`);
    }
    this.#rows = [new RowsNode(left), new RowsNode(right)];
    for (const [i, rows] of this.#rows.entries()) {
      this.#frames[i]!.base.node.connect(rows);
      rows.connect(this);
    }
    this.#ends = new StepEnds<Batch>(this, () => this.current);
    void this.output;
  }

  /** The columns, once they are known. */
  get output(): Schema | undefined {
    const [left, right] = this.#frames.map(({ fields }) => fields);
    if (this.#bound === undefined && left !== undefined && right !== undefined) {
      this.#bound = this.#bind(new Schema([...left]), new Schema([...right]));
    }
    return this.#bound?.output;
  }

  /** The result of now. */
  get current(): Batch | undefined {
    const from = this.#frames.map(({ base }) => base.current());
    if (from.includes(undefined)) return undefined;
    if (this.#last === undefined || from.some((batch, i) => batch !== this.#last!.from[i]))
      this.#last = { from, batch: this.#joined() };
    return this.#last.batch;
  }

  override update(_: Batch, metadata: Metadata): Flow {
    this.#ends.arrived(metadata);
    if (!this.awaitStep()) return this.#ends.pass();
  }

  protected override onStepEnd(): Flow {
    return this.#ends.pass();
  }

  protected override onDeactivate(): void {
    this.#ends.stop();
  }

  #bind(left: Schema, right: Schema): BoundKeyed {
    const op = this.#op;
    const keys = this.#frames[0].keys!;
    const values = [left, right].map(({ fields }) => fields.filter(({ name }) => !keys.includes(name)));
    const [own, others] = values as [Field[], Field[]];
    const fields = keys.map((key) => {
      const [a, b] = [left, right].map((schema) => schema.fields.find(({ name }) => name === key)!);
      if (logicalTypeName(a!.type) !== logicalTypeName(b!.type)) {
        throw new SchemaError(
          'type-mismatch',
          `${op}: key ${key} is ${a!.type} on one side and ${b!.type} on the other`,
        );
      }
      return a!;
    });
    const pairs = pairsOf(op, own, others);
    const exprs = pairs.map((pair) =>
      bindFields(
        {
          op,
          args: [
            { op: 'column', name: 'left' },
            { op: 'column', name: 'right' },
          ],
        },
        [
          renamedField(own.find(({ name }) => name === pair.left)!, 'left'),
          renamedField(others.find(({ name }) => name === pair.right)!, 'right'),
        ],
      ),
    );
    const results = pairs.map(({ name }, i) =>
      renamedField(own.find((field) => field.name === name)!, name, exprs[i]!.type),
    );
    return { left, right, pairs, exprs, output: new Schema([...fields, ...results]) };
  }

  #joined(): Batch {
    const [left, right] = this.#rows.map(({ current }) => current!) as [Batch, Batch];
    this.#bound ??= this.#bind(left.schema, right.schema);
    const { pairs, exprs, output } = this.#bound;
    const keys = this.#frames[0].keys!;
    const keysOf = (batch: Batch): Column[] => keys.map((key) => batch.column(batch.indexOf(key)));
    const types = keysOf(left).map(({ type }) => type);
    const { slots, rows } = aligned(types, [keysOf(left), left.length], [keysOf(right), right.length]);
    const { length } = rows[0];
    const columns = pairs.map((pair, i) => {
      const sides = new Map([
        ['left', takeOrNull(left.column(left.indexOf(pair.left)), rows[0])],
        ['right', takeOrNull(right.column(right.indexOf(pair.right)), rows[1])],
      ]);
      return exprs[i]!.evaluate({ length, column: (name) => sides.get(name)! });
    });
    const all = [...slots, ...columns];
    const schema = new Schema(output.fields.map((field, i) => renamedField(field, field.name, all[i]!.type)));
    return new Batch(schema, length, all);
  }
}

/** The columns of the same name; where each side has one, these. */
function pairsOf(op: FrameOperation, left: readonly Field[], right: readonly Field[]): Pair[] {
  if (left.length === 1 && right.length === 1) {
    const name = left[0]!.name;
    return [{ name, left: name, right: right[0]!.name }];
  }
  const names = (fields: readonly Field[]): string =>
    fields
      .map(({ name }) => name)
      .sort()
      .join(', ');
  if (names(left) !== names(right)) {
    throw new SchemaError('schema-mismatch', `${op}: one side has ${names(left)}, the other ${names(right)}`);
  }
  return left.map(({ name }) => ({ name, left: name, right: name }));
}

type Keys = readonly [columns: readonly Column[], length: number];

/** The keys of both sides, those of the left first, and where each is on either side, -1 where it is not. */
function aligned(
  types: readonly DataType[],
  left: Keys,
  right: Keys,
): { slots: Column[]; rows: readonly [Int32Array, Int32Array] } {
  const index = new GroupIndex(types, { dropna: false });
  const own = index.assign(...(left as [readonly Column[], number])).slice();
  const others = index.assign(...(right as [readonly Column[], number])).slice();
  const slots = index.inOrderOfAppearance().slice();
  const places = new Int32Array(index.capacity);
  for (const [row, slot] of slots.entries()) places[slot] = row;
  const rowsOf = (side: Int32Array): Int32Array => {
    const rows = new Int32Array(slots.length).fill(-1);
    for (const [row, slot] of side.entries()) rows[places[slot]!] = row;
    return rows;
  };
  return { slots: index.keyColumns(slots), rows: [rowsOf(own), rowsOf(others)] };
}

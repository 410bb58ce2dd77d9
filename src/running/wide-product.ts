import type { DataType } from 'apache-arrow';
import type { SavedGroups } from '../aggregate/group-index.ts';
import type { Column, Int64Column } from '../columnar/column.ts';
import { typeName } from '../columnar/type-name.ts';
import { isUnsigned } from '../columnar/types.ts';
import { commonValidity } from '../columnar/validity.ts';
import { isNull } from '../columnar/value.ts';
import { SchemaError } from '../errors.ts';
import { nullWhereNone, RowGroups } from './row-groups.ts';
import type { RunningInput, RunningState } from './running.ts';

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly products: readonly (readonly [slot: number, product: bigint])[];
}

/** The exact product of 64-bit integers. */
export class WideProductState implements RunningState {
  readonly #type: DataType;
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  #groups: RowGroups;
  #products: Map<number, bigint> = new Map();

  constructor(type: DataType, by: readonly DataType[], dropna: boolean) {
    this.#type = type;
    this.#by = by;
    this.#dropna = dropna;
    this.#groups = new RowGroups(by, dropna);
  }

  update({ length, args, by }: RunningInput): Column {
    const type = this.#type;
    const column = args[0] as Int64Column;
    const slots = this.#groups.slotsOf(by, length);
    const unsigned = isUnsigned(type);
    const values = unsigned ? new BigUint64Array(length) : new BigInt64Array(length);
    const newer = new Map<number, bigint>();
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0 || isNull(column, i)) continue;
      const product = (newer.get(slot) ?? this.#products.get(slot) ?? 1n) * column.values[i]!;
      if ((unsigned ? BigInt.asUintN(64, product) : BigInt.asIntN(64, product)) !== product) {
        throw new SchemaError('overflow', `cumprod: ${product} does not fit ${typeName(type)}`);
      }
      newer.set(slot, product);
      values[i] = product;
    }
    for (const [slot, product] of newer) this.#products.set(slot, product);
    const validity = commonValidity([column], length);
    return nullWhereNone({ kind: 'int64', type, length, validity, offset: 0, values }, slots);
  }

  save(): unknown {
    const saved: Saved = { groups: this.#groups.save(), products: [...this.#products] };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, products } = saved as Saved;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#products = new Map(products);
  }
}

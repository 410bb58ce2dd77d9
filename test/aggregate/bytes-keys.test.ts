import type { DataType } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { GroupIndex } from '../../src/aggregate/group-index.ts';
import { columnOf } from '../../src/columnar/arrow.ts';
import { concat } from '../../src/columnar/concat.ts';
import { valuesOf } from '../support/columns.ts';
import { everyType, plain } from '../support/every-type.ts';

const keyed = Object.entries(everyType).filter(([name]) => !/list|struct|map|union/.test(name));

describe.each(keyed)('group keys of %s', (_, item) => {
  const columns = [item.data(12, 'some'), item.data(20, 'none').slice(3, 12), item.data(4, 'all')].map(
    columnOf,
  );
  const text = (value: unknown): string =>
    JSON.stringify(value, (__, own) =>
      typeof own === 'bigint'
        ? `${own}n`
        : Object.is(own, -0)
          ? '0'
          : typeof own === 'number'
            ? String(own)
            : own,
    );

  test('are told apart by value, across batches, and come out as they went in', () => {
    const index = new GroupIndex([item.type as DataType], { dropna: false });
    const slots = columns.flatMap((column) => [...index.assign([column], column.length)]);
    const rows = valuesOf(concat(columns)).map(plain).map(text);
    const slotOf = new Map<string, number>();
    for (const [i, row] of rows.entries()) {
      const known = slotOf.get(row);
      if (known === undefined) slotOf.set(row, slots[i]!);
      else expect(slots[i]).toBe(known);
    }
    expect(index.size).toBe(slotOf.size);
    const keys = index.keyColumns(Int32Array.from(slotOf.values()))[0]!;
    expect(valuesOf(keys).map(plain).map(text)).toEqual([...slotOf.keys()]);
  });

  test('are the same after they were saved as plain data', () => {
    const index = new GroupIndex([item.type as DataType], { dropna: false });
    const slots = columns.map((column) => [...index.assign([column], column.length)]);
    const restored = new GroupIndex([item.type as DataType], { dropna: false });
    restored.restore(structuredClone(index.save()));
    expect(columns.map((column) => [...restored.assign([column], column.length)])).toEqual(slots);
    expect([...restored.sorted()]).toEqual([...index.sorted()]);
  });
});

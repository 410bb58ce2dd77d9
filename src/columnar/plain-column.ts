import type { DataType, Dictionary } from 'apache-arrow';
import { copyBits } from './bitmap.ts';
import type { Column, NumberColumn } from './column.ts';

/** A column as data that `structuredClone` takes, without its type. Holds no more than its own rows. */
export type PlainColumn = { readonly length: number; readonly validity: Uint8Array | undefined } & (
  | { readonly kind: 'number'; readonly values: NumberColumn['values'] }
  | { readonly kind: 'int64'; readonly values: BigInt64Array | BigUint64Array }
  | { readonly kind: 'bool'; readonly values: Uint8Array }
  | { readonly kind: 'utf8'; readonly valueOffsets: Int32Array; readonly bytes: Uint8Array }
  | {
      readonly kind: 'dictionary';
      readonly codes: Extract<Column, { kind: 'dictionary' }>['codes'];
      readonly dictionary: PlainColumn;
    }
  | { readonly kind: 'null' }
);

/** @throws TypeError for a type that columns only carry along. */
export function plainColumn(column: Column): PlainColumn {
  const { length, offset } = column;
  const validity = column.validity && copyBits(column.validity, offset, length);
  const base = { length, validity };
  switch (column.kind) {
    case 'number':
      return { ...base, kind: 'number', values: column.values.slice(0, length) };
    case 'int64':
      return { ...base, kind: 'int64', values: column.values.slice(0, length) };
    case 'bool':
      return { ...base, kind: 'bool', values: copyBits(column.values, offset, length) };
    case 'utf8': {
      const start = column.valueOffsets[0] ?? 0;
      const valueOffsets = column.valueOffsets.slice(0, length + 1).map((end) => end - start);
      const bytes = column.bytes.slice(start, start + (valueOffsets[length] ?? 0));
      return { ...base, kind: 'utf8', valueOffsets, bytes };
    }
    case 'dictionary': {
      const dictionary = plainColumn(column.dictionary);
      return { ...base, kind: 'dictionary', codes: column.codes.slice(0, length), dictionary };
    }
    case 'null':
      return { ...base, kind: 'null' };
    case 'opaque':
      throw new TypeError(`a column of type ${column.type} cannot be saved`);
  }
}

/** The column that `plainColumn` made plain. */
export function revivedColumn(plain: PlainColumn, type: DataType): Column {
  const base = { type, length: plain.length, validity: plain.validity, offset: 0 };
  switch (plain.kind) {
    case 'number':
      return { ...base, kind: 'number', values: plain.values };
    case 'int64':
      return { ...base, kind: 'int64', values: plain.values };
    case 'bool':
      return { ...base, kind: 'bool', values: plain.values };
    case 'utf8':
      return { ...base, kind: 'utf8', valueOffsets: plain.valueOffsets, bytes: plain.bytes };
    case 'dictionary': {
      const dictionaryType = type as Dictionary;
      const dictionary = revivedColumn(plain.dictionary, dictionaryType.dictionary);
      return { ...base, type: dictionaryType, kind: 'dictionary', codes: plain.codes, dictionary };
    }
    case 'null':
      return { ...base, kind: 'null', validity: undefined };
  }
}

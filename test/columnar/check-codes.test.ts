import { Dictionary, Int32, Utf8 } from 'apache-arrow';
import { expect, test } from 'vitest';
import { checkCodes } from '../../src/columnar/check-codes.ts';
import type { DictionaryColumn } from '../../src/columnar/column.ts';
import { column } from '../support/columns.ts';

const dictionary = column(new Utf8(), ['a', 'b']);
const coded = (codes: number[], validity?: Uint8Array): DictionaryColumn => ({
  kind: 'dictionary',
  type: new Dictionary(new Utf8(), new Int32()),
  length: codes.length,
  validity,
  offset: 0,
  codes: Int32Array.from(codes),
  dictionary,
});

test('codes must be in their dictionary, but for those of null rows', () => {
  checkCodes(dictionary);
  checkCodes(coded([0, 1, 1]));
  checkCodes(coded([0, 7], Uint8Array.of(0b01)));
  expect(() => checkCodes(coded([0, 2]))).toThrow('code 2 is not in its dictionary of 2 values');
  expect(() => checkCodes(coded([-1]))).toThrow('code -1 is not in its dictionary');
});

import { Bool, Int32 } from 'apache-arrow';
import type { Column, Utf8Column } from '../../columnar/column.ts';
import * as kernels from '../../columnar/strings.ts';
import type { CallOptions } from '../tree.ts';
import type { FunctionDefinition } from './definition.ts';
import { checkText, overText, plainText, utf8Type } from './text.ts';

/** A function of one column of strings that gives strings. */
function ofTexts(
  name: string,
  make: (options: CallOptions) => (text: string) => string | null,
): FunctionDefinition {
  return {
    name,
    bind(tree, [arg]) {
      const fn = make(tree.options ?? {});
      return overText(tree, arg!, utf8Type, (column) => kernels.mapTexts(column, fn));
    },
  };
}

function ofColumn(
  name: string,
  make: (options: CallOptions) => (column: Utf8Column) => Column,
  type: Bool | Int32 | typeof utf8Type,
): FunctionDefinition {
  return { name, bind: (tree, [arg]) => overText(tree, arg!, type, make(tree.options ?? {})) };
}

const hasText = (name: string, place: kernels.Place): FunctionDefinition =>
  ofColumn(
    name,
    ({ text }) =>
      (column) =>
        kernels.hasText(column, text as string, place),
    new Bool(),
  );

/** As many of the fill as are missing from `length` code points. */
function padding(text: string, { length, fill }: CallOptions): string {
  const missing = (length as number) - kernelsLength(text);
  const points = [...(fill as string)];
  if (missing <= 0 || points.length === 0) return '';
  const whole = points.join('').repeat(Math.floor(missing / points.length));
  return whole + points.slice(0, missing % points.length).join('');
}

function kernelsLength(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const concat: FunctionDefinition = {
  name: 'str.concat',
  bind(tree, args) {
    for (const [i, arg] of args.entries()) checkText(tree, tree.args[i]!, arg.type);
    const columns = args.map(plainText);
    return {
      type: utf8Type,
      evaluate: (rows) =>
        kernels.joinStrings(
          columns.map((column) => column(rows)),
          rows.length,
        ),
    };
  },
};

/** The functions of strings that need no pattern. */
export const stringFunctions: readonly FunctionDefinition[] = [
  ofColumn('str.upper', () => (column) => kernels.changeCase(column, 'upper'), utf8Type),
  ofColumn('str.lower', () => (column) => kernels.changeCase(column, 'lower'), utf8Type),
  ofColumn('str.trim', () => (column) => kernels.trimmed(column, 'both'), utf8Type),
  ofColumn('str.trimStart', () => (column) => kernels.trimmed(column, 'start'), utf8Type),
  ofColumn('str.trimEnd', () => (column) => kernels.trimmed(column, 'end'), utf8Type),
  ofColumn('str.length', () => kernels.codePoints, new Int32()),
  hasText('str.startsWith', 'start'),
  hasText('str.endsWith', 'end'),
  hasText('str.contains', 'anywhere'),
  ofColumn(
    'str.slice',
    ({ start, end }) =>
      (column) =>
        kernels.sliceCodePoints(column, start as number, end as number | undefined),
    utf8Type,
  ),
  ofTexts(
    'str.replace',
    ({ text, by }) =>
      (value) =>
        value.replace(text as string, () => by as string),
  ),
  ofTexts(
    'str.replaceAll',
    ({ text, by }) =>
      (value) =>
        text === ''
          ? ['', ...value, ''].join(by as string)
          : value.replaceAll(text as string, () => by as string),
  ),
  ofTexts('str.padStart', (options) => (text) => padding(text, options) + text),
  ofTexts('str.padEnd', (options) => (text) => text + padding(text, options)),
  ofTexts(
    'str.split',
    ({ separator, index }) =>
      (text) =>
        (separator === '' ? [...text] : text.split(separator as string)).at(index as number) ?? null,
  ),
  concat,
];

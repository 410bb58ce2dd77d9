import { Bool } from 'apache-arrow';
import { clearBit, newBitmap, setBit } from '../../columnar/bitmap.ts';
import type { Utf8Column } from '../../columnar/column.ts';
import { boolColumn } from '../../columnar/compare.ts';
import { mapTexts, passingTexts } from '../../columnar/strings.ts';
import { commonValidity } from '../../columnar/validity.ts';
import { didYouMean, quote, SchemaError } from '../../errors.ts';
import { compilePattern, type Pattern } from '../pattern.ts';
import { type CallTree, describe } from '../tree.ts';
import type { FunctionDefinition } from './definition.ts';
import { overText, utf8Type } from './text.ts';

/** The longest string that a pattern is run over, in code units, where nothing else is said. */
const usualLength = 10_000;

function patternOf(tree: CallTree, flags: string): Pattern {
  const { pattern, ignoreCase } = tree.options ?? {};
  return compilePattern(tree.fn, pattern, ignoreCase === true ? `${flags}i` : flags);
}

/** Whether a string is short enough; where it is not, an error or, if the options say so, no value. */
function lengthGuard(tree: CallTree, { longest }: Pattern): (text: string, row: number) => boolean {
  const { maxLength = Math.min(usualLength, longest), tooLong } = tree.options ?? {};
  return (text, row) => {
    if (text.length <= (maxLength as number)) return true;
    if (tooLong === 'null') return false;
    throw new SchemaError(
      'limit-exceeded',
      `${describe(tree)}: the string in row ${row} has ${text.length} code units, more than maxLength, ${String(maxLength)}; give { maxLength } or { tooLong: 'null' }`,
    );
  };
}

const matches: FunctionDefinition = {
  name: 'str.matches',
  bind(tree, [arg]) {
    const pattern = patternOf(tree, 'u');
    const { regex } = pattern;
    const fits = lengthGuard(tree, pattern);
    return overText(tree, arg!, new Bool(), (column: Utf8Column) => {
      const { length } = column;
      const bits = newBitmap(length);
      let validity = commonValidity([column], length);
      for (const [row, text] of passingTexts(column).entries()) {
        if (text === null) continue;
        if (fits(text, row)) {
          if (regex.test(text)) setBit(bits, row);
        } else {
          validity ??= newBitmap(length).fill(255);
          clearBit(validity, row);
        }
      }
      return boolColumn(bits, length, validity);
    });
  },
};

const extract: FunctionDefinition = {
  name: 'str.extract',
  bind(tree, [arg]) {
    const pattern = patternOf(tree, 'u');
    const { regex, groups, names } = pattern;
    const group = tree.options?.group ?? 1;
    if (typeof group === 'string' ? !names.includes(group) : (group as number) > groups) {
      const there =
        typeof group === 'string' ? `groups: ${names.join(', ') || 'none has a name'}` : `it has ${groups}`;
      const near = typeof group === 'string' ? didYouMean(group, names) : '';
      throw new SchemaError(
        'bad-option',
        `${describe(tree)}: the pattern has no group ${typeof group === 'string' ? quote(group) : String(group)}${near}; ${there}`,
      );
    }
    const fits = lengthGuard(tree, pattern);
    return overText(tree, arg!, utf8Type, (column) =>
      mapTexts(column, (text, row) => {
        if (!fits(text, row)) return null;
        const match = regex.exec(text);
        if (match === null) return null;
        return (typeof group === 'string' ? match.groups![group] : match[group as number]) ?? null;
      }),
    );
  },
};

const replaceRegex: FunctionDefinition = {
  name: 'str.replaceRegex',
  bind(tree, [arg]) {
    const pattern = patternOf(tree, 'gu');
    const { regex } = pattern;
    const by = tree.options!.by as string;
    const fits = lengthGuard(tree, pattern);
    return overText(tree, arg!, utf8Type, (column) =>
      mapTexts(column, (text, row) => (fits(text, row) ? text.replace(regex, by) : null)),
    );
  },
};

/** The functions of strings that take a pattern. */
export const patternFunctions: readonly FunctionDefinition[] = [matches, extract, replaceRegex];

import type { Bool, DataType, Int32, Utf8 } from 'apache-arrow';
import type { FamilyOf, Unavailable } from '../columnar/type-families.ts';
import { oneOf, optionsOf, wholeNumber } from '../core/check.ts';
import { SchemaError } from '../errors.ts';
import type { AnyExpr, ExprFamily, Of } from './operands.ts';
import { compilePattern } from './pattern.ts';
import type { CallOptions } from './tree.ts';

/** Makes an expression of a function, the column, other arguments and options. */
type Call = <R>(fn: string, others: readonly unknown[], options?: CallOptions) => R;

/** What `str` is of a column of type `D`. */
export type StringExprsOf<D extends DataType, F extends ExprFamily> =
  FamilyOf<D> extends 'string' | 'unknown'
    ? StringExprs<F>
    : Unavailable<`str is not available on ${FamilyOf<D>} columns`>;

/** How a pattern is run over strings. */
export interface PatternOptions {
  /** Whether letters match those of the other case. Default `false`. */
  readonly ignoreCase?: boolean | undefined;
  /**
   * The longest string, in UTF-16 code units, that the pattern is run over. Default 10,000, and less for a pattern whose time
   * grows fast with the length, as that of `(.*),(.*),(.*)$` does: so that no string takes more than about a second.
   */
  readonly maxLength?: number | undefined;
  /** What becomes of a longer one: an error that names its row, or null. Default `'error'`. */
  readonly tooLong?: 'error' | 'null' | undefined;
}

type Text = string | (AnyExpr & { readonly family: 'string' });

/**
 * The functions of strings. Null gives null. Positions and lengths count code points. Each string of a dictionary is
 * computed once; results are plain utf8.
 *
 * Patterns are regular expressions as JavaScript has them with the flag `u`. Refused are those which might take
 * exponential time: with backreferences, lookbehind, a quantifier over a group that has a quantifier in it, or repeated
 * alternatives that may begin alike. What is left may still take time that grows with a power of the length of a
 * string, which `maxLength` bounds: a longer string is an error, unless you say otherwise.
 */
export class StringExprs<F extends ExprFamily> {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** In upper case, as Unicode has it without a language. */
  upper(): Of<F, Utf8> {
    return this.#call('str.upper', []);
  }
  /** In lower case. */
  lower(): Of<F, Utf8> {
    return this.#call('str.lower', []);
  }
  /** Without white space at both ends. */
  trim(): Of<F, Utf8> {
    return this.#call('str.trim', []);
  }
  /** Without white space at the start. */
  trimStart(): Of<F, Utf8> {
    return this.#call('str.trimStart', []);
  }
  /** Without white space at the end. */
  trimEnd(): Of<F, Utf8> {
    return this.#call('str.trimEnd', []);
  }
  /** The number of code points. */
  length(): Of<F, Int32> {
    return this.#call('str.length', []);
  }
  /** Whether it starts with a text. */
  startsWith(text: string): Of<F, Bool> {
    return this.#call('str.startsWith', [], { text: textOption(text, 'startsWith') });
  }
  /** Whether it ends with a text. */
  endsWith(text: string): Of<F, Bool> {
    return this.#call('str.endsWith', [], { text: textOption(text, 'endsWith') });
  }
  /** Whether a text is in it, letter by letter; for patterns there is `matches`. */
  contains(text: string): Of<F, Bool> {
    return this.#call('str.contains', [], { text: textOption(text, 'contains') });
  }
  /** Code points `start … end - 1`; below 0 they are counted from the end. */
  slice(start: number, end?: number): Of<F, Utf8> {
    wholeNumber(start, 'start of slice', Number.NEGATIVE_INFINITY);
    if (end !== undefined) wholeNumber(end, 'end of slice', Number.NEGATIVE_INFINITY);
    return this.#call('str.slice', [], { start, end });
  }
  /** With the first `text` replaced, both taken letter by letter. */
  replace(text: string, by: string): Of<F, Utf8> {
    return this.#call('str.replace', [], {
      text: textOption(text, 'replace'),
      by: textOption(by, 'replace'),
    });
  }
  /** With every `text` replaced, both taken letter by letter; the empty text is before and after every code point. */
  replaceAll(text: string, by: string): Of<F, Utf8> {
    return this.#call('str.replaceAll', [], {
      text: textOption(text, 'replaceAll'),
      by: textOption(by, 'replaceAll'),
    });
  }
  /** Filled up at the start to `length` code points. */
  padStart(length: number, fill: string = ' '): Of<F, Utf8> {
    return this.#call('str.padStart', [], padOptions(length, fill, 'padStart'));
  }
  /** Filled up at the end to `length` code points. */
  padEnd(length: number, fill: string = ' '): Of<F, Utf8> {
    return this.#call('str.padEnd', [], padOptions(length, fill, 'padEnd'));
  }
  /** Part `index` of what a separator divides it into, the empty one into code points; below 0 from the end, null where there are not so many. */
  split(separator: string, index: number): Of<F, Utf8> {
    return this.#call('str.split', [], {
      separator: textOption(separator, 'split'),
      index: wholeNumber(index, 'index of split', Number.NEGATIVE_INFINITY),
    });
  }
  /** Followed by others, columns or texts; null where one is null. */
  concat(...others: readonly Text[]): Of<F, Utf8> {
    return this.#call('str.concat', others);
  }

  /**
   * Whether a pattern matches anywhere in it; begin with `^` and end with `$` for the whole.
   *
   * @throws `bad-option` for a pattern that is none or is refused; `limit-exceeded` for a string that is too long.
   */
  matches(pattern: string, options: PatternOptions = {}): Of<F, Bool> {
    return this.#call('str.matches', [], patternOptions('matches', pattern, {}, options));
  }
  /** What a group of a pattern, by number or name, has of the first match; null where there is none. Group 0 is the whole match. */
  extract(pattern: string, group: number | string = 1, options: PatternOptions = {}): Of<F, Utf8> {
    if (typeof group !== 'string') wholeNumber(group, 'group of extract', 0);
    return this.#call('str.extract', [], patternOptions('extract', pattern, { group }, options));
  }
  /** With every match of a pattern replaced; in `by`, `$1` and `$<name>` are groups, `$&` the match and `$$` a dollar sign. */
  replaceRegex(pattern: string, by: string, options: PatternOptions = {}): Of<F, Utf8> {
    const given = { by: textOption(by, 'replaceRegex') };
    return this.#call('str.replaceRegex', [], patternOptions('replaceRegex', pattern, given, options));
  }
}

function textOption(text: string, what: string): string {
  if (typeof text === 'string') return text;
  throw new SchemaError('bad-option', `str.${what} takes a text, got ${typeof text} ${String(text)}`);
}

function padOptions(length: number, fill: string, what: string): CallOptions {
  return { length: wholeNumber(length, `length of ${what}`, 0), fill: textOption(fill, what) };
}

function patternOptions(
  what: string,
  pattern: string,
  given: CallOptions,
  options: PatternOptions,
): CallOptions {
  const { ignoreCase, maxLength, tooLong } = optionsOf(
    options,
    ['ignoreCase', 'maxLength', 'tooLong'],
    `str.${what}`,
  );
  if (maxLength !== undefined) wholeNumber(maxLength, `maxLength of ${what}`, 0);
  if (tooLong !== undefined) oneOf(tooLong, ['error', 'null'], `tooLong of ${what}`);
  compilePattern(`str.${what}`, pattern, ignoreCase === true ? 'ui' : 'u');
  return { pattern, ...given, ignoreCase, maxLength, tooLong };
}

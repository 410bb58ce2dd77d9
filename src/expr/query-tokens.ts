import { quote, SchemaError } from '../errors.ts';

/** A piece of a query, and where it begins. */
export interface Token {
  readonly kind: 'number' | 'integer' | 'string' | 'name' | 'quoted' | 'parameter' | 'symbol' | 'end';
  /** As written; of strings and quoted names, what they stand for. */
  readonly text: string;
  readonly at: number;
}

const space = /\s+/y;
const number = /(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const name = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const symbol = /\*\*|\/\/|==|!=|<=|>=|[-+*/%<>()[\],.&|~]/y;

/**
 * The pieces of a query.
 *
 * @throws `bad-expression`, showing the place.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(space)?.length ?? 0;
    if (at >= text.length) {
      tokens.push({ kind: 'end', text: 'the end', at: text.length });
      return tokens;
    }
    const char = text[at]!;
    if (char === '"' || char === "'" || char === '`') {
      const { value, end } = quoted(text, at);
      tokens.push({ kind: char === '`' ? 'quoted' : 'string', text: value, at });
      at = end;
      continue;
    }
    const digits = match(number);
    if (digits !== undefined) {
      tokens.push({
        kind: /^[\d_]+$/.test(digits) ? 'integer' : 'number',
        text: digits.replaceAll('_', ''),
        at,
      });
      at += digits.length;
      continue;
    }
    const word = match(name);
    if (word !== undefined) {
      tokens.push({ kind: 'name', text: word, at });
      at += word.length;
      continue;
    }
    if (char === '@') {
      at++;
      const parameter = match(name);
      if (parameter === undefined) throw queryError(text, at, 'expected the name of a parameter after @');
      tokens.push({ kind: 'parameter', text: parameter, at: at - 1 });
      at += parameter.length;
      continue;
    }
    const sign = match(symbol);
    if (/^(&&|\|\|)/.test(text.slice(at, at + 2))) {
      throw queryError(
        text,
        at,
        `${quote(text.slice(at, at + 2))} has no meaning here; write ${char === '&' ? 'and' : 'or'}`,
      );
    }
    if (sign === undefined) throw queryError(text, at, unknownSign(text, at));
    tokens.push({ kind: 'symbol', text: sign, at });
    at += sign.length;
  }
}

function quoted(text: string, from: number): { value: string; end: number } {
  const mark = text[from]!;
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === mark) return { value, end: at + 1 };
    if (char !== '\\' || mark === '`') {
      value += char;
      continue;
    }
    at++;
    const escaped = text[at];
    value += escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped === 'r' ? '\r' : (escaped ?? '');
  }
  throw queryError(text, from, mark === '`' ? 'this name has no end' : 'this string has no end');
}

function unknownSign(text: string, at: number): string {
  const char = String.fromCodePoint(text.codePointAt(at)!);
  const hints: Readonly<Record<string, string>> = {
    '=': '; compare with ==',
    '!': '; write not, or != to compare',
    ';': '; a query is one expression',
    '?': '; there is no ?: in queries',
  };
  return `${quote(char)} has no meaning here${hints[char] ?? ''}`;
}

/** An error that shows the query and points to the place. */
export function queryError(
  text: string,
  at: number,
  problem: string,
  code: 'bad-expression' | 'no-such-column' | 'type-mismatch' = 'bad-expression',
): SchemaError {
  // Only the line of the place, so that the mark stands below it.
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const rest = text.indexOf('\n', at);
  const line = text.slice(start, rest < 0 ? undefined : rest);
  return new SchemaError(
    code,
    `query: ${problem} (at position ${at})\n  ${line}\n  ${' '.repeat(at - start)}^`,
  );
}

import { type DataType, Dictionary, Int32, LargeUtf8, Null, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { col } from '../../../src/index.ts';
import { forms, run, type Tree, vector, viewsOf } from '../run.ts';

const x = col('x');

const texts = [
  null,
  '',
  'a',
  'Straße',
  ' padded\t',
  'a-b--c',
  'ÀÉÎ õ',
  '😀x😀',
  'the quick brown fox jumps over the lazy dog',
  'aXbXc',
  '\u00a0nbsp\u3000',
  null,
  'ab12cd345',
];

type Case = readonly [name: string, expr: Tree, wanted: (text: string) => unknown];

const points = (text: string): string[] => [...text];
const between = (text: string): string => ['', ...points(text), ''].join('-');

const cases: Case[] = [
  ['upper', x.str.upper(), (s) => s.toUpperCase()],
  ['lower', x.str.lower(), (s) => s.toLowerCase()],
  ['trim', x.str.trim(), (s) => s.trim()],
  ['trimStart', x.str.trimStart(), (s) => s.trimStart()],
  ['trimEnd', x.str.trimEnd(), (s) => s.trimEnd()],
  ['length', x.str.length(), (s) => points(s).length],
  ['startsWith', x.str.startsWith('a'), (s) => s.startsWith('a')],
  ['endsWith', x.str.endsWith('😀'), (s) => s.endsWith('😀')],
  ['contains', x.str.contains('X'), (s) => s.includes('X')],
  ['contains nothing', x.str.contains(''), () => true],
  ["replaceAll('', '-')", x.str.replaceAll('', '-'), (s) => (s === '' ? '-' : between(s))],
  ["split('', 1)", x.str.split('', 1), (s) => points(s)[1] ?? null],
  ['slice(1, 3)', x.str.slice(1, 3), (s) => points(s).slice(1, 3).join('')],
  ['slice(-3)', x.str.slice(-3), (s) => points(s).slice(-3).join('')],
  ['slice(-4, -1)', x.str.slice(-4, -1), (s) => points(s).slice(-4, -1).join('')],
  ['slice(1, -1)', x.str.slice(1, -1), (s) => points(s).slice(1, -1).join('')],
  ['slice(3, 1)', x.str.slice(3, 1), () => ''],
  ['replace', x.str.replace('-', '$&'), (s) => s.replace('-', () => '$&')],
  ['replaceAll', x.str.replaceAll('-', '.'), (s) => s.split('-').join('.')],
  ['padStart', x.str.padStart(6, '*-'), (s) => pad(s, 6, '*-') + s],
  ['padEnd', x.str.padEnd(6), (s) => s + pad(s, 6, ' ')],
  ['split(1)', x.str.split('-', 1), (s) => s.split('-')[1] ?? null],
  ['split(-1)', x.str.split('X', -1), (s) => s.split('X').at(-1)],
  ['concat', x.str.concat('!', x), (s) => `${s}!${s}`],
  ['matches', x.str.matches('^[a-z]+-'), (s) => /^[a-z]+-/u.test(s)],
  ['matches, without case', x.str.matches('^A', { ignoreCase: true }), (s) => /^A/iu.test(s)],
  ['extract', x.str.extract('(\\d+)'), (s) => /(\d+)/u.exec(s)?.[1] ?? null],
  ['extract by name', x.str.extract('(?<n>\\d+)', 'n'), (s) => /(\d+)/u.exec(s)?.[1] ?? null],
  ['extract, the whole', x.str.extract('[a-z]\\d+', 0), (s) => /[a-z]\d+/u.exec(s)?.[0] ?? null],
  ['replaceRegex', x.str.replaceRegex('(\\d)', '<$1>'), (s) => s.replace(/(\d)/gu, '<$1>')],
];

function pad(text: string, length: number, fill: string): string {
  let padding = '';
  for (let i = 0; points(text).length + i < length; i++) padding += fill[i % fill.length];
  return padding;
}

const types: [string, DataType][] = [
  ['utf8', new Utf8()],
  ['large utf8', new LargeUtf8()],
  ['dictionary', new Dictionary(new Utf8(), new Int32())],
];

describe('functions of strings', () => {
  test.each(cases)('%s', (_, expr, wanted) => {
    const want = texts.map((text) => (text === null ? null : wanted(text)));
    for (const [, type] of types) {
      for (const xs of forms(type, texts, 'before')) expect(run(expr, { x: xs })).toEqual(want);
      expect(run(expr, { x: vector(type, []) })).toEqual([]);
      expect(run(expr, { x: vector(type, [null, null]) })).toEqual([null, null]);
    }
    expect(run(expr, { x: viewsOf(texts) })).toEqual(want);
    expect(run(expr, { x: vector(new Null(), [null, null]) })).toEqual([null, null]);
  });

  test('give the same where all is ASCII, and where white space of any kind is at an end', () => {
    const ascii = [' a ', '\t\n\v\f\r b c\r\n', '', '   ', null, 'a-b', 'x'.repeat(40), '\u001f a'];
    const spaces = ['\u2003a\u3000 ', ' \ufeffb', 'c\u00a0', 'é ', ' ü'];
    const functions: Case[] = cases.filter(([name]) => /^(trim|matches|extract|replace)/u.test(name));
    for (const all of [ascii, [...ascii, ...spaces], spaces]) {
      for (const [, expr, wanted] of functions) {
        const want = all.map((text) => (text === null ? null : wanted(text)));
        for (const xs of forms(new Utf8(), all, 'before')) expect(run(expr, { x: xs })).toEqual(want);
      }
    }
  });

  test('of a dictionary much larger than the batch give the same', () => {
    const type = new Dictionary(new Utf8(), new Int32());
    const many = Array.from({ length: 50 }, (_, i) => `v${i}`);
    const xs = vector(type, many).slice(20, 23);
    expect(run(x.str.upper(), { x: xs })).toEqual(['V20', 'V21', 'V22']);
  });

  test('a value of a dictionary that no row has does not fail', () => {
    const type = new Dictionary(new Utf8(), new Int32());
    const xs = vector(type, ['a'.repeat(20), 'b', 'c']).slice(1);
    expect(run(x.str.matches('b', { maxLength: 10 }), { x: xs })).toEqual([true, false]);
  });

  test('are written as they were called', () => {
    expect(`${x.str.upper().toString()}`).toBe('x.str.upper()');
    expect(x.str.slice(1, 3).toString()).toBe('x.str.slice(1, 3)');
    expect(x.str.concat('!', col('y')).toString()).toBe('x.str.concat("!", y)');
    expect(x.str.matches('a', { ignoreCase: true }).toString()).toBe(
      'x.str.matches("a", { ignoreCase: true })',
    );
  });
});

describe('patterns', () => {
  test('a string that is too long is an error that names its row, or null', () => {
    const xs = vector(new Utf8(), ['short', 'a'.repeat(10_001), null]);
    expect(() => run(x.str.matches('a'), { x: xs })).toThrow('the string in row 1 has 10001 code units');
    expect(run(x.str.matches('a', { tooLong: 'null' }), { x: xs })).toEqual([false, null, null]);
    expect(run(x.str.extract('(a)', 1, { tooLong: 'null' }), { x: xs })).toEqual([null, null, null]);
    expect(run(x.str.matches('a', { maxLength: 10_001 }), { x: xs })).toEqual([false, true, null]);
  });

  test.each([
    ['(a+)+', 'has something optional in what is repeated'],
    ['(a*)*b', 'has something optional in what is repeated'],
    ['(a?a)+', 'has something optional in what is repeated'],
    ['([a-z]+)*$', 'has something optional in what is repeated'],
    ['(?:a{1,5})+', 'has something optional in what is repeated'],
    ['((a|b)+c?)*', 'has something optional in what is repeated'],
    ['(a|a)*', 'may begin alike'],
    ['(a|aa)+', 'may begin alike'],
    ['(\\w|\\d)+', 'may begin alike'],
    ['(.|\\n)*', 'may begin alike'],
    ['([^a]|b)+', 'may begin alike'],
    ['(\\p{L}|x){2,}', 'may begin alike'],
    ['(|a)+', 'has something optional in what is repeated'],
    ['(?:(?:a|a)b)+', 'may begin alike'],
    ['(?:b(a|aa))*', 'may begin alike'],
    ['(?:(a|)a)+', 'has something optional in what is repeated'],
    ['(?:$)*', 'repeats what may be empty'],
    ['a?'.repeat(30), 'has more than 24'],
    ['(a|a)'.repeat(30), 'has more than 24'],
    ['(a)\\1', 'refers back'],
    ['(?<n>a)\\k<n>', 'refers back'],
    ['(?<=a)b', 'looks behind'],
    ['(?<!a)b', 'looks behind'],
    ['a{2000}', 'counts beyond 1000'],
    ['(?=(a+))*', 'is no pattern'],
  ])('%s is refused', (pattern, why) => {
    expect(() => x.str.matches(pattern)).toThrow(why);
  });

  test('without case, letters overlap with those of the other', () => {
    expect(() => x.str.matches('(a|A)+', { ignoreCase: true })).toThrow('may begin alike');
    expect(() => x.str.matches('(k|\u212a)+', { ignoreCase: true })).toThrow('may begin alike');
    expect(x.str.matches('(a|A)+').toString()).toBe('x.str.matches("(a|A)+")');
  });

  test.each([
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^[\\w.+-]+@[\\w-]+\\.[a-z]{2,}$',
    '(?:foo|bar)+',
    '(\\.\\d+)?',
    '(GET|POST) /[^ ]*',
    '[\\]a-z\\-]+',
    '(?:[a-c]x|[d-f]y)*',
    'a(?=b)c*',
    '\\u{1F600}+',
    '\\x41\\u0042\\cJ\\0',
    '.*foo.*',
    '(?:\\s|\\S)?',
    '(?:\\d|[a-f])+',
  ])('%s is taken', (pattern) => {
    expect(() => x.str.matches(pattern)).not.toThrow();
  });

  test.each([
    ['a*a*a*a*b', 'a', 119],
    ['^(.*),(.*),(.*)$', ',', 1062],
    [`${'(a|a)'.repeat(20)}b`, 'a', 38],
    [`${'a?'.repeat(20)}${'a'.repeat(20)}`, 'a', 9],
  ])('%s is not run over strings that would take for ever', (pattern, text, longest) => {
    const long = { x: vector(new Utf8(), [text.repeat(10_000)]) };
    expect(() => run(x.str.matches(pattern), long)).toThrow(`more than maxLength, ${longest};`);
    expect(run(x.str.matches(pattern, { tooLong: 'null' }), long)).toEqual([null]);
    const given = run(x.str.matches(pattern, { maxLength: 12 }), { x: vector(new Utf8(), ['xx']) });
    expect(given).toEqual([false]);
  });

  test.each([
    '.*foo.*',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^[\\w.+-]+@[\\w-]+\\.[a-z]{2,}$',
    '\\d+\\s*px',
    '[a-z]+[0-9]+',
    '\\s+$',
    '(\\w+)\\s(\\w+)',
  ])('%s is run over strings of 10,000', (pattern) => {
    const long = { x: vector(new Utf8(), ['!'.repeat(10_000)]) };
    expect(run(x.str.matches(pattern), long)).toEqual([false]);
  });

  test('what is no pattern is refused when the plan is made', () => {
    expect(() => x.str.matches('(')).toThrow('str.matches: "(" is no pattern');
    expect(() => x.str.matches(/a/ as never)).toThrow('takes a pattern as a string');
    expect(() => run(x.str.extract('(a)', 2), { x: vector(new Utf8(), []) })).toThrow(
      'has no group 2; it has 1',
    );
    expect(() => run(x.str.extract('(?<year>a)', 'yaer'), { x: vector(new Utf8(), []) })).toThrow(
      'no group "yaer"; did you mean "year"?',
    );
  });
});

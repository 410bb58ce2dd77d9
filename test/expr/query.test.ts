import { type DataType, type Field, Schema } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../src/expr/query.ts';
import { describe as written } from '../../src/expr/tree.ts';
import {
  bool,
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({
  x: float64,
  n: int32,
  id: int64,
  name: utf8,
  ok: bool,
  t: timestamp('ns'),
  s: timestamp('s'),
  'unit price': float64,
});
const types = new Map(S.fields.map(({ name, type }) => [name, type as DataType]));
const read = (text: string, parameters = {}): string => written(parseQuery(text, { types, parameters }));

describe('what is read', () => {
  test.each([
    ['x > 5', 'x.gt(5)'],
    ["x > 5 and name == 'Alice'", 'x.gt(5).and(name.eq("Alice"))'],
    ['x > 1 or n < 2 and ok', 'x.gt(1).or(n.lt(2).and(ok))'],
    ['not ok and x > 1', 'ok.not().and(x.gt(1))'],
    ['not x > 1', 'x.gt(1).not()'],
    ['x + n * 2 - 1 > 0', 'x.add(n.mul(2)).sub(1).gt(0)'],
    ['x - 1 - 2 > 0', 'x.sub(1).sub(2).gt(0)'],
    ['-x ** 2 < 0', 'x.pow(2).neg().lt(0)'],
    ['2 ** -x < 0', '2.pow(x.neg()).lt(0)'],
    ['x ** n ** 2 < 0', 'x.pow(n.pow(2)).lt(0)'],
    ['n // 2 % 3 == 0', 'n.floordiv(2).mod(3).eq(0)'],
    ['0 < x <= 5', '0.lt(x).and(x.le(5))'],
    ['0 < x < n < 9', '0.lt(x).and(x.lt(n)).and(n.lt(9))'],
    ['(x > 1 | n > 1) & ~ok', 'x.gt(1).or(n.gt(1)).and(ok.not())'],
    ['name in [\'a\', "b"]', 'name.isIn(["a", "b"])'],
    ['n not in (1, 2)', 'n.isIn([1, 2]).not()'],
    ['n in []', 'false'],
    ['x == null', 'x.isNull()'],
    ['x != None', 'x.notNull()'],
    ['x is null or x is not null', 'x.isNull().or(x.notNull())'],
    ['id == 9007199254740993', 'id.eq(9007199254740993n)'],
    ['id % 10 == 3', 'id.mod(10n).eq(3n)'],
    ['10 < id', '10n.lt(id)'],
    ['`unit price` > 1_000.5e1', 'unit price.gt(10005)'],
    ["name == 'it\\'s \\n'", 'name.eq("it\'s \\n")'],
    ['ok == true', 'ok.eq(true)'],
    ['abs(x) > 1', 'x.abs().gt(1)'],
    ['x.round(2).isNaN()', 'x.round(2).isNaN()'],
    ['round(x + 1, 1) >= .5', 'x.add(1).round(1).ge(0.5)'],
    ["t >= '2026-01-01T00:00:00.000000001'", 't.ge(1767225600000000001n)'],
    ["s < '1969-12-31'", 's.lt(-86400n)'],
    ['x.cumsum() > 3', 'x.cumsum().gt(3)'],
  ])('%s', (text, wanted) => {
    expect(read(text)).toBe(wanted);
  });

  test('parameters are values, lists and expressions', () => {
    const parameters = { low: 5, names: ['a', 'b'], when: new Date(0), big: 7n };
    expect(read('x > @low and name in @names', parameters)).toBe('x.gt(5).and(name.isIn(["a", "b"]))');
    expect(read('id == @big and id > @low', parameters)).toBe('id.eq(7n).and(id.gt(5n))');
    expect(read('t > @when', parameters)).toBe('t.gt(new Date(0))');
  });

  test('without a schema the same query is read', () => {
    expect(written(parseQuery('x > 5 and y < 2', { types: undefined, parameters: {} }))).toBe(
      'x.gt(5).and(y.lt(2))',
    );
  });
});

describe('what is wrong is shown where it is', () => {
  test.each([
    ['x >', 'expected a value, but it ends here', 3],
    ['x > 5 5', 'expected an operator or the end, got "5"', 6],
    ['x = 5', '"=" has no meaning here; compare with ==', 2],
    ['!ok', '"!" has no meaning here; write not, or != to compare', 0],
    ['(x > 5', 'expected ")" to close the parenthesis, got the end', 6],
    ['amout > 5', 'no column "amout"; columns: x, n, id', 0],
    ['x > 5 and nmae == 1', 'no column "nmae"; did you mean "name" or "n"?', 10],
    ['x > 5 and name > 5', 'cannot compare column "name" of type utf8 with float64 literal 5', 10],
    ['name + 1 > 2', 'add', 0],
    ["name == 'abc", 'this string has no end', 8],
    ['x > @low', 'no parameter "low"; none were given', 4],
    ['x in 5', 'expected a list in brackets after in, got "5"', 5],
    ['x in [1 2]', 'expected "," between the values', 8],
    ['x is 5', 'expected null after is, got "5"', 5],
    ['x.rund(2) > 1', 'no method "rund"; did you mean "round" or "and"?', 2],
    ['foo(x) > 1', 'no function "foo"', 0],
    ['x.constructor("a") > 1', 'no method "constructor"', 2],
    ['x.tree > 1', 'no method "tree"', 2],
    ['x > 1 and and', 'expected a value, got "and"', 10],
    ['', 'there is nothing in it', 0],
    ['x ? 1 : 2', 'there is no ?: in queries', 2],
    ['not not', 'expected a value, but it ends here', 7],
    [`${'('.repeat(500)}x`, 'it is nested too deeply', 200],
    [`${'-'.repeat(500)}x > 1`, 'it is nested too deeply', 200],
  ])('%s', (text, problem, at) => {
    let message = '';
    try {
      read(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(problem);
    expect(message).toContain(`(at position ${at})\n`);
    const [, line, mark] = message.split('\n');
    expect(line!.slice(2)).toBe(text);
    expect(mark!.indexOf('^') - 2).toBe(at);
  });

  test('any text is read or refused with a clear error', () => {
    const pieces = fc.constantFrom(
      'x',
      'n',
      '(',
      ')',
      '>',
      '==',
      'and',
      'or',
      'not',
      'in',
      '[',
      ']',
      ',',
      '1',
      '.5',
      "'a'",
      '@p',
      '-',
      '**',
      '.',
      'abs',
      ' ',
      'is',
      'null',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((list) => list.join(' ')),
        ),
        (text) => {
          try {
            read(text, { p: 1 });
          } catch (error) {
            expect((error as Error).message).toMatch(/^query: /);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('long queries', () => {
  const frame = () => new StreamingDataFrame({ schema: schema({ x: float64, name: utf8 }) });
  const found = (text: string, parameters = {}): unknown[] => {
    const df = frame();
    const seen: unknown[] = [];
    df.query(text, parameters).sink((batch) => seen.push(...toRows(batch).map(({ x }) => x)));
    df.emit([0, 1, 2, null, 4999].map((x) => ({ x, name: x === null ? null : `n${x}` })));
    return seen;
  };
  const many = Array.from({ length: 20_000 }, (_, i) => i + 2);

  test('lists may have thousands of values', () => {
    expect(found('x in @many', { many: new Set(many) })).toEqual([2, 4999]);
    expect(found('x not in @many', { many })).toEqual([0, 1]);
    expect(found('x in @many', { many: [...many, null] })).toEqual([2, null, 4999]);
    expect(found(`x in [${many.slice(0, 5000).join(', ')}]`)).toEqual([2, 4999]);
    expect(found('name in @names', { names: many.map((n) => `n${n}`) })).toEqual([2, 4999]);
  });

  test('and and or join thousands of conditions', () => {
    const conditions = many.slice(0, 5000).map((n) => `x == ${n}`);
    expect(found(conditions.join(' or '))).toEqual([2, 4999]);
    expect(found(conditions.map((text) => `not ${text}`).join(' and '))).toEqual([0, 1]);
  });

  test('other operations stop at 500 in a row with an error that says so', () => {
    const df = frame();
    for (const text of [
      `x${' + 1'.repeat(600)} > 0`,
      `x${' * 1'.repeat(600)} > 0`,
      `x${'.abs()'.repeat(600)} > 0`,
    ])
      expect(() => df.query(text)).toThrow('more than 500 operations in a row (at position');
    expect(found(`x${' + 1'.repeat(499)} > 500`)).toEqual([2, 4999]);
  });

  test('nothing but a line break is nothing', () => {
    expect(() => read('\n')).toThrow('query: there is nothing in it');
  });

  test('a whole number of many digits is a number beside floats', () => {
    expect(read('x < 100000000000000000000')).toBe('x.lt(100000000000000000000)');
  });
});

test('a query filters rows as the methods do', () => {
  const df = new StreamingDataFrame({ schema: new Schema([...S.fields.slice(0, 4)] as Field[]) });
  const seen: unknown[] = [];
  df.query("x > @low and name in ['a', 'b'] or id == 3", { low: 1 })
    .select('n')
    .sink((batch) => seen.push(...toRows(batch)));
  df.emit([
    { x: 2, n: 1, id: 1n, name: 'a' },
    { x: 2, n: 2, id: 1n, name: 'c' },
    { x: null, n: 3, id: 3n, name: null },
    { x: null, n: 4, id: 1n, name: 'a' },
  ]);
  expect(seen).toEqual([{ n: 1 }, { n: 3 }]);
});

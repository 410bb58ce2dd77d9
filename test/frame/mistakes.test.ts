// @ts-nocheck: the compiler stops most of these programs; here they run as they do in JavaScript.
import { Field, makeData, RecordBatch, Schema, Struct, tableFromArrays, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import {
  bool,
  col,
  float64,
  int32,
  int64,
  MillraceError,
  minOf,
  StreamingDataFrame,
  schema,
  timestamp,
  utf8,
  when,
} from '../../src/index.ts';

const types = { name: utf8, amount: float64, x: int32, id: int64, ok: bool, t: timestamp('ms') };
const sales = () => new StreamingDataFrame({ schema: schema(types), time: 't' });
const timeless = () => new StreamingDataFrame({ schema: schema(types) });
const elsewhere = sales();

/** What the user meant, the program, the code of its error, and what its text says. */
type Mistake = readonly [title: string, program: (df) => unknown, code: string, ...says: string[]];

const columns = 'columns: name, amount, x, id, ok, t';

const mistakes: Record<string, Mistake[]> = {
  'names of columns': [
    ['misspelt', (df) => df.amout, 'no-such-column', 'no column "amout"; did you mean "amount"?', columns],
    ['misspelt, in col', (df) => df.col.amout, 'no-such-column', 'no column "amout"; did you mean "amount"?'],
    ['like no other', (df) => df.colour, 'no-such-column', `no column "colour"; ${columns}`],
    ['only begun', (df) => df.am, 'no-such-column', 'did you mean "name" or "amount"?'],
    ['in another case', (df) => df.Amount, 'no-such-column', 'did you mean "amount"?'],
    [
      'misspelt, in a callback',
      (df) => df.filter((r) => r.amout.gt(1)),
      'no-such-column',
      'filter: no column "amout"; did you mean "amount"?',
    ],
    [
      'misspelt, free',
      (df) => df.filter(col('amout').gt(1)),
      'no-such-column',
      'filter: no column "amout"; did you mean "amount"?',
    ],
    [
      'misspelt, assigned',
      (df) => df.assign({ z: (r) => r.amout.add(1) }),
      'no-such-column',
      'assign "z": no column "amout"',
    ],
    [
      'misspelt, in a record of columns',
      (df) => df.assign((r) => ({ z: r.amout })),
      'no-such-column',
      'assign: no column "amout"',
    ],
    [
      'misspelt, as a key',
      (df) => df.groupby('nmae'),
      'no-such-column',
      'groupby: no column "nmae"; did you mean "name"?',
    ],
    ['misspelt, of groups', (df) => df.groupby('name').amout, 'no-such-column', 'did you mean "amount"?'],
    ['misspelt, of a window', (df) => df.window(3).amout, 'no-such-column', 'did you mean "amount"?'],
    [
      'misspelt, selected',
      (df) => df.select('amount', 'nam'),
      'no-such-column',
      'select: no column "nam"; did you mean "name"?',
    ],
    [
      'misspelt, selected of groups',
      (df) => df.groupby('name').select('amout'),
      'no-such-column',
      'select: no column "amout"; did you mean "amount"?',
    ],
    [
      'misspelt, dropped',
      (df) => df.drop('amoutn'),
      'no-such-column',
      'drop: no column "amoutn"; did you mean "amount"?',
    ],
    [
      'misspelt, renamed',
      (df) => df.rename({ nmae: 'n' }),
      'no-such-column',
      'rename: no column "nmae"; did you mean "name"?',
    ],
    [
      'misspelt, aggregated',
      (df) => df.agg({ total: ['amout', 'sum'] }),
      'no-such-column',
      'agg "total": no column "amout"; did you mean "amount"?',
    ],
    [
      'misspelt, as a result',
      (df) => df.agg({ amout: 'sum' }),
      'no-such-column',
      'agg "amout": no column "amout"; did you mean "amount"?',
    ],
    [
      'misspelt, as the key of a window',
      (df) => df.window({ value: '2h', on: 'tt' }),
      'no-such-column',
      'window: no column "tt"; did you mean "t"?',
    ],
    [
      'misspelt, as the time key',
      () => new StreamingDataFrame({ schema: schema(types), time: 'tt' }),
      'no-such-column',
      'time: no column "tt"; did you mean "t"?',
    ],
    [
      'misspelt, required',
      () => schema(types, { required: ['nmae'] }),
      'no-such-column',
      'required: no column "nmae"; did you mean "name"?',
    ],
    [
      'dropped before',
      (df) => df.drop('x').x,
      'no-such-column',
      'no column "x"; columns: name, amount, id, ok, t',
    ],
    ['a number', (df) => df.select(3), 'bad-option', 'select: expected the name of a column, got number 3'],
    ['selected twice', (df) => df.select('x', 'x'), 'bad-option', 'select: column "x" comes twice'],
    ['taken', (df) => df.rename({ x: 'amount' }), 'bad-option', 'rename: column "amount" comes twice'],
  ],

  'operators on columns': [
    [
      '===',
      (df) => df.filter((r) => r.name === 'Alice'),
      'bad-expression',
      'filter: expected a boolean column expression, got boolean false; did you write === or !',
    ],
    [
      '!',
      (df) => df.filter((r) => !r.amount.gt(1)),
      'bad-expression',
      'got boolean false; did you write === or !',
    ],
    [
      '&&',
      (df) => df.filter((r) => r.amount.gt(1) && r.x.lt(2)),
      'bad-expression',
      'filter: 1 expression(s) were built but not used: amount.gt(1); did you write &&',
    ],
    [
      '?:',
      (df) => df.assign({ z: (r) => (r.ok.eq(true) ? r.x : r.id) }),
      'bad-expression',
      'assign "z": 1 expression(s) were built but not used: ok.eq(true)',
      '?:',
    ],
    [
      '&& in a record of columns',
      (df) => df.assign((r) => ({ z: r.amount.gt(1) && r.x.lt(2) })),
      'bad-expression',
      'assign: 1 expression(s) were built but not used: amount.gt(1)',
    ],
    [
      '>',
      (df) => df.filter((r) => r.amount > 5),
      'bad-expression',
      'the column expression amount was used as a plain value',
      'write .gt(5) not > 5',
    ],
    [
      '+',
      (df) => df.assign({ z: (r) => r.amount + 1 }),
      'bad-expression',
      'the column expression amount was used as a plain value',
      '.add(1) not + 1',
    ],
    [
      '-',
      (df) => -df.amount.mul(2),
      'bad-expression',
      'the column expression amount.mul(2) was used as a plain value',
    ],
    [
      'a template',
      (df) => `${df.amount}`,
      'bad-expression',
      'the column expression amount was used as a plain value',
    ],
  ],

  expressions: [
    [
      'nothing returned',
      (df) => df.filter(() => undefined),
      'bad-expression',
      'filter: expected a column expression, got undefined; does the callback return it?',
    ],
    [
      'a plain value',
      (df) => df.filter(true),
      'bad-expression',
      'filter: expected a boolean column expression, got boolean true',
    ],
    [
      'a text',
      (df) => df.filter('amount > 5'),
      'bad-expression',
      'filter: expected a column expression, got string "amount > 5"',
    ],
    [
      'a number for a condition',
      (df) => df.filter((r) => r.amount),
      'type-mismatch',
      'filter(amount): expected a bool column, got column "amount" of type float64',
    ],
    [
      'an object for a column',
      (df) => df.assign({ z: {} }),
      'bad-expression',
      'assign "z": expected a column expression, got an object of Object',
    ],
    [
      'undefined for a column',
      (df) => df.assign({ z: undefined }),
      'bad-expression',
      'assign "z": expected a column expression or a number',
      'got undefined',
    ],
    ['no columns to assign', (df) => df.assign(3), 'bad-option', 'assign takes an object of columns'],
    ['a column to assign', (df) => df.assign(df.amount), 'bad-option', 'assign takes an object of columns'],
    [
      'a column from a callback to assign',
      (df) => df.assign((r) => r.amount),
      'bad-expression',
      'assign: expected an object of columns',
    ],
    [
      'an object as an operand',
      (df) => df.amount.add({}),
      'bad-expression',
      'add: expected a column expression or a number',
      'got an object of Object',
    ],
    [
      'of another stream',
      (df) => df.filter(elsewhere.amount.gt(1)),
      'not-available',
      'filter: amount.gt(1) belongs to another stream',
    ],
    [
      'of another stream, as an operand',
      (df) => df.amount.add(elsewhere.x),
      'not-available',
      'x belongs to another stream',
    ],
    [
      'of a column that was assigned anew',
      (df) => df.assign({ amount: df.amount.mul(2) }).filter(df.amount.gt(1)),
      'bad-expression',
      'filter: amount.gt(1): column "amount" of that frame is no column of this one',
      'r => r.amount',
    ],
    [
      'of a column that was dropped',
      (df) => df.drop('x').filter(df.x.gt(1)),
      'bad-expression',
      'filter: x.gt(1): column "x" of that frame is no column of this one',
    ],
  ],

  'types of operands': [
    [
      'a string and a number compared',
      (df) => df.filter((r) => r.name.gt(5)),
      'type-mismatch',
      'name.gt(5): cannot compare column "name" of type utf8 with float64 literal 5',
    ],
    [
      'two columns compared',
      (df) => df.filter(df.amount.eq(df.name)),
      'type-mismatch',
      'amount.eq(name): cannot compare column "amount" of type float64 with column "name" of type utf8',
    ],
    [
      'a bool and a number compared',
      (df) => df.filter(df.ok.gt(1)),
      'type-mismatch',
      'column "ok" of type bool with float64 literal 1',
    ],
    [
      'a time and a text compared',
      (df) => df.filter(df.t.gt('2020-01-01')),
      'type-mismatch',
      't.gt("2020-01-01"): cannot compare column "t" of type timestamp(ms) with utf8 literal',
      'give a Date',
    ],
    [
      'int64 with a number',
      (df) => df.assign({ z: df.id.add(1) }),
      'type-mismatch',
      'id.add(1): column "id" of type int64 needs a bigint, got number 1; write 1n',
    ],
    [
      'int64 with a fraction',
      (df) => df.filter(df.id.gt(1.5)),
      'type-mismatch',
      `column "id" of type int64 needs a bigint, got number 1.5; write literal(1.5, 'float64')`,
    ],
    [
      'a number with a bigint',
      (df) => df.assign({ z: df.amount.mul(2n) }),
      'type-mismatch',
      'amount.mul(2n): column "amount" of type float64 needs a number, got bigint 2n',
    ],
    [
      'a string added to',
      (df) => df.assign({ z: df.name.add(1) }),
      'type-mismatch',
      'name.add(1): add needs numbers, got column "name" of type utf8',
    ],
    [
      'a string added',
      (df) => df.assign({ z: df.amount.add('a') }),
      'type-mismatch',
      'add needs numbers, got utf8 literal "a"',
    ],
    [
      'a time added to',
      (df) => df.assign({ z: df.t.add(1) }),
      'type-mismatch',
      'add needs numbers, got column "t" of type timestamp(ms)',
    ],
    [
      'logic of a number',
      (df) => df.filter(df.amount.and(true)),
      'type-mismatch',
      'amount.and(true): and needs booleans, got column "amount" of type float64',
    ],
    [
      'not of a string',
      (df) => df.filter(df.name.not()),
      'type-mismatch',
      'name.not(): not needs booleans, got column "name" of type utf8',
    ],
    [
      'abs of a string',
      (df) => df.assign({ z: df.name.abs() }),
      'type-mismatch',
      'name.abs(): abs needs numbers, got column "name" of type utf8',
    ],
    [
      'NaN asked of a string',
      (df) => df.filter(df.name.isNaN()),
      'type-mismatch',
      'isNaN needs numbers, got column "name" of type utf8',
    ],
    [
      'half a decimal',
      (df) => df.assign({ z: df.amount.round(1.5) }),
      'bad-option',
      'amount.round(1.5): round needs a whole number of decimals, got 1.5',
    ],
  ],

  'functions of expressions': [
    [
      'upper case of a number',
      (df) => df.assign({ z: df.amount.str.upper() }),
      'type-mismatch',
      'amount.str.upper(): str.upper needs strings, got column "amount" of type float64',
    ],
    [
      'a pattern looked for in a time',
      (df) => df.filter((r) => r.t.str.matches('a')),
      'type-mismatch',
      't.str.matches("a"): str.matches needs strings, got column "t" of type timestamp(ms)',
    ],
    [
      'a number joined to a string',
      (df) => df.assign({ z: df.name.str.concat(df.x) }),
      'type-mismatch',
      'str.concat needs strings, got column "x" of type int32',
    ],
    [
      'a number looked for in a string',
      (df) => df.filter(df.name.str.contains(5)),
      'bad-option',
      'str.contains takes a text, got number 5',
    ],
    [
      'half a code point',
      (df) => df.assign({ z: df.name.str.slice(0.5) }),
      'bad-option',
      'start of slice must be a whole number',
    ],
    [
      'a dangerous pattern',
      (df) => df.filter(df.name.str.matches('(a+)+$')),
      'bad-option',
      'str.matches: the pattern "(a+)+$" is refused: (a+)+ has something optional in what is repeated',
    ],
    [
      'a broken pattern',
      (df) => df.filter(df.name.str.matches('[a')),
      'bad-option',
      'str.matches: "[a" is no pattern',
    ],
    [
      'a misspelt option of a pattern',
      (df) => df.filter(df.name.str.matches('a', { ignorecase: true })),
      'bad-option',
      'str.matches has no option "ignorecase"',
      'did you mean "ignoreCase"?',
    ],
    [
      'the year of a number',
      (df) => df.assign({ z: df.x.dt.year() }),
      'type-mismatch',
      'x.dt.year(): dt.year needs timestamps or dates, got column "x" of type int32',
    ],
    [
      'a misspelt unit',
      (df) => df.assign({ z: df.t.dt.floor('hours') }),
      'bad-option',
      'dt.floor: no unit "hours"; did you mean "hour"?',
    ],
    [
      'a misspelt zone',
      (df) => df.assign({ z: df.t.dt.hour({ zone: 'Europe/Pariss' }) }),
      'bad-option',
      'dt.hour: no time zone "Europe/Pariss"; did you mean "Europe/Paris"?',
    ],
    [
      'a string in place of a number',
      (df) => df.assign({ z: df.amount.fillNull('none') }),
      'type-mismatch',
      'amount.fillNull("none"): utf8 literal "none" is of another type than column "amount" of type float64',
    ],
    [
      'a number in place of int64',
      (df) => df.assign({ z: df.id.fillNull(0) }),
      'type-mismatch',
      'id.fillNull(0): column "id" of type int64 needs a bigint, got number 0; write 0n',
    ],
    [
      'columns of two types',
      (df) => df.assign({ z: df.name.coalesce(df.x) }),
      'type-mismatch',
      'column "x" of type int32 is of another type than column "name" of type utf8',
    ],
    [
      'a case of another type',
      (df) => df.assign({ z: when(df.ok).then(df.amount).otherwise(df.name) }),
      'type-mismatch',
      'when(ok).then(amount).otherwise(name): column "name" of type utf8 is of another type',
    ],
    [
      'a case of a number',
      (df) => df.assign({ z: when(df.amount).then(1) }),
      'type-mismatch',
      'when needs booleans, got column "amount" of type float64',
    ],
    [
      'a case of nothing',
      () => when(true),
      'bad-expression',
      'when: expected a boolean column expression, got',
    ],
    [
      'a condition that is not used',
      (df) => df.assign({ z: (r) => r.ok.eq(true) && when(r.ok).then(1) }),
      'bad-expression',
      '1 expression(s) were built but not used: ok.eq(true)',
    ],
    [
      'strings looked for in numbers',
      (df) => df.filter(df.x.isIn(['a'])),
      'type-mismatch',
      'cannot look for utf8 literal "a" in column "x" of type int32',
    ],
    [
      'no list',
      (df) => df.filter(df.name.isIn('Alice')),
      'bad-option',
      'isIn takes a list of values, got string',
    ],
    [
      'bounds of another type',
      (df) => df.filter(df.amount.between('a', 'b')),
      'type-mismatch',
      'cannot compare column "amount" of type float64 with utf8 literal "a"',
    ],
    [
      'a misspelt side',
      (df) => df.filter(df.amount.between(1, 2, { closed: 'rigth' })),
      'bad-option',
      'closed of between must be "both" or "left" or "right" or "neither", got "rigth"',
    ],
    [
      'no bounds',
      (df) => df.assign({ z: df.x.clip({}) }),
      'bad-option',
      'clip needs a lower or an upper bound',
    ],
    [
      'a bound of another library',
      (df) => df.assign({ z: df.x.clip({ min: 1 }) }),
      'bad-option',
      'clip has no option "min" among lower, upper',
    ],
    [
      'the least of strings',
      (df) => df.assign({ z: minOf(df.name, df.name) }),
      'type-mismatch',
      'minOf needs numbers or times, got column "name" of type utf8',
    ],
    [
      'a cast there is no way for',
      (df) => df.assign({ z: df.t.cast(bool) }),
      'type-mismatch',
      'cannot cast column "t" of type timestamp(ms) to bool',
    ],
    [
      'a cast to the name of a type',
      (df) => df.assign({ z: df.x.cast('float64') }),
      'bad-option',
      'cast: expected a type such as float64 or utf8, got float64',
    ],
    [
      'a function for no column',
      (df) => df.assign({ z: df.x.map((v) => v) }),
      'bad-option',
      'map: expected a type such as float64 or utf8, got undefined',
    ],
    [
      'a type for a function',
      (df) => df.assign({ z: df.x.map(float64) }),
      'bad-option',
      'map: expected a type',
    ],
    [
      'a length of time that is none',
      (df) => df.assign({ z: df.t.add('2 hours ago') }),
      'bad-option',
      't.add("2 hours ago") "2 hours ago" has unknown unit "hours"',
    ],
    [
      'two times added',
      (df) => df.assign({ z: df.t.add(df.t) }),
      'type-mismatch',
      't.add(t): cannot add column "t" of type timestamp(ms) and column "t"',
    ],
  ],

  aggregations: [
    ['of a string', (df) => df.name.sum(), 'type-mismatch', 'sum is not available on utf8 column "name"'],
    [
      'of a string, in agg',
      (df) => df.agg({ name: 'mean' }),
      'type-mismatch',
      'mean is not available on utf8 column "name"',
    ],
    [
      'of a string, by groups',
      (df) => df.groupby('x').name.mean(),
      'type-mismatch',
      'mean is not available on utf8 column "name"',
    ],
    [
      'of nothing but strings',
      (df) => df.select('name').sum(),
      'type-mismatch',
      'sum is available on none of the columns: name (utf8)',
    ],
    [
      'unknown',
      (df) => df.agg({ total: ['amount', 'summ'] }),
      'bad-option',
      'agg "total": no aggregation "summ"; did you mean "sum"?',
    ],
    [
      'a number',
      (df) => df.agg({ amount: 5 }),
      'bad-option',
      'agg "amount": no aggregation of type number; there are all, any, ',
    ],
    ['a function', (df) => df.agg({ amount: Math.max }), 'bad-option', 'agg "amount": no aggregation'],
    ['none', (df) => df.agg({}), 'bad-option', 'agg needs at least one result'],
    ['a name for the results', (df) => df.agg('sum'), 'bad-option', 'agg takes an object of results'],
    [
      'with a misspelt option',
      (df) => df.amount.var({ ddoff: 0 }),
      'bad-option',
      'var has no option "ddoff"; did you mean "ddof"?',
    ],
    [
      'with an option it has not',
      (df) => df.amount.sum({ ddof: 0 }),
      'bad-option',
      'sum has no option "ddof"',
    ],
    [
      'with a negative option',
      (df) => df.amount.var({ ddof: -1 }),
      'bad-option',
      'var: option "ddof" must be a whole number from 0 on, not -1',
    ],
    [
      'with a number for options',
      (df) => df.amount.std(1),
      'bad-option',
      'std takes an object of options, got 1',
    ],
    [
      'in rolling windows, of some rows',
      (df) => df.rolling(3).sum({ where: df.ok }),
      'not-available',
      'rolling sum has no option where; make other rows null before, as in when(condition).then(x)',
    ],
    [
      'in rolling windows, of two columns',
      (df) => df.rolling(3).agg({ r: [['x', 'amount'], 'corr'] }),
      'not-available',
      'rolling corr: it takes several columns, and rolling one',
    ],
    [
      'in rolling windows, by name',
      (df) => df.rolling(3).agg('sum'),
      'bad-option',
      'agg takes an object of results',
    ],
    [
      'in rolling windows, unknown',
      (df) => df.assign({ z: df.x.rolling(3).agg('summ') }),
      'bad-option',
      'no aggregation "summ"; did you mean "sum"?',
    ],
    [
      'where a column is misspelt',
      (df) => df.amount.sum({ where: 'okay' }),
      'no-such-column',
      'sum, where: no column "okay"; did you mean "ok"?',
    ],
    [
      'where a number is',
      (df) => df.amount.where('x').sum(),
      'type-mismatch',
      'expected a bool column, got column "x" of type int32',
    ],
    [
      'of two columns, of one',
      (df) => df.amount.corr(),
      'bad-option',
      'corr takes another column, as in df.x.corr(df.y)',
    ],
    [
      'of one column, of two',
      (df) => df.agg({ r: [['x', 'amount'], 'sum'] }),
      'bad-option',
      `agg "r": sum takes one column, as in ['x', 'sum'], got 2`,
    ],
    [
      'a part that is no part',
      (df) => df.amount.quantile(90),
      'bad-option',
      'quantile: option "q" must be a number from 0 to 1, not 90',
    ],
    [
      'started with the state of another',
      (df) => df.amount.sum({ start: df.amount.mean({ withState: true }).current[0] }),
      'bad-option',
      'start is the state of mean(amount), not of sum(amount)',
    ],
    [
      'of your own, without verbs',
      (df) => df.amount.aggregate({}),
      'bad-option',
      'aggregate needs an aggregation with initial and onNew; initial is missing',
    ],
  ],

  queries: [
    [
      '&&',
      (df) => df.query('amount > 1 && x < 2'),
      'bad-expression',
      'query: "&&" has no meaning here; write and (at position 11)',
    ],
    ['||', (df) => df.query('ok || ok'), 'bad-expression', 'write or (at position 3)'],
    ['=', (df) => df.query('x = 1'), 'bad-expression', 'compare with == (at position 2)'],
    [
      'a misspelt column',
      (df) => df.query('x > 1 and amout > 2'),
      'no-such-column',
      'no column "amout"; did you mean "amount"? (at position 10)\n  x > 1 and amout > 2\n            ^',
    ],
    [
      'a misspelt method',
      (df) => df.query('name.str.uper() == "A"'),
      'bad-expression',
      'no method "uper"; did you mean "upper"? (at position 9)',
    ],
    [
      'a misspelt parameter',
      (df) => df.query('x > @limt', { limit: 3 }),
      'bad-expression',
      'no parameter "limt"; did you mean "limit"? (at position 4)',
    ],
    [
      'a string and a number compared',
      (df) => df.query('ok or name > 1'),
      'type-mismatch',
      'cannot compare column "name" of type utf8 with float64 literal 1 (at position 6)',
    ],
    [
      'no condition',
      (df) => df.query('x + 1'),
      'type-mismatch',
      'query: expected a condition, got x.add(1) of type float64 (at position 0)',
    ],
    ['nothing', (df) => df.query(''), 'bad-expression', 'there is nothing in it'],
    [
      'no text',
      (df) => df.query(df.ok),
      'bad-expression',
      'query takes a text, got the expression ok; use filter',
    ],
  ],

  windows: [
    [
      'of time without a time key',
      () => timeless().window('2h').amount.sum(),
      'bad-option',
      "window('2h') needs a time key; declare one with { time:",
    ],
    [
      'of an unknown unit',
      (df) => df.window('2 h ours'),
      'bad-option',
      'window "2 h ours" is not a duration; write for example \'250ms\'',
    ],
    ['of no duration', (df) => df.window('soon'), 'bad-option', 'window "soon" is not a duration'],
    [
      'of a number of a time key',
      (df) => df.window({ value: 5000 }).amount.sum(),
      'type-mismatch',
      'window(5000): "t" is timestamp(ms), whose ranges are a duration such as \'2h\'',
    ],
    [
      'of no rows',
      (df) => df.window(0),
      'bad-option',
      'window needs a whole number of rows of at least 1, got 0',
    ],
    [
      'of half a row',
      (df) => df.window({ n: 2.5 }),
      'bad-option',
      'window needs a whole number of rows of at least 1, got 2.5',
    ],
    ['of nothing', (df) => df.window(), 'bad-option', 'window needs rows', 'or a range'],
    [
      'of rows and a range',
      (df) => df.window({ n: 5, value: '2h' }),
      'bad-option',
      'window needs rows',
      'or a range',
    ],
    [
      'of a negative range',
      (df) => df.window({ value: -1 }),
      'bad-option',
      'window value must be a duration or a number above 0, got -1',
    ],
    [
      'closed somewhere',
      (df) => df.window({ value: '2h', closed: 'rigth' }),
      'bad-option',
      `closed must be 'right', 'left', 'both' or 'neither', got "rigth"`,
    ],
    [
      'with an unknown option',
      (df) => df.window({ n: 5, size: 3 }),
      'bad-option',
      'window has no option "size"',
    ],
    [
      'with a misspelt option',
      (df) => df.window({ value: '2h', close: 'both' }),
      'bad-option',
      'window has no option "close"; did you mean "closed"?',
    ],
    [
      'of time on a column of numbers',
      (df) => df.window({ value: '2h', on: 'amount' }).x.sum(),
      'type-mismatch',
      `window('2h') needs a key of times, but "amount" is float64; give the range as a number`,
    ],
    [
      'on a column of strings',
      (df) => df.window({ value: 5, on: 'name' }).x.sum(),
      'type-mismatch',
      'window(5): "name" is utf8, which has no order to take a range of',
    ],
    [
      'on a snapshot',
      (df) => df.groupby('name').sum().window(5),
      'not-available',
      'window needs a stream of new rows, but this is a snapshot stream',
    ],
    [
      'on a column of a snapshot',
      (df) => df.groupby('name').sum().amount.window(5),
      'not-available',
      'window needs a stream of new rows, but this is a snapshot stream',
    ],
  ],

  groups: [
    ['by nothing', (df) => df.groupby(), 'bad-option', 'groupby needs at least one key'],
    [
      'by a number',
      (df) => df.groupby(5),
      'bad-expression',
      'groupby: expected a column expression, got number 5',
    ],
    [
      'by a callback that returns a number',
      (df) => df.groupby(() => 5),
      'bad-expression',
      'groupby: expected a column expression, got number 5',
    ],
    [
      'by another stream',
      (df) => df.groupby(elsewhere.name),
      'not-available',
      'groupby: name belongs to another stream',
    ],
    [
      'with a misspelt option',
      (df) => df.groupby('name', { sorted: true }),
      'bad-option',
      'groupby has no option "sorted"; did you mean "sort"?',
    ],
  ],

  'running functions': [
    [
      'of a snapshot',
      (df) => df.tail(2).assign({ z: (r) => r.x.cumsum() }),
      'not-available',
      'x.cumsum() needs a stream of new rows, but this is a snapshot stream',
    ],
    [
      'of a window',
      (df) => df.window(3).x.cumsum(),
      'not-available',
      'running expressions are made of the frame',
    ],
    ['of rows to come', (df) => df.x.shift(-1), 'bad-option', 'the rows to come are not known yet'],
    [
      'over groups, of nothing running',
      (df) => df.x.add(1).over(df.name),
      'bad-expression',
      'over: x.add(1) is no running expression such as cumsum',
    ],
    [
      'ewm of nothing',
      (df) => df.x.ewm({}),
      'bad-option',
      'exactly one of com, span, halflife and alpha, got none',
    ],
    [
      'with a misspelt option',
      (df) => df.rolling(3, { minPeriod: 1 }),
      'bad-option',
      'rolling has no option "minPeriod"; did you mean "minPeriods"?',
    ],
    [
      'of strings',
      (df) => df.assign({ z: df.name.cumsum() }),
      'type-mismatch',
      'name.cumsum(): cumsum is not available on utf8 columns',
    ],
  ],

  verbs: [
    ['sort of rows', (df) => df.sort('x'), 'not-available', 'sort needs a snapshot'],
    ['explode of numbers', (df) => df.explode('x'), 'type-mismatch', 'explode: "x" is int32, no list'],
    ['half a row', (df) => df.head(0.5), 'bad-option', 'head takes a whole number of rows'],
    ['best rows by nothing', (df) => df.nlargest('x'), 'bad-option', 'nlargest needs a whole number of rows'],
    [
      'dedupe of nothing',
      (df) => df.dedupe({ on: 'x' }),
      'bad-option',
      'dedupe has no option "on"; there are by and within',
    ],
    ['a union with a number', (df) => df.union(3), 'bad-option', 'union needs frames'],
    ['a pipe of nothing', (df) => df.pipe(3), 'bad-option', 'pipe takes a function, got 3'],
    [
      'a type by its name',
      (df) => df.astype({ x: 'int32' }),
      'bad-option',
      'expected a type such as float64',
    ],
  ],

  frames: [
    [
      'of a plain object for a schema',
      () => new StreamingDataFrame({ schema: types }),
      'bad-option',
      'schema',
      'schema({ name: utf8',
    ],
    [
      'of names of types',
      () => schema({ name: 'utf8' }),
      'bad-option',
      'column "name": expected a type such as float64 or utf8, got utf8',
    ],
    [
      'of a type not called',
      () => schema({ t: timestamp }),
      'bad-option',
      'column "t"',
      'call it, as in timestamp()',
    ],
    ['of an unknown unit', () => timestamp('sec'), 'bad-option', 'no unit "sec"; units: s, ms, us, ns'],
    [
      'with a misspelt option',
      () => new StreamingDataFrame({ shema: schema(types) }),
      'bad-option',
      'no option "shema"; did you mean "schema"?',
    ],
    [
      'emitted into where they are derived',
      (df) => df.filter(df.ok).emit([{}]),
      'not-available',
      'emit works on the frame that was made of a stream, not on one derived from it',
    ],
    [
      'emitted into where they are results',
      (df) => df.groupby('name').sum().emit([{}]),
      'not-available',
      'emit works on the frame that was made of a stream',
    ],
  ],
};

describe('a wrong program fails where it is wrong', () => {
  for (const [what, list] of Object.entries(mistakes)) {
    describe(what, () => {
      test.each(list)('%s', (_, program, code, ...says) => {
        const error = thrownBy(() => program(sales()));
        expect(error).toBeInstanceOf(MillraceError);
        for (const text of says) expect(error.message).toContain(text);
        expect(error.code).toBe(code);
      });
    });
  }
});

function thrownBy(program: () => unknown) {
  try {
    program();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const good = { name: 'a', amount: 1, x: 1, id: 1n, ok: true, t: 0 };
const strict = () =>
  new StreamingDataFrame({ schema: schema(types, { required: ['name', 't'] }), time: 't', name: 'sales' });

/** A record batch of these columns, of whatever type they have. */
const batchOf = (columns) => {
  const vectors = Object.values(columns);
  const fields = Object.keys(columns).map((name, i) => new Field(name, vectors[i].type, true));
  const children = vectors.map((vector) => vector.data[0]);
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length: vectors[0].length, nullCount: 0, children }),
  );
};

const goodColumns = () => ({
  name: vectorFromArray(['a'], utf8),
  amount: vectorFromArray([1], float64),
  x: vectorFromArray([1], int32),
  id: vectorFromArray([1n], int64),
  ok: vectorFromArray([true], bool),
  t: vectorFromArray([0], timestamp('ms')),
});
const without = (columns, name) =>
  Object.fromEntries(Object.entries(columns).filter(([other]) => other !== name));

/** What was emitted, the code of its error, how many of its rows are good, and what the text says. */
type Nonsense = readonly [
  title: string,
  emitted: () => unknown,
  code: string,
  kept: number,
  ...says: string[],
];

const path = '(at sales › frame)';
const rejected = 'row(s) do not fit the schema and were left out';

const nonsense: Nonsense[] = [
  [
    'a number',
    () => 5,
    'bad-value',
    0,
    'a frame takes record batches, tables, arrays of rows or objects of columns, got number 5',
    path,
  ],
  ['null', () => null, 'bad-value', 0, 'got null', path],
  ['a text', () => 'hello', 'bad-value', 0, 'got string hello', path],
  ['undefined', () => undefined, 'bad-value', 0, 'got undefined', path],
  [
    'a row without its array',
    () => good,
    'bad-value',
    0,
    'an object of columns holds arrays, but "name" is a; a single row goes into an array: emit([row])',
    path,
  ],
  [
    'rows that are none',
    () => [good, 7, null],
    'bad-value',
    1,
    `2 ${rejected} (1 were kept): row 1: expected an object of fields, got 7; row 2:`,
    path,
  ],
  [
    'rows of something else',
    () => [{ error: 'not found' }, good],
    'bad-value',
    1,
    'row 0: has none of the fields name, amount, x, id, ok, t, but error',
    path,
  ],
  [
    'a value of another type',
    () => [{ ...good, amount: 'much' }, good],
    'bad-value',
    1,
    `1 ${rejected} (1 were kept): row 0, column "amount": expected float64, got "much"`,
    path,
  ],
  [
    'a fraction for an integer',
    () => [good, { ...good, x: 1.5 }],
    'bad-value',
    1,
    'row 1, column "x": ',
    '1.5',
    path,
  ],
  ['a number out of range', () => [{ ...good, x: 2 ** 31 }], 'bad-value', 0, 'column "x": ', path],
  [
    'a null where none may be',
    () => [{ ...good, name: null }, good],
    'bad-value',
    1,
    'row 0, column "name": null where none may be',
    path,
  ],
  [
    'a missing required field',
    () => [good, without(good, 't')],
    'bad-value',
    1,
    'row 1, column "t": null where none may be',
    path,
  ],
  [
    'many bad rows',
    () => [...Array(9).fill({ ...good, ok: 'yes' }), good],
    'bad-value',
    1,
    '9 row(s)',
    '; and 6 more',
    path,
  ],
  [
    'a vector for a column',
    () => ({ amount: vectorFromArray([1], float64) }),
    'bad-value',
    0,
    'an object of columns holds arrays, but "amount" is an object of Vector',
    path,
  ],
  [
    'columns of different length',
    () => ({ name: ['a', 'b'], amount: [1] }),
    'schema-mismatch',
    0,
    'columns differ in length: "name" 2, "amount" 1',
    path,
  ],
  [
    'columns of something else',
    () => ({ colour: ['red'] }),
    'schema-mismatch',
    0,
    'has none of the fields name, amount, x, id, ok, t, but colour',
    path,
  ],
  [
    'a batch without a field',
    () => batchOf(without(goodColumns(), 'ok')),
    'schema-mismatch',
    0,
    'the batch does not have the schema of the stream: no field "ok"',
    path,
  ],
  [
    'a batch with a field of another name',
    () => batchOf({ ...without(goodColumns(), 't'), tt: goodColumns().t }),
    'schema-mismatch',
    0,
    'no field "t"; did you mean "tt"?; unexpected field "tt"',
    path,
  ],
  [
    'a batch with a field of another type',
    () => batchOf({ ...goodColumns(), amount: vectorFromArray([1], int32) }),
    'schema-mismatch',
    0,
    'field "amount" is int32 instead of float64',
    path,
  ],
  [
    'a batch with several differences',
    () => batchOf({ ...without(goodColumns(), 'ok'), x: goodColumns().amount, more: goodColumns().x }),
    'schema-mismatch',
    0,
    'field "x" is float64 instead of int32; no field "ok"; unexpected field "more"',
    path,
  ],
  [
    'a batch with a null where none may be',
    () => batchOf({ ...goodColumns(), name: vectorFromArray([null], utf8) }),
    'schema-mismatch',
    0,
    'field "name" has 1 nulls but is not nullable',
    path,
  ],
  [
    'a table of something else',
    () => tableFromArrays({ colour: ['red'] }),
    'schema-mismatch',
    0,
    'no field "name"',
    'unexpected field "colour"',
    path,
  ],
];

describe('what does not fit a frame is refused and said, and nothing else is', () => {
  test.each(nonsense)('%s', async (_, emitted, code, kept, ...says) => {
    const df = strict();
    const count = df.amount.count();
    const byName = df.groupby('name').amount.sum();
    const window = df.window('1s').amount.sum();
    const seen = [];
    df.sink((batch) => seen.push(batch.numRows));
    df.emit([good]);
    const error = await rejectionOf(() => df.emit(emitted()));
    expect(error).toBeInstanceOf(MillraceError);
    for (const text of says) expect(error.message).toContain(text);
    expect(error.code).toBe(code);
    expect(error.path).toEqual(['sales', 'frame']);
    df.emit([good]);
    expect(count.current).toBe(2 + kept);
    expect(window.current).toBe(2 + kept);
    expect(byName.current.getChild('amount').get(0)).toBe(2 + kept);
    expect(seen.reduce((a, b) => a + b, 0)).toBe(2 + kept);
  });
});

/** A frame, a batch that makes one part of it fail, and the path of that part. */
type Failure = readonly [
  title: string,
  build: (df) => { readonly current: unknown },
  bad: object,
  code: string,
  path: readonly string[],
  ...says: string[],
];

class NoThirteens {
  initial() {
    return 0;
  }
  onNew(state, rows) {
    if (rows.toArray().includes(13)) throw new Error('no thirteens');
    return [state + rows.sum(), state + rows.sum()];
  }
}

const most = 2n ** 63n - 1n;

const failures: Failure[] = [
  [
    'a sum that overflows',
    (df) =>
      df
        .filter((r) => r.ok)
        .assign({ z: (r) => r.id.add(1n) })
        .z.sum(),
    { id: most },
    'overflow',
    ['filter(ok)', 'assign(z)', 'sum(z)'],
    'id.add(1n): 9223372036854775808 in row 0 does not fit int64',
  ],
  [
    'a negative exponent',
    (df) => df.id.pow(df.id).sum(),
    { id: -2n },
    'type-mismatch',
    ['sum(id.pow(id))'],
    'pow of 64-bit integers needs exponents of at least 0',
  ],
  [
    'an aggregation that throws',
    (df) => df.amount.aggregate(new NoThirteens()),
    { amount: 13 },
    'user-code',
    ['aggregate(NoThirteens, amount)'],
    'onNew of "NoThirteens"',
    'threw: no thirteens',
  ],
];

describe('what fails with data says where, and changes nothing', () => {
  test.each(failures)('%s', async (_, build, bad, code, path, ...says) => {
    const df = strict();
    const result = build(df);
    const read = () =>
      result.current?.getChildAt ? JSON.stringify(result.current.toArray().map(String)) : result.current;
    const count = df.amount.count();
    df.emit([good]);
    const before = read();
    const error = await rejectionOf(() => df.emit([{ ...good, ...bad }]));
    expect(error).toBeInstanceOf(MillraceError);
    for (const text of says) expect(error.message).toContain(text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`(at sales › frame › ${path.join(' › ')})`);
    expect(read()).toEqual(before);
    // The other branch has had the row.
    expect(count.current).toBe(2);
    df.emit([good]);
    expect(read()).not.toEqual(before);
    expect(count.current).toBe(3);
  });
});

async function rejectionOf(program: () => unknown) {
  try {
    await program();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('without a schema, a mistake comes with the first batch', () => {
  const late: readonly [title: string, build: (df) => unknown, code: string, ...says: string[]][] = [
    [
      'a misspelt column',
      (df) => df.amout.sum(),
      'no-such-column',
      'no column "amout"; did you mean "amount"?',
      '(at source › frame › sum(amout))',
    ],
    [
      'a string summed',
      (df) => df.name.sum(),
      'type-mismatch',
      'sum is not available on utf8 column "name"',
      '(at source › frame › sum(name))',
    ],
    [
      'a misspelt column in a chain',
      (df) =>
        df
          .filter((r) => r.amout.gt(1))
          .groupby('name')
          .amount.sum(),
      'no-such-column',
      'no column "amout"',
      '(at source › frame › filter(amout.gt(1)) › groupby(name) › sum(amount))',
    ],
    [
      'types that do not go together',
      (df) => df.assign({ z: (r) => r.name.add(1) }).sink(() => {}),
      'type-mismatch',
      'name.add(1): add needs numbers, got column "name" of type utf8',
      '(at source › frame › assign(z)',
    ],
    [
      'a time key that is not there',
      (df) => df.window('1s').amount.sum(),
      'bad-option',
      "window('1s') needs a time key",
      "(at source › frame › window('1s') › sum(amount))",
    ],
  ];

  test.each(late)('%s', async (_, build, code, ...says) => {
    const df = new StreamingDataFrame();
    build(df);
    const total = df.amount.sum();
    const error = await rejectionOf(() => df.emit([{ name: 'a', amount: 1 }]));
    expect(error).toBeInstanceOf(MillraceError);
    for (const text of says) expect(error.message).toContain(text);
    expect(error.code).toBe(code);
    await rejectionOf(() => df.emit([{ name: 'b', amount: 2 }]));
    expect(total.current).toBe(3);
  });

  test('an expression of a column that was assigned anew is refused at once', () => {
    const df = new StreamingDataFrame();
    const doubled = df.assign({ amount: df.amount.mul(2) });
    expect(() => doubled.filter(df.amount.gt(1))).toThrow(
      'column "amount" of that frame is no column of this one',
    );
    expect(() => doubled.filter(df.x.gt(1))).not.toThrow();
    expect(() => df.filter(doubled.amount.gt(1))).toThrow(
      'column "amount" of that frame is no column of this one',
    );
    expect(() => df.select('amount', 'x').filter(df.amount.gt(1))).not.toThrow();
  });
});

describe('expressions of an earlier frame', () => {
  const run = (build: (df) => unknown) => {
    const df = sales();
    const total = build(df);
    df.emit([good, { ...good, amount: 5, x: 7 }]);
    return total.current;
  };

  test('mean the same column after a filter, a selection and another assignment', () => {
    expect(run((df) => df.filter(df.x.gt(0)).filter(df.amount.gt(1)).x.sum())).toBe(7);
    expect(run((df) => df.select('x', 'amount').filter(df.amount.gt(1)).x.sum())).toBe(7);
    expect(run((df) => df.assign({ z: df.x }).filter(df.amount.gt(1)).z.sum())).toBe(7);
  });

  test('follow a column that was renamed', () => {
    expect(run((df) => df.rename({ amount: 'paid' }).filter(df.amount.gt(1)).paid.sum())).toBe(5);
    expect(run((df) => df.rename({ amount: 'x', x: 'amount' }).filter(df.amount.gt(1)).amount.sum())).toBe(7);
  });
});

import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, test } from 'vitest';
import type { ChartField, FieldKind } from '../../src/chart/field.ts';
import { type PreparedSpec, type PrepareOptions, prepareSpec } from '../../src/chart/prepare-spec.ts';
import type { ChartSpec } from '../../src/chart/spec.ts';
import { themeConfig } from '../../src/chart/theme.ts';
import { shortenTests } from '../../src/chart/vega.ts';

const field = (name: string, kind: FieldKind): ChartField => ({ name, kind, type: kind, wide: false });
const fields = [
  field('t', 'time'),
  field('ms', 'number'),
  field('load', 'number'),
  field('core', 'text'),
  field('on', 'boolean'),
  field('a.b', 'number'),
  field('list', 'none'),
];
const prepare = (spec: object, options: Partial<PrepareOptions> = {}): PreparedSpec =>
  prepareSpec(spec as ChartSpec, { fields, ...options });
const compiled = (prepared: PreparedSpec) =>
  compile(prepared.spec as unknown as TopLevelSpec, { config: themeConfig('serif', false) as never }).spec;
const names = (prepared: PreparedSpec): string[] => prepared.fields.map(({ name }) => name);
const encoding = (prepared: PreparedSpec) =>
  prepared.spec.encoding as Record<string, Record<string, unknown>>;

const x = { field: 't' };
const y = { field: 'load' };

describe('prepareSpec', () => {
  test('leaves the given specification alone', () => {
    const spec = Object.freeze({
      mark: 'line',
      encoding: Object.freeze({ x: Object.freeze({ field: 't' }), y }),
    });
    prepare(spec);
    expect(spec).toEqual({ mark: 'line', encoding: { x: { field: 't' }, y: { field: 'load' } } });
  });

  test('gives fields the type of their columns', () => {
    const prepared = prepare({
      mark: 'point',
      encoding: { x, y, color: { field: 'core' }, shape: { field: 'on' } },
    });
    const types = Object.values(encoding(prepared)).map(({ type }) => type);
    expect(types).toEqual(['temporal', 'quantitative', 'nominal', 'nominal']);
  });

  test('keeps a type that is given', () => {
    const prepared = prepare({
      mark: 'bar',
      encoding: { x: { field: 'load', type: 'ordinal' }, y: { aggregate: 'count' } },
    });
    expect(encoding(prepared).x!.type).toBe('ordinal');
  });

  test('refuses a type that a column cannot be drawn as', () => {
    const draw = (type: string) => () =>
      prepare({ mark: 'bar', encoding: { x, y: { field: 'core', type } } });
    expect(draw('quantitative')).toThrow(/column "core" of type text cannot be drawn as quantitative for y/);
    expect(draw('temporal')).toThrow(/or make the column a timestamp/);
    const counted = { field: 'core', type: 'quantitative', aggregate: 'distinct' };
    expect(() => prepare({ mark: 'bar', encoding: { x, y: counted } })).not.toThrow();
  });

  test('refuses a mark that there is not', () => {
    expect(() => prepare({ mark: 'lien', encoding: { x, y } })).toThrow(
      /no mark "lien"; did you mean "line"/,
    );
    expect(() => prepare({ mark: { type: 'bars' }, encoding: { x, y } })).toThrow(/did you mean "bar"/);
  });

  test('keeps only the fields that are drawn', () => {
    expect(names(prepare({ mark: 'line', encoding: { x, y } }))).toEqual(['t', 'load']);
    expect(names(prepare({ mark: 'line', encoding: { x, y } }, { keep: ['ms'] }))).toEqual([
      't',
      'ms',
      'load',
    ]);
  });

  test('keeps every field that an expression could read', () => {
    const prepared = prepare({
      mark: 'point',
      transform: [{ calculate: 'datum.ms / 2', as: 'half' }],
      encoding: { x, y: { field: 'half', type: 'quantitative' } },
    });
    expect(names(prepared)).toEqual(['t', 'ms', 'load', 'core', 'on', 'a.b']);
    expect(prepared.warnings.join()).toMatch(/transform "calculate" runs again .* assign\(\)/);
  });

  test('finds a column whose name has a dot', () => {
    const prepared = prepare({ mark: 'bar', encoding: { x: { field: 'core' }, y: { field: 'a.b' } } });
    expect(names(prepared)).toEqual(['core', 'a.b']);
    expect(encoding(prepared).y!.field).toBe('a\\.b');
    expect(JSON.stringify(compiled(prepared).marks)).toContain('a\\\\.b');
  });

  test.each([
    [
      { mark: 'line', encoding: { x, y: { field: 'laod' } } },
      'no column "laod" for y among t, ms, load, core, on, a.b, list; did you mean "load"?',
    ],
    [
      { mark: 'point', encoding: { x, y, tooltip: [{ field: 'cor' }] } },
      /no column "cor" for tooltip .*"core"/,
    ],
    [
      {
        encoding: { x },
        layer: [
          { mark: 'line', encoding: { y } },
          { mark: 'rule', encoding: { y: { aggregate: 'mean', field: 'lod' } } },
        ],
      },
      /"lod" for y/,
    ],
    [
      { mark: 'bar', encoding: { x: { field: 'core', sort: { field: 'loadd', op: 'sum' } }, y } },
      /"loadd" for sort of x/,
    ],
    [
      { mark: 'bar', encoding: { x, y, color: { condition: { param: 'p', field: 'kore' }, value: 'red' } } },
      /"kore" for color/,
    ],
    [
      {
        repeat: ['load', 'lod'],
        spec: { mark: 'line', encoding: { x, y: { field: { repeat: 'repeat' } } } },
      },
      /"lod" for repeat/,
    ],
    [{ facet: { row: { field: 'cpu' } }, spec: { mark: 'line', encoding: { x, y } } }, /"cpu" for row/],
  ])('refuses a field that is not there: %j', (spec, text) => {
    expect(() => prepare(spec)).toThrow(text);
  });

  test('takes fields that a transform makes', () => {
    const spec = (as: string) => ({
      mark: 'line',
      transform: [{ joinaggregate: [{ op: 'mean', field: 'load', as: 'm' }] }],
      encoding: { x, y: { field: as, type: 'quantitative' } },
    });
    expect(() => prepare(spec('m'))).not.toThrow();
    expect(() => prepare(spec('n'))).toThrow(/no column "n"/);
    expect(() =>
      prepare({ ...spec('anything'), transform: [{ pivot: 'core', value: 'load' }] }),
    ).not.toThrow();
  });

  test('does not look into layers with data of their own', () => {
    const rule = {
      data: { values: [{ limit: 90 }] },
      mark: 'rule',
      encoding: { y: { field: 'limit', type: 'quantitative' } },
    };
    expect(names(prepare({ layer: [{ mark: 'line', encoding: { x, y } }, rule] }))).toEqual(['t', 'load']);
  });

  test('refuses a column that cannot be drawn', () => {
    expect(() => prepare({ mark: 'bar', encoding: { x: { field: 'list' }, y } })).toThrow(
      'column "list" of type none cannot be drawn',
    );
  });

  test.each([
    [undefined, /got undefined/],
    [{}, /with a mark, layer, facet or concat, got none/],
    [{ $schema: 'https://vega.github.io/schema/vega/v6.json', marks: [] }, /got one of "https:\/\/vega/],
    [{ mark: 'line', encoding: { y: () => 0 } }, /plain data/],
  ])('refuses what is no Vega-Lite specification: %j', (spec, text) => {
    expect(() => prepareSpec(spec as never, { fields })).toThrow(text);
  });

  test('draws timestamps in UTC and plain milliseconds in local time', () => {
    const scales = (options: Partial<PrepareOptions>, name: string) =>
      compiled(
        prepare({ mark: 'line', encoding: { x: { field: name, type: 'temporal' }, y } }, options),
      ).scales?.find((scale) => scale.name === 'x')?.type;
    expect(scales({}, 't')).toBe('utc');
    expect(scales({}, 'ms')).toBe('time');
    expect(scales({ zone: 'local' }, 't')).toBe('time');
    expect(scales({ zone: 'UTC' }, 'ms')).toBe('utc');
  });

  test('takes time units in the zone of the column', () => {
    const prepared = prepare({
      mark: 'bar',
      encoding: { x: { field: 't', timeUnit: 'hours' }, y: { aggregate: 'count' } },
    });
    expect(encoding(prepared).x!.timeUnit).toBe('utchours');
  });

  test('sorts rows along x itself for lines, so that Vega does not', () => {
    const prepared = prepare({ mark: 'line', encoding: { x, y, color: { field: 'core' } } });
    expect(prepared.orderBy).toBe('t');
    expect(prepared.groups).toEqual(['core']);
    expect(JSON.stringify(compiled(prepared).marks)).not.toContain('"sort"');
  });

  test.each([
    { mark: 'line', encoding: { x, y, order: { field: 'ms' } } },
    { mark: 'line', encoding: { x: { field: 'core' }, y } },
    { mark: { type: 'line', orient: 'horizontal' }, encoding: { x, y } },
    {
      mark: 'line',
      encoding: { x: { field: 't', timeUnit: 'minutes' }, y: { field: 'load', aggregate: 'mean' } },
    },
    { mark: 'point', encoding: { x, y } },
    { mark: 'area', encoding: { x, y, color: { field: 'core' } } },
    {
      layer: [
        { mark: 'line', encoding: { x, y } },
        { mark: 'area', encoding: { x: { field: 'ms' }, y } },
      ],
    },
  ])('leaves the order to Vega-Lite where it matters: %j', (spec) => {
    const prepared = prepare(spec);
    expect(prepared.orderBy).toBeUndefined();
    expect(JSON.stringify(prepared.spec)).not.toContain('"order":{"value":null}');
  });

  test('keeps categories in the order of the rows where the specification wants no other', () => {
    const bars = (sort: unknown) => prepare({ mark: 'bar', encoding: { x: { field: 'core', sort }, y } });
    expect([bars(null).numbered, bars('-y').numbered]).toEqual([true, false]);
    const x1 = compiled(bars(null)).scales?.find((scale) => scale.name === 'x');
    expect(x1?.domain).toMatchObject({ sort: { op: 'min', field: 'millraceRow' } });
  });

  test.each(['bar', 'area', { type: 'area', line: true }])('stacks no single series: %j', (mark) => {
    const data = compiled(prepare({ mark, encoding: { x, y } })).data!;
    expect(JSON.stringify(data)).not.toMatch(/stack|impute/);
  });

  test('stacks where there are several series', () => {
    const data = compiled(prepare({ mark: 'area', encoding: { x, y, color: { field: 'core' } } })).data!;
    expect(JSON.stringify(data)).toContain('"stack"');
  });

  test('compiles to data without parsing, and to marks without descriptions of each row', () => {
    const { data, marks } = compiled(prepare({ mark: 'point', encoding: { x, y } }));
    expect(data).toEqual([{ name: 'rows' }].concat(data!.slice(1) as never));
    expect(JSON.stringify(data)).not.toContain('toDate');
    expect(JSON.stringify(marks)).not.toContain('description');
  });

  test('adds the row as tooltip where a mark stands for one row', () => {
    expect(JSON.stringify(prepare({ mark: 'bar', encoding: { x, y } }, { tooltip: true }).spec)).toContain(
      '"tooltip":{"content":"data"}',
    );
    expect(
      JSON.stringify(prepare({ mark: 'line', encoding: { x, y } }, { tooltip: true }).spec),
    ).not.toContain('tooltip');
  });

  test('names the field that time runs along', () => {
    expect(prepare({ mark: 'line', encoding: { x, y } }).time).toBe('t');
    expect(prepare({ mark: 'line', encoding: { x: { field: 'ms', type: 'temporal' }, y } }).time).toBe('ms');
    expect(prepare({ mark: 'bar', encoding: { x: { field: 'core' }, y } }).time).toBeUndefined();
  });

  test('keeps rows of other data out, and says so', () => {
    const prepared = prepare({
      data: { url: 'https://example.org/rows.json' },
      mark: 'line',
      encoding: { x, y },
    });
    expect(JSON.stringify(prepared.spec)).not.toContain('example.org');
    expect(prepared.warnings).toEqual([
      "the specification's own data is not used: the chart shows the frame",
    ]);
  });

  test('tells one view, which fits the element, from several', () => {
    expect(prepare({ layer: [{ mark: 'line', encoding: { x, y } }] }).single).toBe(true);
    expect(prepare({ mark: 'line', encoding: { x, y, row: { field: 'core' } } }).single).toBe(false);
    expect(prepare({ hconcat: [{ mark: 'line', encoding: { x, y } }] }).single).toBe(false);
  });
});

describe('shortenTests', () => {
  test('tests fields of the frame for null alone, others as before', () => {
    const spec = { mark: 'line', encoding: { x, y, color: { field: 'core' } } };
    const vega = compiled(prepare(spec)) as unknown as Record<string, unknown>;
    const text = JSON.stringify(shortenTests(vega, new Set(['load'])));
    expect(text).toContain(
      String.raw`isValid(datum[\"t\"]) && isFinite(+datum[\"t\"]) && datum[\"load\"] !== null`,
    );
  });
});

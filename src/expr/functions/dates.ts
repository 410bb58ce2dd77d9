import { DataType, Int32, Int64 } from 'apache-arrow';
import { type CivilDay, civilFromDays, daysFromCivil, isoWeek, weekday } from '../../columnar/civil.ts';
import type { Column, Int64Column } from '../../columnar/column.ts';
import { nullColumn } from '../../columnar/constant.ts';
import { inUnit, joinSeconds, secondsOf, unitsPerSecond } from '../../columnar/instants.ts';
import { typeName } from '../../columnar/type-name.ts';
import { isWide } from '../../columnar/types.ts';
import { commonValidity } from '../../columnar/validity.ts';
import { isNull } from '../../columnar/value.ts';
import { SchemaError } from '../../errors.ts';
import { type BoundExpr, operand, wrongType } from '../bound.ts';
import { binEnd, binStart, binsOf, type FineBins, type WallBins } from '../time-bins.ts';
import { type CallTree, describe } from '../tree.ts';
import { Zone } from '../zone.ts';
import type { FunctionDefinition } from './definition.ts';

/** @throws `type-mismatch` where the argument is neither a timestamp nor a date. */
function checkTime(tree: CallTree, { type }: BoundExpr): void {
  if (DataType.isTimestamp(type) || DataType.isDate(type) || DataType.isNull(type)) return;
  throw wrongType(tree, `${tree.fn} needs timestamps or dates, got ${operand(tree.args[0]!, type)}`);
}

/** The zone whose clocks are read: the one asked for, else that of the column. */
function zoneOf(tree: CallTree, type: DataType): Zone {
  const asked = tree.options?.zone as string | undefined;
  if (asked !== undefined && DataType.isDate(type)) {
    throw new SchemaError('bad-option', `${describe(tree)}: dates are in no zone`);
  }
  const own = DataType.isTimestamp(type) ? type.timezone : undefined;
  return new Zone(asked ?? (own || 'UTC'), tree.fn);
}

/** A part of a moment: `wall` is what the clock shows, in seconds; the rest is in units of the column. */
type Part = (wall: number, rest: number, perSecond: number, scratch: CivilDay) => number;

const daySeconds = 86_400;
const dayOf = (wall: number): number => Math.floor(wall / daySeconds);
const ofDay = (wall: number): number => wall - dayOf(wall) * daySeconds;

const parts: Readonly<Record<string, Part>> = {
  year: (wall, _rest, _per, scratch) => civilFromDays(dayOf(wall), scratch).year,
  quarter: (wall, _rest, _per, scratch) => Math.ceil(civilFromDays(dayOf(wall), scratch).month / 3),
  month: (wall, _rest, _per, scratch) => civilFromDays(dayOf(wall), scratch).month,
  isoWeek: (wall, _rest, _per, scratch) => isoWeek(dayOf(wall), scratch),
  day: (wall, _rest, _per, scratch) => civilFromDays(dayOf(wall), scratch).day,
  dayOfYear(wall, _rest, _per, scratch) {
    const days = dayOf(wall);
    return days - daysFromCivil(civilFromDays(days, scratch).year, 1, 1) + 1;
  },
  dayOfWeek: (wall) => weekday(dayOf(wall)),
  hour: (wall) => Math.floor(ofDay(wall) / 3600),
  minute: (wall) => Math.floor(ofDay(wall) / 60) % 60,
  second: (wall) => ofDay(wall) % 60,
  millisecond: (_wall, rest, perSecond) => (perSecond < 1000 ? 0 : Math.floor((rest * 1000) / perSecond)),
};

function partFunction([name, part]: [string, Part]): FunctionDefinition {
  return {
    name: `dt.${name}`,
    bind(tree, [arg]) {
      checkTime(tree, arg!);
      const type = new Int32();
      if (DataType.isNull(arg!.type)) return nulls(type);
      const zone = zoneOf(tree, arg!.type);
      return {
        type,
        evaluate(rows) {
          const column = arg!.evaluate(rows);
          const { length } = rows;
          const { seconds, rest } = secondsOf(column);
          const perSecond = unitsPerSecond(column.type);
          const values = new Int32Array(length);
          const scratch = { year: 0, month: 0, day: 0 };
          let { from, to, offset } = zone.periodAt(0);
          for (let i = 0; i < length; i++) {
            const at = seconds[i]!;
            if (at < from || at >= to) ({ from, to, offset } = zone.periodAt(at));
            values[i] = part(at + offset, rest[i]!, perSecond, scratch);
          }
          return {
            kind: 'number',
            type,
            length,
            validity: commonValidity([column], length),
            offset: 0,
            values,
          };
        },
      };
    },
  };
}

function nulls(type: Int32 | Int64): BoundExpr {
  const blank = DataType.isInt(type) && type.bitWidth === 64 ? 0n : 0;
  return {
    type,
    evaluate: ({ length }) => {
      const column = nullColumn(blank, length);
      return column.kind === 'number' ? { ...column, type, values: new Int32Array(length) } : column;
    },
  };
}

/** Brings the seconds of each row to a start of a bin, and sets the rest to 0. */
type Move = (seconds: Float64Array, rest: Float64Array) => void;

function toWall(way: 'floor' | 'ceil', zone: Zone, bins: WallBins): Move {
  return (seconds, rest) => {
    for (let i = 0; i < seconds.length; i++) {
      const at = seconds[i]!;
      const start = binStart(at, zone, bins);
      seconds[i] = way === 'floor' || (start === at && rest[i] === 0) ? start : binEnd(at, zone, bins);
      rest[i] = 0;
    }
  };
}

function toFine(tree: CallTree, way: 'floor' | 'ceil', { perSecond }: FineBins, units: number): Move {
  const size = units / perSecond;
  if (Number.isInteger(1 / size)) return () => {};
  if (!Number.isInteger(size)) {
    throw new SchemaError('bad-option', `${describe(tree)}: the unit of the column is too coarse for that`);
  }
  return (seconds, rest) => {
    for (let i = 0; i < rest.length; i++) {
      const bin = way === 'floor' ? Math.floor(rest[i]! / size) : Math.ceil(rest[i]! / size);
      if (bin === perSecond) seconds[i]!++;
      rest[i] = bin === perSecond ? 0 : bin * size;
    }
  };
}

function binFunction(way: 'floor' | 'ceil'): FunctionDefinition {
  return {
    name: `dt.${way}`,
    bind(tree, [arg]) {
      checkTime(tree, arg!);
      const { type } = arg!;
      if (DataType.isNull(type)) return arg!;
      const zone = zoneOf(tree, type);
      const bins = binsOf(tree.options!.unit as string, tree.fn);
      const units = unitsPerSecond(type);
      if (DataType.isDate(type) && ('perSecond' in bins || !bins.ofDays)) {
        throw new SchemaError('bad-option', `${describe(tree)}: dates have whole days`);
      }
      const move = 'perSecond' in bins ? toFine(tree, way, bins, units) : toWall(way, zone, bins);
      return {
        type,
        evaluate(rows) {
          const column = arg!.evaluate(rows);
          const { seconds, rest } = secondsOf(column);
          move(seconds, rest);
          return timesOf(tree, type, column, seconds, rest);
        },
      };
    },
  };
}

/** A column like `from`, of other moments. */
function timesOf(
  tree: CallTree,
  type: DataType,
  from: Column,
  seconds: Float64Array,
  rest: Float64Array,
): Column {
  const { length } = from;
  const base = { type, length, validity: commonValidity([from], length), offset: 0 };
  if (!isWide(type)) {
    const values = new Int32Array(length);
    for (let i = 0; i < length; i++) values[i] = Math.round(seconds[i]! / daySeconds);
    return { ...base, kind: 'number', values };
  }
  const values = joinSeconds({ seconds, rest }, unitsPerSecond(type), overflowOf(tree, from, type));
  return { ...base, kind: 'int64', values };
}

/** Says of a row that is not null that its result is too far away. */
export function overflowOf(
  tree: Parameters<typeof describe>[0],
  column: Column,
  type: DataType,
): (row: number) => void {
  return (row) => {
    if (isNull(column, row)) return;
    throw new SchemaError(
      'overflow',
      `${describe(tree)}: the result in row ${row} does not fit ${typeName(type)}`,
    );
  };
}

const perSecondOf: Readonly<Record<string, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

const epoch: FunctionDefinition = {
  name: 'dt.epoch',
  bind(tree, [arg]) {
    checkTime(tree, arg!);
    const type = new Int64();
    if (DataType.isNull(arg!.type)) return nulls(type);
    const perSecond = perSecondOf[tree.options!.unit as string]!;
    return {
      type,
      evaluate(rows): Int64Column {
        const column = arg!.evaluate(rows);
        const { length } = rows;
        const values = inUnit(column, perSecond, overflowOf(tree, column, type));
        return { kind: 'int64', type, length, validity: commonValidity([column], length), offset: 0, values };
      },
    };
  },
};

/** The functions of timestamps and dates. */
export const dateFunctions: readonly FunctionDefinition[] = [
  ...Object.entries(parts).map(partFunction),
  binFunction('floor'),
  binFunction('ceil'),
  epoch,
];

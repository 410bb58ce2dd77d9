import { type DataType, Null } from 'apache-arrow';
import * as types from './schema.ts';
import { typeName } from './type-name.ts';

const plain: readonly DataType[] = [
  types.bool,
  types.int8,
  types.int16,
  types.int32,
  types.int64,
  types.uint8,
  types.uint16,
  types.uint32,
  types.uint64,
  types.float32,
  types.float64,
  types.utf8,
  types.dateDay,
  types.dateMillisecond,
  new Null(),
];

const byName: ReadonlyMap<string, DataType> = new Map(plain.map((type) => [typeName(type), type]));

/** The type that `typeName` calls so; `undefined` for a name that declarations do not have. */
export function typeFromName(name: string): DataType | undefined {
  const known = byName.get(name);
  if (known !== undefined) return known;
  if (name === 'dictionary(utf8)') return types.dictionary();
  const match = /^(timestamp|duration)\((s|ms|us|ns)(?:, (.+))?\)$/.exec(name);
  if (match === null) return undefined;
  const unit = match[2] as 'ms';
  if (match[1] === 'duration') return match[3] === undefined ? types.duration(unit) : undefined;
  return types.timestamp(unit, match[3]);
}

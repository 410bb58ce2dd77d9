import { DataType } from 'apache-arrow';
import { type TypeJson, typeFromJson, typeToJson } from '../columnar/type-json.ts';
import { didYouMean, MillraceError, quote, SchemaError } from '../errors.ts';

/** JSON as `JSON.stringify` takes it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Marks an object that stands for something JSON does not have. */
const tag = '$';

/** JSON in place of an object, where it has a form of its own. */
export type Replace = (part: object) => Json | undefined;

/** What an object of JSON stands for, where it has a form of its own. */
export type Revive = (part: Readonly<Record<string, Json>>) => { readonly value: unknown } | undefined;

function never(): undefined {}

/** Functions and objects of the user, by the names that plans call them by. */
export type Given = Readonly<Record<string, unknown>>;

const arrays = {
  Float64Array,
  Float32Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};

/**
 * Plain data as JSON that loses nothing: bigints, NaN, the infinities, -0, dates, typed arrays, maps, sets and Arrow types have a
 * form of their own; functions and objects of classes are called by name.
 *
 * @param what names the thing in errors.
 * @throws `not-available` for a function or an object that has no name.
 */
export function toJson(value: unknown, what: string, replace: Replace = never): Json {
  const inner = (part: unknown): Json => toJson(part, what, replace);
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [tag]: 'number', value: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return { [tag]: 'bigint', value: String(value) };
    case 'function':
      return { [tag]: 'given', value: nameOf(value.name, what, 'a function') };
    case 'symbol':
      throw new SchemaError('not-available', `${what}: a symbol cannot be written as JSON`);
    case 'undefined':
      return { [tag]: 'undefined' };
  }
  if (value === null) return null;
  const replaced = replace(value!);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Date) return { [tag]: 'date', value: value.getTime() };
  if (value instanceof Map) return { [tag]: 'map', value: inner([...value]) };
  if (value instanceof Set) return { [tag]: 'set', value: inner([...value]) };
  if (value instanceof DataType) return { [tag]: 'type', value: typeToJson(value) as unknown as Json };
  if (ArrayBuffer.isView(value)) {
    const { name } = value.constructor;
    return { [tag]: name, value: inner([...(value as Float64Array)]) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return { [tag]: 'given', value: nameOf(value!.constructor.name, what, 'an object') };
  }
  const entries = Object.entries(value!).filter(([, part]) => part !== undefined);
  const object = Object.fromEntries(entries.map(([name, part]) => [name, inner(part)]));
  return tag in object ? { [tag]: 'object', value: object } : object;
}

function nameOf(name: string, what: string, kind: string): string {
  if (name !== '' && name !== 'Object') return name;
  throw new SchemaError(
    'not-available',
    `${what}: ${kind} without a name cannot be written into a plan; give it one, and give it to fromPlan by that name`,
  );
}

/**
 * What `toJson` has written.
 *
 * @param given what plans call by name.
 * @throws `not-available` for a name that is not given, `bad-value` for what `toJson` has not written.
 */
export function fromJson(json: Json, given: Given, revive: Revive = never): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((part: Json) => fromJson(part, given, revive));
  const object = json as Readonly<Record<string, Json>>;
  const revived = revive(object);
  if (revived !== undefined) return revived.value;
  if (!(tag in object)) return members(object, given, revive);
  const { [tag]: kind, value } = object;
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(value);
    case 'bigint':
      return BigInt(value as string);
    case 'date':
      return new Date(value as number);
    case 'map':
      return new Map(fromJson(value!, given, revive) as [unknown, unknown][]);
    case 'set':
      return new Set(fromJson(value!, given, revive) as unknown[]);
    case 'type':
      return typeFromJson(value as unknown as TypeJson);
    case 'object':
      return members(value as Readonly<Record<string, Json>>, given, revive);
    case 'given':
      return givenBy(value as string, given);
  }
  const TypedArray = Object.hasOwn(arrays, String(kind)) ? arrays[kind as keyof typeof arrays] : undefined;
  if (TypedArray === undefined) {
    throw new MillraceError(
      'bad-value',
      `a plan has no ${quote(String(kind))}; it may be of a later version`,
    );
  }
  return (TypedArray as unknown as Float64ArrayConstructor).from(fromJson(value!, given, revive) as number[]);
}

function members(
  object: Readonly<Record<string, Json>>,
  given: Given,
  revive: Revive,
): Record<string, unknown> {
  const entries = Object.entries(object).map(
    ([name, part]) => [name, fromJson(part, given, revive)] as const,
  );
  return Object.fromEntries(entries);
}

function givenBy(name: string, given: Given): unknown {
  if (Object.hasOwn(given, name)) return given[name];
  const names = Object.keys(given);
  throw new MillraceError(
    'not-available',
    `the plan calls ${quote(name)}, which is code and not part of it; give it as in fromPlan(plan, { given: { ${name} } })${didYouMean(name, names)}`,
  );
}

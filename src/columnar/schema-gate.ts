import { type Data, DataType, Field, type RecordBatch, Schema } from 'apache-arrow';
import { quote, SchemaError } from '../errors.ts';
import { columnOf, dataOf, withColumns, withFields } from './arrow.ts';
import { Batch } from './batch.ts';
import { blankData } from './blank.ts';
import { BatchBuilder, type BuildResult, type ColumnValues } from './build.ts';
import type { Column } from './column.ts';
import { inferSchema } from './infer-schema.ts';
import { exactDoubles } from './numbers.ts';
import { isPlainNumber, plainNumberKey } from './rows.ts';
import {
  differencesText,
  type FieldDifference,
  fieldOrder,
  schemaDifference,
  schemaDifferences,
} from './schema-diff.ts';
import { typeName } from './type-name.ts';
import { isWideInt } from './types.ts';
import { determined, isUndetermined, undeterminedField } from './undetermined.ts';
import { isNull } from './value.ts';
import { canWiden, widen } from './widen.ts';

/**
 * What becomes of a batch whose schema is not that of the stream: it is refused with an error; or made to fit where nothing is
 * lost by it; or set aside.
 */
export type Drift = 'error' | 'add-nullable' | 'quarantine';

/** How JavaScript is to see 64-bit integers. */
export type Int64As = 'bigint' | 'number';

/** What was made of a column that differs from the schema. Told once for each column and kind. */
export interface DriftReport {
  /**
   * `added`: a new column is part of the schema from now on. `ignored`: a new column is left out. `missing`: a column that did
   * not come is null. `widened`: a column of a narrower type was converted. `determined`: a column that had only nulls has a
   * type now.
   */
  readonly kind: 'added' | 'ignored' | 'missing' | 'widened' | 'determined';
  readonly column: string;
  /** The same in words. */
  readonly text: string;
}

/** How much of what came did not have the schema of the stream. */
export interface DriftCounts {
  /** Columns that were added to the schema. */
  readonly added: number;
  /** Fields of rows, and columns of batches, that are not in the schema and were left out. */
  readonly ignored: number;
  /** Columns of batches that did not come and are null. */
  readonly missing: number;
  /** Columns of batches that were converted to a wider type. */
  readonly widened: number;
  /** Batches that were set aside. */
  readonly quarantined: number;
}

export interface SchemaGateOptions {
  /** What every batch must be like. Default: like the first one. */
  readonly schema?: Schema | undefined;
  readonly drift?: Drift | undefined;
  readonly int64?: Int64As | undefined;
  readonly onDrift?: ((report: DriftReport) => void) | undefined;
}

/** A batch that was refused, and why. */
export interface Refused {
  readonly differences: readonly FieldDifference[];
  readonly text: string;
}

type Input = readonly unknown[] | ColumnValues;

/**
 * Holds batches, rows and columns to one schema: the declared one, or that of what comes first. Columns are found by name and
 * put in order. A column of which only nulls have come takes on the first type that comes. Keeps the schema, and names.
 */
export class SchemaGate {
  drift: Drift;
  readonly counts: { -readonly [K in keyof DriftCounts]: number } = {
    added: 0,
    ignored: 0,
    missing: 0,
    widened: 0,
    quarantined: 0,
  };
  readonly #declared: boolean;
  readonly #numbers: boolean;
  readonly #onDrift: ((report: DriftReport) => void) | undefined;
  readonly #reported = new Set<string>();
  /** Names that are in the schema, and those that the first rows had and that make no column. */
  #known: ReadonlySet<string> = new Set();
  #schema: Schema | undefined;
  #builder: BatchBuilder | undefined;
  /** The last schema that was found to fit, and how its columns become those of the stream. */
  #fitting:
    | { readonly schema: Schema; readonly order: readonly number[] | undefined; readonly fields: Field[] }
    | undefined;

  constructor({ schema, drift = 'error', int64 = 'bigint', onDrift }: SchemaGateOptions) {
    this.#declared = schema !== undefined;
    this.drift = drift;
    this.#numbers = int64 === 'number';
    this.#onDrift = onDrift;
    if (schema !== undefined) this.#renew(schema);
  }

  /** The declared schema, or that of what came first with what was added since; `undefined` before. */
  get schema(): Schema | undefined {
    return this.#schema;
  }

  /**
   * The batch as one of the schema, or how it differs. Nothing is copied but columns that are converted.
   *
   * @throws `overflow` where integers are to be numbers and one is beyond 2^53.
   */
  batch(batch: RecordBatch): RecordBatch | Refused {
    const { schema } = batch;
    if (this.#schema === undefined) {
      this.#renew(new Schema(schema.fields.map(openField), schema.metadata));
    }
    this.#determine(schema);
    const own = this.#schema!;
    const strict = own.fields.some((field) => !field.nullable);
    if (this.#fitting?.schema !== schema || strict) {
      const differences = schemaDifferences(own, schema, strict ? Batch.of(batch) : undefined);
      if (differences.length > 0) {
        if (this.drift === 'add-nullable' && differences.every(canMend))
          return this.#mended(batch, differences);
        if (this.drift === 'quarantine') this.counts.quarantined++;
        return { differences, text: differencesText(differences)! };
      }
      if (this.#fitting?.schema !== schema) this.#fitting = this.#planOf(schema);
    }
    const { order, fields } = this.#fitting!;
    return this.#checked(order === undefined ? batch : withFields(batch, fields, order));
  }

  /**
   * A batch of the rows that fit; `undefined` where no schema is known and none can be read off.
   *
   * @throws `schema-mismatch` and `type-mismatch` as the builder of batches does, and `overflow` as `batch`.
   */
  build(input: Input): BuildResult | undefined {
    if (this.#schema === undefined) {
      const inferred = inferSchema(input);
      if (inferred === undefined) return undefined;
      this.#renew(inferred);
      this.#known = new Set([...this.#known, ...namesOf(input).keys()]);
    } else if (this.#schema.fields.some(isUndetermined)) this.#determine(inferSchema(input));
    if (!this.#declared) this.#notice(input);
    this.#builder ??= new BatchBuilder(this.#schema!);
    const result = Array.isArray(input)
      ? this.#builder.fromRows(input)
      : this.#builder.fromColumns(input as ColumnValues);
    if (this.#numbers) checkNumbers(this.#schema!, (i) => result.batch.column(i));
    return result;
  }

  /** Takes the schema of a gate that was saved; how it differs where another one is known. */
  restore(schema: Schema): string | undefined {
    if (this.#schema !== undefined) return schemaDifference(this.#schema, schema);
    this.#renew(schema);
    return undefined;
  }

  #renew(schema: Schema): void {
    const fields = this.#numbers ? schema.fields.map(asNumber) : schema.fields;
    this.#schema = fields.some((field, i) => field !== schema.fields[i])
      ? new Schema(fields, schema.metadata)
      : schema;
    this.#known = new Set([...this.#known, ...fields.map(({ name }) => name)]);
    this.#builder = undefined;
    this.#fitting = undefined;
  }

  #determine(actual: Schema | undefined): void {
    const before = this.#schema!;
    const after = determined(before, actual);
    if (after === before) return;
    this.#renew(after);
    for (const [i, { name, type }] of after.fields.entries()) {
      if (before.fields[i] === after.fields[i]) continue;
      this.#report('determined', name, `column ${quote(name)} had only nulls and is ${typeName(type)} now`);
    }
  }

  /** Counts fields that the schema has not, or takes them into it. */
  #notice(input: Input): void {
    const names = namesOf(input, this.#known);
    if (names.size === 0) return;
    const fresh = this.drift === 'add-nullable' ? inferSchema(input) : undefined;
    const added: Field[] = [];
    for (const [name, count] of names) {
      const field = fresh?.fields.find((own) => own.name === name);
      if (field === undefined) {
        this.counts.ignored += count;
        this.#report(
          'ignored',
          name,
          `field ${quote(name)} is not in the schema, which the first rows made, and is left out`,
        );
      } else added.push(field);
    }
    this.#grow(added);
  }

  #grow(added: readonly Field[]): void {
    if (added.length === 0) return;
    const { fields, metadata } = this.#schema!;
    this.#renew(new Schema([...fields, ...added], metadata));
    this.counts.added += added.length;
    for (const { name, type } of added) {
      this.#report(
        'added',
        name,
        `column ${quote(name)} of type ${typeName(type)} is new, and null in earlier rows`,
      );
    }
  }

  /** The batch with nulls for what is missing and wider types where they are wanted. */
  #mended(batch: RecordBatch, differences: readonly FieldDifference[]): RecordBatch {
    const added: Field[] = [];
    for (const { kind, name, actual, expected, text } of differences) {
      if (kind === 'added' && !this.#declared && !this.#known.has(name)) {
        added.push(openField(new Field(name, actual!.type, true, actual!.metadata)));
      } else if (kind === 'added') {
        this.counts.ignored++;
        this.#report('ignored', name, `${text} is left out`);
      } else if (kind === 'missing') {
        this.counts.missing++;
        this.#report('missing', name, `column ${quote(name)} did not come and is null`);
      } else {
        this.counts.widened++;
        this.#report(
          'widened',
          name,
          `column ${quote(name)} came as ${typeName(actual!.type)} and is converted to ${typeName(expected!.type)}`,
        );
      }
    }
    this.#grow(added);
    const own = this.#schema!;
    const order = fieldOrder(own, batch.schema);
    const columns: Data[] = [];
    const fields = own.fields.map((field, i) => {
      const data = order[i]! < 0 ? blankData(field.type, batch.numRows) : batch.data.children[order[i]!]!;
      const fits = schemaDifferences(
        new Schema([field]),
        new Schema([new Field(field.name, data.type, true)]),
      );
      columns.push(fits.length === 0 ? data : dataOf(widen(columnOf(data), field.type)));
      return new Field(field.name, columns[i]!.type, true, field.metadata);
    });
    return this.#checked(withColumns(batch, columns, new Schema(fields, batch.schema.metadata)));
  }

  /** Fields as they come, since strings may be stored in several ways, with what the stream says of them. */
  #planOf(schema: Schema): { schema: Schema; order: readonly number[] | undefined; fields: Field[] } {
    const order = fieldOrder(this.#schema!, schema);
    const fields = this.#schema!.fields.map((field, i) => {
      const own = schema.fields[order[i]!]!;
      const same =
        isPlainNumber(field) === isPlainNumber(own) && isUndetermined(field) === isUndetermined(own);
      return same
        ? own
        : new Field(own.name, own.type, own.nullable, new Map([...own.metadata, ...field.metadata]));
    });
    const asItIs = order.every((index, i) => index === i && fields[i] === schema.fields[i]);
    return { schema, order: asItIs ? undefined : order, fields };
  }

  #checked(batch: RecordBatch): RecordBatch {
    if (this.#numbers) checkNumbers(batch.schema, (i) => columnOf(batch.data.children[i]!));
    return batch;
  }

  #report(kind: DriftReport['kind'], column: string, text: string): void {
    const key = `${kind} ${column}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#onDrift?.({ kind, column, text });
  }
}

function canMend({ kind, expected, actual }: FieldDifference): boolean {
  if (kind === 'added') return true;
  if (kind === 'missing') return expected!.nullable;
  return kind === 'type' && expected!.nullable && canWiden(actual!.type, expected!.type);
}

/** A column of a stream without declared schema may turn out to be more than nulls. */
function openField(field: Field): Field {
  return DataType.isNull(field.type) ? undeterminedField(field) : field;
}

function asNumber(field: Field): Field {
  if (!isWideInt(field.type) || isPlainNumber(field)) return field;
  return new Field(
    field.name,
    field.type,
    field.nullable,
    new Map([...field.metadata, [plainNumberKey, 'true']]),
  );
}

/** @throws `overflow`, naming the column and the first value that is no exact number. */
function checkNumbers({ fields }: Schema, columnAt: (index: number) => Column): void {
  for (const [i, field] of fields.entries()) {
    if (!isWideInt(field.type)) continue;
    const column = columnAt(i);
    if (column.kind !== 'int64' || exactDoubles(column) !== undefined) continue;
    const { values, length } = column;
    const at = values
      .subarray(0, length)
      .findIndex((value, row) => !Number.isSafeInteger(Number(value)) && !isNull(column, row));
    if (at < 0) continue;
    throw new SchemaError(
      'overflow',
      `column ${quote(field.name)}: ${values[at]} in row ${at} is beyond 2^53 and no exact number; read it with int64: 'bigint'`,
    );
  }
}

/** The names of fields that are not known, and in how many rows each comes. */
function namesOf(input: Input, known?: ReadonlySet<string>): Map<string, number> {
  const names = new Map<string, number>();
  const note = (name: string, count: number): void => {
    if (known?.has(name) !== true) names.set(name, (names.get(name) ?? 0) + count);
  };
  if (!Array.isArray(input)) {
    for (const [name, values] of Object.entries(input as ColumnValues)) note(name, values.length);
    return names;
  }
  for (const row of input) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) continue;
    // No array of names per row: nearly always, all are known.
    for (const name in row) if (known?.has(name) !== true) note(name, 1);
  }
  return names;
}

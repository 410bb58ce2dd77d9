import type { DataType } from 'apache-arrow';
import { SchemaError } from '../../errors.ts';
import { getBit } from '../bitmap.ts';
import type { Column, DictionaryColumn } from '../column.ts';
import { grown } from '../grow.ts';
import { logicalTypeName } from '../type-name.ts';
import { KeyTable } from './key-table.ts';

const unknown = -1;
/** More dictionaries than these, in turn, are looked up anew. */
const knownDictionaries = 4;

/** Ids of the codes of one dictionary, found when a code is first met, and back. */
interface Codes {
  readonly idOf: Int32Array;
  /** Last code of each id, -1 for none. */
  codeOf: Int32Array;
  /** Whether one id has several codes, as a dictionary may say a value twice. */
  repeats: boolean;
}

/** The keys of one column. A null is a key of its own, or none. */
export abstract class LeafKeys extends KeyTable {
  override readonly types: readonly DataType[];
  readonly #position: number;
  readonly #kind: Column['kind'];
  readonly #dropna: boolean;
  #nullId = -1;
  readonly #codes: Map<Column, Codes> = new Map();

  /** Keys of column number `position`, whose kind is `kind`. */
  constructor(type: DataType, kind: Column['kind'], position: number, dropna: boolean) {
    super();
    this.types = [type];
    this.#kind = kind;
    this.#position = position;
    this.#dropna = dropna;
  }

  /** The id of each row's value into `ids`, `idOfNull()` for null. */
  protected abstract assignValues(column: Column, length: number, ids: Int32Array): void;
  /** The id of one value that is not null. */
  protected abstract idAt(column: Column, row: number): number;
  /** A column of the values of `ids`; what stands where `present` is 0 does not matter. */
  protected abstract columnOfIds(ids: Int32Array, present: Uint8Array | undefined): Column;
  protected abstract forgetValue(id: number): void;
  protected abstract compareValues(a: number, b: number): number;

  override assign(columns: readonly Column[], length: number, ids: Int32Array): void {
    const column = columns[this.#position]!;
    if (column.kind === 'null') {
      if (length > 0) ids.fill(this.idOfNull(), 0, length);
    } else if (column.kind === 'dictionary') this.#assignCodes(column, length, ids);
    else {
      this.#check(column);
      this.assignValues(column, length, ids);
    }
  }

  override columnsOf(ids: Int32Array): Column[] {
    const nullId = this.#nullId;
    const present = nullId < 0 ? undefined : Uint8Array.from(ids, (id) => Number(id !== nullId));
    return [this.columnOfIds(ids, present)];
  }

  override compare(a: number, b: number): number {
    if (a === this.#nullId || b === this.#nullId)
      return Number(a === this.#nullId) - Number(b === this.#nullId);
    return this.compareValues(a, b);
  }

  /** The id of null, -1 where null is no key. */
  protected idOfNull(): number {
    if (this.#nullId < 0 && !this.#dropna) this.#nullId = this.newId();
    return this.#nullId;
  }

  /** Whether this is the id of null, which sorts last and has no value. */
  protected isNull(id: number): boolean {
    return id === this.#nullId;
  }

  protected override forget(id: number): void {
    if (id === this.#nullId) {
      this.#nullId = -1;
      return;
    }
    this.forgetValue(id);
    for (const codes of this.#codes.values()) forgetCode(codes, id);
  }

  #assignCodes(column: DictionaryColumn, length: number, ids: Int32Array): void {
    const { codes, validity, offset, dictionary } = column;
    if (dictionary.kind !== 'null') this.#check(dictionary);
    const known = this.#codesOf(dictionary);
    if (validity === undefined) {
      let row = idsOfCodes(codes, known.idOf, ids, 0, length);
      while (row < length) {
        ids[row] = this.#learn(known, dictionary, codes[row]!);
        row = idsOfCodes(codes, known.idOf, ids, row + 1, length);
      }
      return;
    }
    for (let i = 0; i < length; i++) {
      if (!getBit(validity, offset + i)) {
        ids[i] = this.idOfNull();
        continue;
      }
      const code = codes[i]!;
      const id = known.idOf[code]!;
      ids[i] = id >= 0 ? id : this.#learn(known, dictionary, code);
    }
  }

  #codesOf(dictionary: Column): Codes {
    let codes = this.#codes.get(dictionary);
    if (codes === undefined) {
      codes = {
        idOf: new Int32Array(dictionary.length).fill(unknown),
        codeOf: new Int32Array(0),
        repeats: false,
      };
      if (this.#codes.size === knownDictionaries) this.#codes.delete(this.#codes.keys().next().value!);
      this.#codes.set(dictionary, codes);
    }
    return codes;
  }

  #learn(codes: Codes, dictionary: Column, code: number): number {
    if (code < 0 || code >= dictionary.length) {
      throw new SchemaError(
        'bad-value',
        `code ${code} is not in its dictionary of ${dictionary.length} values`,
      );
    }
    const { validity, offset } = dictionary;
    const isNull = dictionary.kind === 'null' || (validity !== undefined && !getBit(validity, offset + code));
    if (isNull) return this.idOfNull();
    const id = this.idAt(dictionary, code);
    codes.idOf[code] = id;
    const { length } = codes.codeOf;
    codes.codeOf = grown(codes.codeOf, id + 1);
    codes.codeOf.fill(-1, length);
    if (codes.codeOf[id]! >= 0) codes.repeats = true;
    codes.codeOf[id] = code;
    return id;
  }

  /** Whether values of `type` are written in bytes as those of this column are. */
  #isOwn(type: DataType): boolean {
    const own = this.types[0]!;
    return logicalTypeName(type) === logicalTypeName(own);
  }

  #check(column: Column): void {
    if (column.kind === this.#kind && (column.kind !== 'opaque' || this.#isOwn(column.type))) return;
    // Saved keys that are bytes come back as these.
    if (this.#kind === 'opaque' && column.kind === 'utf8' && this.#isOwn(column.type)) return;
    throw new SchemaError('schema-mismatch', `group key is of type ${column.type}, not ${this.types[0]}`);
  }
}

/** Ids of rows up to the first whose code is not known, and the number of that row. A code out of range has no id. */
function idsOfCodes(
  codes: DictionaryColumn['codes'],
  idOf: Int32Array,
  ids: Int32Array,
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) {
    const id = idOf[codes[i]!]!;
    if (!(id >= 0)) return i;
    ids[i] = id;
  }
  return to;
}

function forgetCode(codes: Codes, id: number): void {
  const code = codes.codeOf[id] ?? -1;
  if (code < 0) return;
  codes.codeOf[id] = -1;
  codes.idOf[code] = unknown;
  if (!codes.repeats) return;
  for (let k = 0; k < codes.idOf.length; k++) if (codes.idOf[k] === id) codes.idOf[k] = unknown;
}

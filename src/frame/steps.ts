import { DataType, Field, Float64, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { BoolColumn, Column } from '../columnar/column.ts';
import { nullsOf } from '../columnar/nulls.ts';
import { rowsWhere, take } from '../columnar/take.ts';
import { typeName } from '../columnar/type-name.ts';
import { isUndetermined } from '../columnar/undetermined.ts';
import { quote, SchemaError } from '../errors.ts';
import { bind } from '../expr/bind.ts';
import { type BoundExpr, noSuchColumn, operand, type Rows } from '../expr/bound.ts';
import { describe, type ExprTree } from '../expr/tree.ts';
import { bindFields } from './bind-fields.ts';
import { isHidden } from './hidden.ts';

/** What a frame does to the rows of each batch, as data. */
export type Step =
  | { readonly step: 'filter'; readonly condition: ExprTree }
  | { readonly step: 'assign'; readonly columns: readonly NamedExpr[] }
  | { readonly step: 'project'; readonly columns: readonly Projected[] }
  /** Another time key, or none: nothing is done to the rows. */
  | { readonly step: 'time'; readonly name: string | undefined };

export interface NamedExpr {
  readonly name: string;
  readonly expr: ExprTree;
}

/** A column that stays, and what it was called before. */
export interface Projected {
  readonly name: string;
  readonly from: string;
}

/** The rows of a batch after some steps. Columns are computed when asked for, once. */
export interface View extends Rows {
  /** The column of that name of the rows that entered, with the same rows left out. */
  original(name: string): Column;
}

/** The expressions of a step. */
export function exprsOf(step: Step): readonly ExprTree[] {
  switch (step.step) {
    case 'filter':
      return [step.condition];
    case 'assign':
      return step.columns.map(({ expr }) => expr);
    case 'project':
    case 'time':
      return [];
  }
}

/** The same step with other expressions, in the order of `exprsOf`. */
export function withExprs(step: Step, exprs: readonly ExprTree[]): Step {
  switch (step.step) {
    case 'filter':
      return { ...step, condition: exprs[0]! };
    case 'assign':
      return { ...step, columns: step.columns.map((column, i) => ({ ...column, expr: exprs[i]! })) };
    case 'project':
    case 'time':
      return step;
  }
}

/** The columns that `fields` have after a step. */
export function fieldsAfter(step: Step, fields: readonly Field[]): Field[] {
  switch (step.step) {
    case 'filter': {
      const { type } = bindFields(step.condition, fields);
      if (DataType.isBool(type)) return [...fields];
      throw new SchemaError(
        'type-mismatch',
        `filter(${describe(step.condition)}): expected a bool column, got ${operand(step.condition, type)}`,
      );
    }
    case 'assign': {
      const after = [...fields];
      for (const { name, expr } of step.columns) {
        const own = expr.op === 'column' ? fields.find((field) => field.name === expr.name) : undefined;
        const field = new Field(name, boundColumn(expr, fields).type, true, own?.metadata);
        const at = after.findIndex((other) => other.name === name);
        if (at < 0) after.push(field);
        else after[at] = field;
      }
      return after;
    }
    case 'time':
      return [...fields];
    case 'project':
      return step.columns.map(({ name, from }) => {
        const field = fields.find((other) => other.name === from);
        if (field === undefined)
          throw noSuchColumn(
            from,
            fields.map((other) => other.name),
          );
        return name === from ? field : new Field(name, field.type, field.nullable, field.metadata);
      });
  }
}

/** A column that is assigned. One that has another name only stays as it is. */
function boundColumn(expr: ExprTree, fields: readonly Field[]): BoundExpr {
  if (expr.op !== 'column') return bindFields(expr, fields);
  return bind(expr, new Map(fields.map((field) => [field.name, field.type])));
}

/**
 * What the column that is called `name` before the steps is called after them; `undefined` where it is left out. One
 * that is assigned under its name takes its place.
 */
export function nameAfter(steps: readonly Step[], name: string): string | undefined {
  let now: string | undefined = name;
  for (const step of steps) {
    if (step.step === 'project') now = step.columns.find(({ from }) => from === now)?.name;
    else if (step.step === 'assign' && step.columns.some((column) => column.name === name)) now ??= name;
  }
  return now;
}

/** What the column that is called `name` after the steps is called before them; `undefined` where a step computes it. */
export function nameBefore(steps: readonly Step[], name: string): string | undefined {
  let now: string | undefined = name;
  for (const step of [...steps].reverse()) {
    if (step.step === 'project') now = step.columns.find((column) => column.name === now)?.from;
    else if (step.step === 'assign' && step.columns.some((column) => column.name === now)) return undefined;
  }
  return now;
}

/** Steps bound to the columns they work on. Keeps no rows. */
export class BoundSteps {
  /** The columns after the last step, but for those that the plan keeps for itself. */
  readonly fields: readonly Field[];
  /** Those too. */
  readonly reachable: readonly Field[];
  readonly #apply: readonly ((view: View) => View)[];
  readonly #index: ReadonlyMap<string, number>;
  /** Columns of which only nulls had come when this was bound. */
  readonly #open: ReadonlySet<string>;
  #schema: Schema | undefined;

  /** @throws `no-such-column` and `type-mismatch`. */
  constructor(schema: Schema, steps: readonly Step[]) {
    let fields: readonly Field[] = schema.fields.map(asBound);
    const apply: ((view: View) => View)[] = [];
    for (const step of steps) {
      const before = fields;
      fields = fieldsAfter(step, before);
      apply.push(boundStep(step, before));
    }
    this.reachable = fields;
    this.fields = fields.filter(({ name }) => !isHidden(name));
    this.#apply = apply;
    this.#index = new Map(schema.fields.map((field, i) => [field.name, i]));
    this.#open = new Set(schema.fields.filter(isUndetermined).map(({ name }) => name));
  }

  /** The rows of `batch` after the steps. Filters are evaluated at once, columns when asked for. */
  view(batch: Batch): View {
    let view: View = new BatchView(batch, this.#index);
    if (this.#open.size > 0) view = new OpenView(view, this.#open);
    for (const apply of this.#apply) view = apply(view);
    return view;
  }

  /**
   * All rows and columns of `batch` after the steps, under a schema that says the types of the columns as they came (a string
   * may be dictionary-encoded).
   */
  batch(batch: Batch): Batch {
    const view = this.view(batch);
    const columns = this.fields.map((field) => view.column(field.name));
    const known = this.#schema;
    if (known === undefined || columns.some((column, i) => known.fields[i]!.type !== column.type)) {
      const fields = this.fields.map(
        (field, i) => new Field(field.name, columns[i]!.type, field.nullable, field.metadata),
      );
      this.#schema = new Schema(fields);
    }
    return new Batch(this.#schema!, view.length, columns);
  }
}

function boundStep(step: Step, fields: readonly Field[]): (view: View) => View {
  switch (step.step) {
    case 'filter': {
      const condition = bindFields(step.condition, fields);
      return (view) => {
        const rows = rowsWhere(condition.evaluate(view) as BoolColumn);
        return rows.length === view.length ? view : new FilteredView(view, rows);
      };
    }
    case 'assign': {
      const assigned = new Map(step.columns.map(({ name, expr }) => [name, boundColumn(expr, fields)]));
      return (view) => new AssignedView(view, assigned);
    }
    case 'time':
      return (view) => view;
    case 'project': {
      const from = new Map(step.columns.map((column) => [column.name, column.from]));
      return (view) => new ProjectedView(view, from);
    }
  }
}

class BatchView implements View {
  readonly length: number;
  readonly #batch: Batch;
  readonly #index: ReadonlyMap<string, number>;

  constructor(batch: Batch, index: ReadonlyMap<string, number>) {
    this.length = batch.length;
    this.#batch = batch;
    this.#index = index;
  }

  column(name: string): Column {
    return this.#batch.column(this.#index.get(name)!);
  }

  original(name: string): Column {
    return this.column(name);
  }
}

/** A column of which nothing is known is bound as one of numbers, which is what most turn out to be. */
function asBound(field: Field): Field {
  return isUndetermined(field) ? new Field(field.name, new Float64(), true) : field;
}

/** Rows whose columns of nothing but nulls are float64; one that turns out to be of another type fails where it is read. */
class OpenView implements View {
  readonly length: number;
  readonly #from: View;
  readonly #open: ReadonlySet<string>;

  constructor(from: View, open: ReadonlySet<string>) {
    this.length = from.length;
    this.#from = from;
    this.#open = open;
  }

  column(name: string): Column {
    const column = this.#from.column(name);
    if (!this.#open.has(name)) return column;
    if (column.kind === 'null') return nullsOf(new Float64(), column.length);
    if (column.kind === 'number' && column.values instanceof Float64Array) return column;
    throw new SchemaError(
      'schema-mismatch',
      `column ${quote(name)} had only nulls when this was made, was taken for float64 and is ${typeName(column.type)}; declare a schema`,
    );
  }

  original(name: string): Column {
    return this.column(name);
  }
}

class FilteredView implements View {
  readonly length: number;
  readonly #from: View;
  readonly #rows: Uint32Array;
  readonly #taken = new Map<Column, Column>();

  constructor(from: View, rows: Uint32Array) {
    this.length = rows.length;
    this.#from = from;
    this.#rows = rows;
  }

  column(name: string): Column {
    return this.#take(this.#from.column(name));
  }

  original(name: string): Column {
    return this.#take(this.#from.original(name));
  }

  #take(column: Column): Column {
    let taken = this.#taken.get(column);
    if (taken === undefined) {
      taken = take(column, this.#rows);
      this.#taken.set(column, taken);
    }
    return taken;
  }
}

class AssignedView implements View {
  readonly length: number;
  readonly #from: View;
  readonly #assigned: ReadonlyMap<string, BoundExpr>;
  readonly #computed = new Map<string, Column>();

  constructor(from: View, assigned: ReadonlyMap<string, BoundExpr>) {
    this.length = from.length;
    this.#from = from;
    this.#assigned = assigned;
  }

  column(name: string): Column {
    const expr = this.#assigned.get(name);
    if (expr === undefined) return this.#from.column(name);
    let column = this.#computed.get(name);
    if (column === undefined) {
      column = expr.evaluate(this.#from);
      this.#computed.set(name, column);
    }
    return column;
  }

  original(name: string): Column {
    return this.#from.original(name);
  }
}

class ProjectedView implements View {
  readonly length: number;
  readonly #view: View;
  readonly #from: ReadonlyMap<string, string>;

  constructor(view: View, from: ReadonlyMap<string, string>) {
    this.length = view.length;
    this.#view = view;
    this.#from = from;
  }

  column(name: string): Column {
    return this.#view.column(this.#from.get(name)!);
  }

  original(name: string): Column {
    return this.#view.original(name);
  }
}

/** A step as the error path and the plan show it. */
export function stepLabel(step: Step): string {
  switch (step.step) {
    case 'filter':
      return `filter(${describe(step.condition)})`;
    case 'assign':
      return `assign(${step.columns.map(({ name }) => name).join(', ')})`;
    case 'time':
      return step.name === undefined ? 'resetIndex()' : `setIndex(${step.name})`;
    case 'project':
      return `select(${step.columns.map(({ name, from }) => (name === from ? name : `${from} as ${name}`)).join(', ')})`;
  }
}

/** A field under another name, and of another type where one is given. */
export function renamedField(field: Field, name: string, type: DataType = field.type): Field {
  return new Field(name, type, true, type === field.type ? field.metadata : undefined);
}

/** A name for a column of a result that does not clash with those before. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
  return name;
}

/** @throws `bad-option` where a name comes twice. */
export function checkUnique(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new SchemaError('bad-option', `${what}: column ${quote(name)} comes twice`);
    seen.add(name);
  }
}

import { type DataType, Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { plainNumberKey } from '../columnar/rows.ts';
import { isFloat } from '../columnar/types.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import type { SavedRunning } from '../expr/rolling.ts';
import { columnsOf, describe, type ExprTree, type RunningTree } from '../expr/tree.ts';
import { runningFunctions } from '../running/index.ts';
import type { BoundRunning, RunningInput, RunningState } from '../running/running.ts';
import { bindFields } from './bind-fields.ts';
import { hiddenTime, isHidden } from './hidden.ts';
import { type OrderColumn, timeColumn, windowColumn } from './order-column.ts';
import { type AggregationState, checkState, type Fingerprint, typesText } from './saved-state.ts';
import type { FrameBase, FrameState } from './state.ts';
import { BoundSteps, type View } from './steps.ts';
import { type WindowRequest, windowRequest, windowSpec } from './window-request.ts';

/** A running expression, and the hidden column that its results go into. */
export interface RunningColumn {
  readonly name: string;
  /** Its parts read columns of the frame, and hidden columns before this one. */
  readonly tree: RunningTree;
  /** As the user wrote it. */
  readonly of: ExprTree;
}

/** A running function with its inputs. */
interface Runner {
  readonly name: string;
  readonly args: readonly BoundExpr[];
  readonly by: readonly BoundExpr[];
  readonly order: ((view: View) => Column) | undefined;
  readonly bound: BoundRunning;
  readonly state: RunningState;
  /** Whether the runners before it must be able to go back when it, or what it reads, fails. */
  readonly canFail: boolean;
  /** Whether what it reads cannot be evaluated before other runners have run, and could fail then. */
  readonly couldBreak: boolean;
  /** Whether it reads what other runners compute. */
  readonly readsHidden: boolean;
}

/**
 * The rows of a frame after its steps, with columns of running expressions, each computed once per row. A batch that
 * fails changes nothing. Keeps the newest batch.
 */
export class RunningNode extends Node<Batch, Batch> {
  override readonly kind: string = 'running';
  readonly #frame: FrameState;
  readonly #columns: readonly RunningColumn[];
  /** Hidden columns that are handed on. */
  readonly #keep: readonly string[];
  #steps: BoundSteps | undefined;
  #schema: Schema | undefined;
  #runners: readonly Runner[] = [];
  #output: Schema | undefined;
  #current: Batch | undefined;
  /** What to begin with when the schema is known. */
  #saved: AggregationState | undefined;

  constructor(frame: FrameState, columns: readonly RunningColumn[], keep: readonly string[] = []) {
    super({ name: columns.map(({ of }) => describe(of)).join(', ') });
    this.#frame = frame;
    this.#columns = columns;
    for (const { tree } of columns) {
      if (tree.options.window !== undefined) windowRequest(tree.options.window as WindowRequest);
    }
    this.#keep = keep;
    const schema = frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The columns of the frame and the hidden ones, once they are known. */
  get output(): Schema | undefined {
    return this.#output;
  }

  /** The newest batch. */
  get current(): Batch | undefined {
    return this.#current;
  }

  /** What running expressions remember, its own and those below, by their texts; see `SavedRunning`. */
  get remembered(): SavedRunning {
    const states = this.#states();
    const own = this.#names.map((name, i) => [name, states[i]]);
    return { version: 1, states: { ...this.#below?.remembered.states, ...Object.fromEntries(own) } };
  }

  get #below(): RunningNode | undefined {
    return runningNode(this.#frame.base);
  }

  /** The texts of the running expressions, those below first. */
  get #texts(): string[] {
    const below = this.#below;
    const own = this.#columns.map(({ of }) => describe(of));
    return below === undefined ? own : [...below.#texts, ...own];
  }

  /** The texts of its own, with a number where others of the same text are below or before. */
  get #names(): string[] {
    const texts = this.#texts;
    const first = texts.length - this.#columns.length;
    return texts.slice(first).map((text, i) => {
      const earlier = texts.slice(0, first + i).filter((other) => other === text).length;
      return earlier === 0 ? text : `${text} (${earlier + 1})`;
    });
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override saveState(): AggregationState {
    const print: Fingerprint = { plan: this.label, options: '' };
    if (this.#steps === undefined) return this.#saved ?? { version: 1, ...print };
    return { version: 1, ...print, types: this.#types(), state: this.#states() };
  }

  override restoreState(given: unknown): void {
    const types = this.#steps === undefined ? undefined : this.#types();
    const saved = checkState(given, { plan: this.label, options: '' }, types);
    if (saved.state === undefined) return;
    if (this.#steps === undefined) this.#saved = saved;
    else this.#restore(saved.state as readonly unknown[]);
  }

  #types(): string {
    const types = this.#runners.flatMap(({ args, by }) => typesOf([...args, ...by]));
    return typesText([], types);
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const steps = this.#stepsFor(this.#frame.base.schema() ?? batch.schema);
    const view = new RunningView(steps.view(batch), this.#frame.base.time);
    // Whatever does not need the results of others is evaluated before any state changes.
    const inputs = this.#runners.map((runner) => (runner.readsHidden ? undefined : inputOf(runner, view)));
    const undo = this.#runners.some((runner, i) => couldFail(runner, inputs[i])) ? this.#states() : undefined;
    try {
      for (const [i, runner] of this.#runners.entries())
        view.add(runner.name, runner.state.update(inputs[i] ?? inputOf(runner, view)));
    } catch (error) {
      if (undo !== undefined) this.#restore(undo);
      throw error;
    }
    const columns = this.#output!.fields.map(({ name }) => view.column(name));
    this.#current = new Batch(this.#schemaOf(columns), view.length, columns);
    return this.emit(this.#current, metadata);
  }

  #states(): readonly unknown[] {
    return this.#runners.map(({ state }) => state.save());
  }

  #restore(saved: readonly unknown[]): void {
    for (const [i, { state }] of this.#runners.entries()) state.restore(saved[i]);
  }

  /** The steps over batches of this schema: columns may have been added, or have turned out to be of a type. */
  #stepsFor(schema: Schema): BoundSteps {
    if (this.#steps === undefined) return this.#bind(schema);
    if (this.#schema === schema) return this.#steps;
    const steps = new BoundSteps(schema, this.#frame.rest);
    const own = this.#output!.fields.filter(({ name }) =>
      this.#columns.some((column) => column.name === name),
    );
    this.#output = new Schema([...this.#inputFields(steps, schema), ...own]);
    this.#schema = schema;
    this.#steps = steps;
    return steps;
  }

  /** The columns of the frame, those that are handed on, and its time key. */
  #inputFields(steps: BoundSteps, schema: Schema): Field[] {
    const time = timeColumn(this.#frame, steps, schema);
    const kept = steps.reachable.filter(({ name }) => this.#keep.includes(name));
    const dropped = time?.isDropped === true ? [new Field(hiddenTime, time.type, true)] : [];
    return [...steps.fields, ...kept, ...dropped];
  }

  #bind(schema: Schema): BoundSteps {
    const steps = new BoundSteps(schema, this.#frame.rest);
    const fields = this.#inputFields(steps, schema);
    const runners: Runner[] = [];
    const names = this.#names;
    for (const { name, tree, of } of this.#columns) {
      const args = tree.args.map((arg) => bindFields(arg, fields));
      const by = (tree.by ?? []).map((key) => bindFields(key, fields));
      const order = windowOrder(tree, this.#frame, steps, schema);
      const bound = boundRunning(tree, of, names[runners.length]!, typesOf(args), typesOf(by), order);
      const couldBreak = [...tree.args, ...(tree.by ?? [])].some(
        (part) => [...columnsOf(part)].some(isHidden) && !isSafe(part, fields),
      );
      runners.push({
        name,
        args,
        by,
        order: order?.column,
        bound,
        state: bound.create(),
        canFail: runners.length > 0 && (bound.canFail === true || couldBreak),
        couldBreak,
        readsHidden: [...tree.args, ...(tree.by ?? [])].some((part) => [...columnsOf(part)].some(isHidden)),
      });
      const metadata = bound.plainNumber === true ? new Map([[plainNumberKey, 'true']]) : undefined;
      fields.push(new Field(name, bound.output, true, metadata));
    }
    this.#output = new Schema(fields);
    this.#schema = schema;
    this.#steps = steps;
    this.#runners = runners;
    if (this.#saved !== undefined) this.restoreState(this.#saved);
    this.#saved = undefined;
    return steps;
  }

  /** The columns as they came: a string may be dictionary-encoded. */
  #schemaOf(columns: readonly Column[]): Schema {
    const { fields } = this.#output!;
    if (columns.some((column, i) => fields[i]!.type !== column.type)) {
      this.#output = new Schema(
        fields.map((field, i) => new Field(field.name, columns[i]!.type, field.nullable, field.metadata)),
      );
    }
    return this.#output!;
  }
}

/** The node that runs the last running expressions below the batches of a frame, on the way from its root. */
export function runningNode(base: FrameBase): RunningNode | undefined {
  for (let at: FrameBase | undefined = base; at !== undefined; at = at.under) {
    if (at.node instanceof RunningNode) return at.node;
    if ('kind' in at) return undefined;
  }
  return undefined;
}

function typesOf(exprs: readonly BoundExpr[]): DataType[] {
  return exprs.map(({ type }) => type);
}

/** Whether a runner could fail on its input, where that is known before any has run. */
function couldFail({ canFail, couldBreak, state }: Runner, input: RunningInput | undefined): boolean {
  if (!canFail || couldBreak || input === undefined) return canFail;
  return state.couldFail?.(input) ?? true;
}

/** Whether an expression never fails, whatever the rows: no function is called, and no integer can become too large. */
function isSafe(tree: ExprTree, fields: readonly Field[]): boolean {
  switch (tree.op) {
    case 'column':
    case 'literal':
      return true;
    case 'call':
    case 'running':
    case 'value':
      return false;
    default:
      if (!tree.args.every((arg) => isSafe(arg, fields))) return false;
      if (neverFail.has(tree.op)) return true;
      return isFloat(bindFields(tree, fields).type);
  }
}

const neverFail: ReadonlySet<string> = new Set([
  'not',
  'isNull',
  'notNull',
  'isNaN',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
  'xor',
]);

function inputOf({ args, by, order }: Runner, view: RunningView): RunningInput {
  return {
    length: view.length,
    args: args.map((arg) => arg.evaluate(view)),
    by: by.map((key) => key.evaluate(view)),
    order: order?.(view),
  };
}

/** The key of the window that a running function was given. */
function windowOrder(
  { options }: RunningTree,
  frame: FrameState,
  steps: BoundSteps,
  schema: Schema,
): OrderColumn | undefined {
  const window = options.window as WindowRequest | undefined;
  if (options.byTime === true) return timeOrder(frame, steps, schema);
  if (window === undefined || 'n' in window) return undefined;
  return windowColumn(window, frame, steps, schema);
}

/** The time key. @throws `bad-option` where there is none. */
function timeOrder(frame: FrameState, steps: BoundSteps, schema: Schema): OrderColumn {
  const order = timeColumn(frame, steps, schema);
  if (order !== undefined) return order;
  throw new SchemaError(
    'bad-option',
    "a duration needs a time key; declare one with { time: 'name of the column' } where the frame is made",
  );
}

function boundRunning(
  { fn, options }: RunningTree,
  of: ExprTree,
  name: string,
  args: readonly DataType[],
  by: readonly DataType[],
  order: OrderColumn | undefined,
): BoundRunning {
  const definition = runningFunctions.get(fn);
  if (definition === undefined) {
    const names = [...runningFunctions.keys()];
    throw new SchemaError(
      'bad-expression',
      `no running function ${quote(fn)}${didYouMean(fn, names) || ';'} there are ${names.join(', ')}`,
    );
  }
  const request = options.window as WindowRequest | undefined;
  const window = request && windowSpec(request, order?.name, order?.type);
  const start = options.start === undefined ? undefined : startOf(options.start, name);
  try {
    const given = start === undefined ? options : { ...options, start };
    return definition.bind({ args, by, window, order: order?.type }, given);
  } catch (error) {
    if (error instanceof SchemaError && error.code === 'type-mismatch') {
      throw new SchemaError('type-mismatch', `${describe(of)}: ${error.message}`);
    }
    throw error;
  }
}

/** The state of one expression in what is given to `start`. @throws `bad-option`. */
function startOf(given: unknown, text: string): unknown {
  const { version, states } = (
    typeof given === 'object' && given !== null ? given : {}
  ) as Partial<SavedRunning>;
  if (version !== 1 || typeof states !== 'object' || states === null) {
    throw new GraphError('bad-option', `start of ${text} must be a state that withState gave`);
  }
  if (Object.hasOwn(states, text)) return states[text];
  throw new GraphError(
    'bad-option',
    `start is the state of ${Object.keys(states).join(', ') || 'nothing'}, not of ${text}`,
  );
}

/** Rows with the columns that were computed so far. */
class RunningView implements View {
  readonly length: number;
  readonly #from: View;
  readonly #time: string | undefined;
  readonly #computed = new Map<string, Column>();

  constructor(from: View, time: string | undefined) {
    this.length = from.length;
    this.#from = from;
    this.#time = time;
  }

  add(name: string, column: Column): void {
    this.#computed.set(name, column);
  }

  column(name: string): Column {
    if (name === hiddenTime) return this.#from.original(this.#time!);
    return this.#computed.get(name) ?? this.#from.column(name);
  }

  original(name: string): Column {
    return this.#from.original(name);
  }
}

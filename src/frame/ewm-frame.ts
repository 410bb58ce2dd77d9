import type { Float64 } from 'apache-arrow';
import type { ColumnTypes, Flat } from '../columnar/type-families.ts';
import { Ewm, type EwmOptions } from '../expr/ewm.ts';
import type { RunningColumns, RunningType } from '../expr/running-types.ts';
import type { Scope } from './aggregate-request.ts';
import type { StreamingDataFrame } from './dataframe.ts';
import { checkNoWindow, everyRunning, overGroups } from './running-frames.ts';
import { Series } from './series.ts';
import { columnProxy, type FrameState, withColumns } from './state.ts';

/** The exponentially weighted results of one column. */
type EwmColumn<D> = [RunningType<'ewm', D>] extends [never] ? never : Ewm<Series<Float64, 'key'>>;

/** Exponentially weighted results of all columns that are numbers, a row for each row, with the columns as properties. */
export type EwmFrame<S extends ColumnTypes, Keys extends ColumnTypes = Record<never, never>> = EwmRows<
  S,
  Keys
> & {
  readonly [C in Exclude<keyof S & string, keyof EwmRows<ColumnTypes, ColumnTypes>>]: EwmColumn<S[C]>;
};

/** The methods of an `EwmFrame`. */
export class EwmRows<S extends ColumnTypes, Keys extends ColumnTypes> extends Ewm<
  StreamingDataFrame<Flat<Keys & RunningColumns<Omit<S, keyof Keys>, 'ewm'>>>
> {
  readonly #column: (name: string) => unknown;

  /** @internal */
  constructor(
    options: EwmOptions,
    make: (fn: string, options: Readonly<Record<string, unknown>>) => unknown,
    column: (name: string) => unknown,
  ) {
    super(options, make);
    this.#column = column;
  }

  /** The columns and nothing else: `ewm.col.mean` is the column where `ewm.mean` is the method. */
  get col(): { readonly [C in keyof S & string]: EwmColumn<S[C]> } {
    return columnProxy(this.#column) as never;
  }
}

export function ewmFrame(
  scope: Scope,
  options: EwmOptions,
  frameOf: (frame: FrameState) => unknown,
  only?: readonly string[],
): EwmRows<ColumnTypes, ColumnTypes> {
  const { frame } = scope;
  checkNoWindow(scope, 'ewm');
  const column = (name: string): unknown => {
    frame.checkName(name, 'ewm');
    const args = [{ op: 'column', name }] as const;
    return new Ewm(
      options,
      (fn, checked) =>
        new Series({ frame }, overGroups(scope, { op: 'running', fn, args, options: checked })),
    );
  };
  const rows = new EwmRows<ColumnTypes, ColumnTypes>(
    options,
    (fn, checked) => frameOf(everyRunning(scope, fn, checked, only)),
    column,
  );
  return withColumns(rows, frame, column);
}

/**
 * An aggregation of your own: extend it and write `initial` and `onNew`; then it runs over all time, over
 * windows, per group and per windowed group.
 *
 * A window lets rows go. With `merge` it keeps one state per batch and merges those in view, which suits
 * everything that cannot be subtracted exactly; with `onOld` alone it takes the rows that leave away from
 * the running state; with neither it runs again over all rows in view, each time.
 *
 * States are plain data. The functions return new states and leave their arguments as they are.
 *
 * @typeParam Rows what the functions see: the rows of one column.
 */
export abstract class Aggregation<Rows, State, Result> {
  /** The state before any row. `rows` are the first ones, which `onNew` gets next. */
  abstract initial(rows: Rows): State;
  /** The state and result with `rows` added; there may be none. */
  abstract onNew(state: State, rows: Rows): readonly [State, Result];
  /** The state and result with `rows`, the oldest ones, taken away. Never called without rows. */
  onOld?(state: State, rows: Rows): readonly [State, Result];
  /** What `onNew` would have made of the rows of `earlier` and then those of `later`. */
  merge?(earlier: State, later: State): State;
}

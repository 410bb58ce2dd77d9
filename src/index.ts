export type { Estimate } from './aggregate/approx-distinct.ts';
export type { Interpolation } from './aggregate/interpolation.ts';
export type { LinearFit } from './aggregate/linear-fit.ts';
export type { Ohlc } from './aggregate/ohlc.ts';
export type { TopK } from './aggregate/top-k.ts';
export { Aggregation } from './aggregate/user-aggregation.ts';
export type { RejectedRow, Row as RowObject } from './columnar/build.ts';
export { ColumnRows as Column } from './columnar/column-rows.ts';
export { type ColumnsOf, toColumns } from './columnar/columns.ts';
export { type RowOfBatch, toRows } from './columnar/rows.ts';
export {
  bool,
  dateDay,
  dateMillisecond,
  decimal,
  dictionary,
  duration,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  schema,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from './columnar/schema.ts';
export type { FieldDifference } from './columnar/schema-diff.ts';
export type { Drift, DriftCounts, DriftReport, Int64As } from './columnar/schema-gate.ts';
export type { AnySchema, ColumnTypes, RowOf, ValueOf } from './columnar/type-families.ts';
export { type Clock, systemClock, type Timer } from './core/clock.ts';
export type { Disposes } from './core/dispose.ts';
export { type Duration, hours, minutes, ms, seconds } from './core/duration.ts';
export type { ErrorPolicy, FailedElement, RetryPolicy } from './core/error-policy.ts';
export { Graph, type GraphSnapshot, type NodeSnapshot } from './core/graph.ts';
export { type ElementMetadata, type Metadata, noMetadata, RefCounter } from './core/metadata.ts';
export { type Flow, Node, type NodeOptions } from './core/node.ts';
export type { NodeClass, StreamApi } from './core/plugin.ts';
export { Scope, type ScopeOptions } from './core/scope.ts';
export type { ErrorCode, SourcePosition } from './errors.ts';
export { GraphError, MillraceError, SchemaError, SourceError, UserCodeError } from './errors.ts';
export { coalesce, mapValues, maxOf, minOf, type Then, type When, when } from './expr/conditions.ts';
export type { DateExprs, ZoneOptions } from './expr/date-exprs.ts';
export type { Ewm, EwmOptions, EwmSpreadOptions } from './expr/ewm.ts';
export {
  type BetweenOptions,
  type CastOptions,
  type ClipOptions,
  col,
  Expr,
  literal,
  type MapOptions,
  rowNumber,
} from './expr/expr.ts';
export type {
  ExpandingOptions,
  Rolling,
  RollingOptions,
  RollingQuantileOptions,
  RollingWindow,
  SavedRunning,
} from './expr/rolling.ts';
export type { ForwardFillOptions } from './expr/running-options.ts';
export type { PatternOptions, StringExprs } from './expr/string-exprs.ts';
export type { CalendarUnit } from './expr/time-bins.ts';
export type { ServerSentEvent } from './formats/event-stream.ts';
export { type ByteSource, type IpcOptions, type ReadIpcOptions, readIpc } from './formats/ipc.ts';
export { toIpc } from './formats/ipc-write.ts';
export type { LineOptions } from './formats/lines.ts';
export {
  type AnySeries,
  concatFrames,
  type DataFrame,
  type ElementOf,
  type FrameOperand,
  frameOfColumns as frameOf,
  type SnapshotOperand,
  StreamingDataFrame,
  type StreamingDataFrameOptions,
} from './frame/dataframe.ts';
export type { EwmFrame, EwmRows } from './frame/ewm-frame.ts';
export type { ExplodeOptions } from './frame/explode.ts';
export type { FrameInput, QuarantinedBatch } from './frame/frame-node.ts';
export { type FromPlan, type FromPlanOptions, fromPlan, type PlanResult } from './frame/from-plan.ts';
export type {
  EvictedGroups,
  GroupBy,
  GroupByOptions,
  Grouped,
  GroupedFrame,
  GroupedSeries,
} from './frame/groupby.ts';
export type { Live } from './frame/live.ts';
export type { LiveOptions } from './frame/live-window.ts';
export type {
  AggInput,
  AggItemOptions,
  AggregationName,
  AggregationOptions,
  OtherColumn,
  Row,
  SkipOptions,
  Stated,
} from './frame/method-types.ts';
export type { MapPartitionsOptions, PartitionResult } from './frame/partitions.ts';
export type { Plan, PlanSource } from './frame/plan.ts';
export type { RollingFrame, RollingRows } from './frame/rolling-frame.ts';
export type { DedupeFrameOptions } from './frame/running-frames.ts';
export type { AggregationState, StateOptions } from './frame/saved-state.ts';
export type { Scalar, ScalarOperand, ScalarResult } from './frame/scalar.ts';
export type { Series, SeriesWhere } from './frame/series.ts';
export type { SortOptions } from './frame/sort.ts';
export type { StreamKind } from './frame/state.ts';
export { StreamingBatch } from './frame/streaming-batch.ts';
export type { ValueCountsFrame, ValueCountsOptions } from './frame/value-counts.ts';
export type { RowsWindow, ValueWindow, WindowArgument } from './frame/window-request.ts';
export type { WindowedFrame, WindowedRows } from './frame/windowed.ts';
export {
  describeGraph,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
} from './graph/describe.ts';
export type { MetricsOptions } from './graph/metrics.ts';
export type { NodeMetrics } from './graph/observer.ts';
export { type GraphTextOptions, type Rankdir, toDot, toMermaid } from './graph/text.ts';
export type { GraphPicture, VisualizeOptions } from './graph/visualize.ts';
export type { AccumulateOptions } from './nodes/accumulate.ts';
export type { BufferOptions } from './nodes/buffer.ts';
export type { CollectOptions } from './nodes/collect.ts';
export type { DedupeOptions } from './nodes/dedupe.ts';
export type { DelayOptions } from './nodes/delay.ts';
export type { MapAsyncContext, MapAsyncOptions } from './nodes/map-async.ts';
export type { InteropObservable, Observer, Subscription } from './nodes/observe.ts';
export type { PartitionOptions } from './nodes/partition.ts';
export type { PartitionUniqueOptions } from './nodes/partition-unique.ts';
export type { KeyOf } from './nodes/pick.ts';
export type { Sink, SinkOptions } from './nodes/sink.ts';
export type { SliceOptions } from './nodes/slice.ts';
export type { SlidingWindowOptions } from './nodes/sliding-window.ts';
export type { TimedWindowOptions } from './nodes/timed-window.ts';
export type { TimedWindowUniqueOptions } from './nodes/timed-window-unique.ts';
export type { UniqueOptions } from './nodes/unique.ts';
export type { ZipOptions, ZipSide } from './nodes/zip.ts';
export type { ZipLatestOptions } from './nodes/zip-latest.ts';
export {
  type LoadPluginsOptions,
  loadPlugins,
  type PluginLoader,
  type PluginManifest,
} from './plugins/load-plugins.ts';
export { type FileSink, type ToOpfsOptions, toOpfs } from './sinks/to-opfs.ts';
export { type ToReadableStreamOptions, toReadableStream } from './sinks/to-readable-stream.ts';
export { type Store, type StoreOptions, toStore } from './sinks/to-store.ts';
export {
  type SinkCounts,
  type SocketMessage,
  type SocketSink,
  type ToWebSocketOptions,
  toWebSocket,
} from './sinks/to-web-socket.ts';
export type { AckOptions } from './sources/acknowledger.ts';
export { BatchSource, type BatchSourceOptions } from './sources/batch-source.ts';
export { type BytesOptions, fromBlob, type LinesOptions } from './sources/from-blob.ts';
export { type EventSourceOptions, fromEventSource } from './sources/from-event-source.ts';
export { type EventOf, type EventTargetOptions, fromEventTarget } from './sources/from-event-target.ts';
export { type FetchOptions, fromFetch } from './sources/from-fetch.ts';
export { fromInterval, type IntervalOptions, type IntervalTick } from './sources/from-interval.ts';
export { fromIterable } from './sources/from-iterable.ts';
export {
  fromBroadcastChannel,
  fromMessagePort,
  type MessageEmitter,
  type MessageOptions,
  type MessageTarget,
} from './sources/from-message-port.ts';
export { fromOpfs } from './sources/from-opfs.ts';
export { fromPerformance, type PerformanceOptions } from './sources/from-performance.ts';
export { fromPeriodic, type PeriodicOptions, type Rows, type Tick } from './sources/from-periodic.ts';
export { fromPoll, type PollOptions } from './sources/from-poll.ts';
export { fromReadableStream } from './sources/from-readable-stream.ts';
export {
  type EventCounts,
  EventStreamSource,
  fromServerSentEvents,
  type ServerSentEventsOptions,
} from './sources/from-server-sent-events.ts';
export { type Collectable, fromTable, runOn, type TableOptions } from './sources/from-table.ts';
export { fromWebSocket, type WebSocketOptions } from './sources/from-web-socket.ts';
export {
  fromWebSocketMessages,
  MessageSource,
  type SocketMessageCounts,
  type WebSocketMessagesOptions,
} from './sources/from-web-socket-messages.ts';
export type { HeartbeatOptions } from './sources/heartbeat.ts';
export type { SourceCounts } from './sources/intake.ts';
export type { OpenSocketOptions, WebSocketConstructor, WebSocketLike } from './sources/open-socket.ts';
export {
  PeriodicDataFrame,
  type PeriodicDataFrameOptions,
  type PeriodicFrame,
  type PolledDataFrameOptions,
} from './sources/periodic-data-frame.ts';
export { type PushCounts, type PushOptions, PushSource } from './sources/push-source.ts';
export { Random, type RandomColumns, type RandomOptions } from './sources/random.ts';
export { type ReadLinesOptions, readLines, type TextSource } from './sources/read-lines.ts';
export type { ReadingOptions } from './sources/reading.ts';
export type { ResumeRequest, SocketOptions } from './sources/socket-source.ts';
export { Source, type SourceOptions, type SourceState } from './sources/source.ts';
// All of it, since only then what others declare for `Stream` of 'millrace' is merged into the class.
export * from './stream.ts';

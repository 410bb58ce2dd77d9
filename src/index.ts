export type { Duration } from './core/duration.ts';
export type { ErrorCode, SourcePosition } from './errors.ts';
export { GraphError, MillraceError, SchemaError, SourceError, UserCodeError } from './errors.ts';

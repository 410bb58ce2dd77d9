export type { FrameOptions, TextEncoding } from './frame-options.ts';
export { fromTextFile, type TextFileOptions } from './from-text-file.ts';
export { type LoadPackagesOptions, loadPlugins } from './load-plugins.ts';
export { type ChunkSource, type ReadLinesOptions, readLines } from './read-lines.ts';

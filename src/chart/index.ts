export { type Chart, type ChartCounters, chart } from './chart.ts';
export type { ChartOptions } from './options.ts';
export type { ChartFrame, ChartValues } from './source.ts';
export type { ChartSpec } from './spec.ts';
export type { ChartTheme } from './theme.ts';

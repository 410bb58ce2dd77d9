import type { Json } from './spec.ts';

/** Name of the signal that holds the colour of everything which is not data. */
export const inkSignal = 'millraceInk';

/** `auto`: the colour of the text around the chart, so it fits whatever the page does. */
export type ChartTheme = 'auto' | 'light' | 'dark';

export const inks: Readonly<Record<'light' | 'dark', string>> = { light: '#24292f', dark: '#e6e8eb' };

/** At least 3 : 1 against white and against near-black alike, and apart for the colour-blind. */
export const palette: readonly string[] = [
  '#3b82c4',
  '#d9651c',
  '#2a9d6f',
  '#c2509a',
  '#a07d10',
  '#7c6ad6',
  '#2b98ad',
  '#c0504d',
];

/** Vega-Lite's configuration for a chart without a background of its own, in one ink that can change at any time. */
export function themeConfig(font: string | undefined, aria: boolean): Json {
  const ink = { expr: inkSignal };
  const text = {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 500,
  };
  return {
    ...(font === undefined || font === '' ? {} : { font }),
    ...(aria ? {} : { aria: false }),
    background: 'transparent',
    timeFormat: '%Y-%m-%d %H:%M:%S',
    padding: 4,
    view: { stroke: 'transparent' },
    title: { color: ink, subtitleColor: ink, anchor: 'start', fontSize: 13, fontWeight: 600 },
    axis: {
      ...text,
      domainColor: ink,
      domainOpacity: 0.35,
      tickColor: ink,
      tickOpacity: 0.35,
      gridColor: ink,
      gridOpacity: 0.12,
      labelOpacity: 0.85,
      labelPadding: 4,
      labelSeparation: 6,
      titlePadding: 8,
    },
    // Labels near the ends of a sliding axis lean inwards instead of hanging over the edge.
    axisXTemporal: { grid: false, labelFlush: 24, tickCount: { expr: 'max(1, floor(width / 100))' } },
    axisXQuantitative: { labelFlush: 16, tickCount: { expr: 'max(1, floor(width / 70))' } },
    axisXDiscrete: { labelLimit: 120 },
    axisYQuantitative: { minExtent: 28 },
    header: { labelColor: ink, titleColor: ink },
    legend: { ...text, labelLimit: 160 },
    range: { category: palette },
    mark: { color: palette[0] },
    rule: { color: ink },
    text: { color: ink },
    line: { strokeWidth: 1.75, strokeJoin: 'round' },
    area: { fillOpacity: 0.6, line: false },
  };
}

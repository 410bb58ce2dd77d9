import { float64, StreamingDataFrame, schema, timestamp, utf8 } from 'millrace';
import { chart } from 'millrace/chart';
import type { Panel } from '../page/panel.ts';

/** What the browser says of this page: the time of each frame, and its performance entries. */
export function showPage(panel: Panel): void {
  const frames = new StreamingDataFrame({ schema: schema({ time: timestamp(), ms: float64 }), time: 'time' });
  const entries = new StreamingDataFrame({ schema: schema({ type: utf8, ms: float64 }) });

  frames
    .window('1s')
    .numRows()
    .sink((fps) => panel.show('fps', fps));
  const recent = frames.window('10s');
  recent.ms.mean().sink((ms) => panel.show('mean', ms));
  recent.ms.max().sink((ms) => panel.show('longest', ms));
  entries.numRows().sink((rows) => panel.show('entries', rows));
  entries
    .filter((entry) => entry.type.eq('longtask'))
    .numRows()
    .sink((rows) => panel.show('tasks', rows));

  chart(
    '#frames',
    frames,
    {
      description: 'Milliseconds between one frame and the next',
      mark: { type: 'area', line: true, interpolate: 'step' },
      encoding: {
        x: { field: 'time', title: null },
        y: { field: 'ms', title: 'milliseconds', scale: { domain: { unionWith: [0, 40] } } },
      },
    },
    { backlog: '10s', zone: 'local' },
  );
  chart('#entries', entries.groupby('type').size(), {
    description: 'How many performance entries of each type there were',
    mark: 'bar',
    encoding: {
      y: { field: 'type', title: null, sort: '-x' },
      x: { field: 'size', title: 'entries', axis: { tickMinStep: 1, format: '~s' } },
    },
  });

  let last: number | undefined;
  const onFrame = (at: number): void => {
    if (last !== undefined) frames.emit([{ time: performance.timeOrigin + at, ms: at - last }]);
    last = at;
    panel.heard();
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);

  const observer = new PerformanceObserver((list) => {
    entries.emit(list.getEntries().map(({ entryType, duration }) => ({ type: entryType, ms: duration })));
  });
  for (const type of PerformanceObserver.supportedEntryTypes) observer.observe({ type, buffered: true });
}

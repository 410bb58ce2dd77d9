import { float64, PeriodicDataFrame, schema, timestamp, utf8 } from 'millrace';
import { chart } from 'millrace/chart';
import type { Panel } from '../page/panel.ts';

/** One row per core and reading; what belongs to the whole machine is the same in each of them. */
const columns = schema({
  time: timestamp(),
  core: utf8,
  busy: float64,
  load: float64,
  memoryUsed: float64,
  received: float64,
  sent: float64,
});

/** The counters of the machine behind this page, polled twice a second. */
export function showMachine(panel: Panel): void {
  const machine = new PeriodicDataFrame('api/machine', {
    interval: '500ms',
    schema: columns,
    time: 'time',
    timeout: '5s',
    maxDelay: '5s',
    onError: (error) => panel.failed(error),
  });
  machine.sink(() => panel.heard());

  // The newest row says how things are now.
  const now = machine.window(1);
  now.load.max().sink((load) => panel.show('load', load));
  now.memoryUsed.max().sink((bytes) => panel.show('memory', bytes));
  now.received.max().sink((bytes) => panel.show('received', bytes));
  now.sent.max().sink((bytes) => panel.show('sent', bytes));

  // The last minute, over all cores and core by core.
  const minute = machine.window('1m');
  minute.busy.mean().sink((busy) => panel.show('mean', busy));
  minute.busy.max().sink((busy) => panel.show('most', busy));
  const byCore = minute.groupby('core').busy.agg({ mean: 'mean', most: 'max' });

  const percent = { domain: [0, 100] };
  chart(
    '#cores',
    machine,
    {
      description: 'How busy each core is, over the last three minutes',
      mark: { type: 'line', interpolate: 'monotone' },
      encoding: {
        x: { field: 'time', title: null },
        y: { field: 'busy', title: 'busy, %', scale: percent },
        color: { field: 'core', title: null, legend: { orient: 'top', columns: 8 } },
      },
    },
    { backlog: '3m', zone: 'local' },
  );
  chart('#minute', byCore, {
    description: 'How busy each core was over the last minute, on average and at most',
    encoding: { y: { field: 'core', title: null, axis: { labelOverlap: true } } },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.6 }, opacity: 0.75 },
        encoding: {
          x: { field: 'mean', title: 'busy, %', scale: percent },
          color: { field: 'core', legend: null },
        },
      },
      {
        mark: { type: 'tick', thickness: 3, height: { band: 0.6 } },
        encoding: { x: { field: 'most' }, color: { field: 'core' } },
      },
    ],
  });
}

import {
  float32,
  float64,
  fromIterable,
  fromWebSocket,
  int16,
  StreamingDataFrame,
  schema,
  timestamp,
} from 'millrace';
import { chart } from 'millrace/chart';
import { replayInPage } from '../flights/in-page.ts';
import type { Panel } from '../page/panel.ts';

const columns = schema({
  departure: timestamp(), // the time key: windows such as '2h' go by it
  hour: float32, // of the day, with a fraction
  distance: int16, // miles
  delay: int16, // minutes
});

const bands = [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500];

/** Delays in a window of the flights: by distance, and over the day. */
export function showFlights(panel: Panel, url: string | undefined) {
  let rate = 10_000;
  let socket: WebSocket | undefined;
  const tell = () => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ rate }));
  const onOpen = (opened: WebSocket) => {
    socket = opened;
    tell();
  };
  // A real socket where there is a server, else the same batches made in the page.
  const source = url
    ? fromWebSocket(url, { onOpen, maxDelay: '5s' })
    : fromIterable(replayInPage(() => rate));
  source.states.sink((state) => panel.state(state));
  source.errors.sink((error) => panel.failed(error));

  const flights = source.toDataFrame({ schema: columns, time: 'departure' }).assign({
    band: (flight) => flight.distance.floordiv(250).mul(250),
    quarter: (flight) => flight.hour.mul(4).floordiv(1).div(4),
  });
  const newest = flights.agg({ rows: 'size', departure: 'max' });
  newest.sink(({ rows, departure }) => {
    panel.show('rows', rows);
    panel.show('departure', departure);
  });

  // One row per batch, by the clock of the reader. It comes last, so the lag is that of the work above, too.
  const arrivals = new StreamingDataFrame({
    schema: schema({ time: timestamp(), rows: float64, lag: float64 }),
    time: 'time',
  });
  const lately = arrivals.window('2s').agg({ rows: 'sum', lag: 'max' });
  lately.sink(({ rows, lag }) => {
    panel.show('speed', rows / 2);
    panel.show('lag', lag);
  });
  source.sink(({ numRows, schema: { metadata } }) => {
    const time = Date.now();
    arrivals.emit([{ time, rows: numRows, lag: time - Number(metadata.get('sent')) }]);
    panel.show('skipped', Number(metadata.get('skipped')));
    panel.heard();
  });

  const minutes = { domain: { unionWith: [-10, 60] } };
  let view = new AbortController();
  const show = (window: string | number) => {
    view.abort();
    view = new AbortController();
    const { signal } = view;
    const rows = window === 'all' ? flights : flights.window(window);
    rows.numRows().sink((count) => panel.show('view', count), { signal });
    rows.delay.mean().sink((delay) => panel.show('mean', delay), { signal });

    const byDistance = rows
      .groupby('band')
      .delay.mean()
      .filter((group) => group.band.lt(2750));
    chart(
      '#by-distance',
      byDistance,
      {
        description: 'Mean delay in minutes by distance in bands of 250 miles',
        mark: 'bar',
        encoding: {
          x: {
            field: 'band',
            type: 'ordinal',
            title: 'distance, miles, in bands of 250',
            scale: { domain: bands },
            axis: { labelAngle: 0, labelOverlap: true },
          },
          y: { field: 'delay', title: 'mean delay, minutes', scale: { domain: { unionWith: [0, 15] } } },
        },
      },
      { signal },
    );

    const overDay = rows
      .groupby('quarter')
      .delay.agg({ mean: 'mean', spread: 'std' })
      .filter((group) => group.quarter.ge(5));
    chart(
      '#by-hour',
      overDay,
      {
        description: 'Mean and standard deviation of the delay, by quarter hours of the departure',
        encoding: {
          x: { field: 'quarter', title: 'departure, hour of the day', scale: { domain: [5, 24] } },
        },
        layer: [
          {
            mark: { type: 'line', clip: true, color: '#d9651c' },
            encoding: { y: { field: 'spread', title: 'delay, minutes', scale: minutes } },
          },
          {
            mark: { type: 'line', clip: true, strokeWidth: 2.5 },
            encoding: {
              y: { field: 'mean', title: 'delay, minutes', scale: minutes },
            },
          },
        ],
      },
      { signal },
    );
  };

  const setRate = (rowsPerSecond: number) => {
    rate = rowsPerSecond;
    tell();
  };
  return { show, setRate };
}

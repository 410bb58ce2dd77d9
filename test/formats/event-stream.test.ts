import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventStreamDecoder, type ServerSentEvent } from '../../src/formats/event-stream.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** All events of pieces that arrive one after the other. */
function read(pieces: readonly Uint8Array[], decoder = new EventStreamDecoder()): ServerSentEvent[] {
  return pieces.flatMap((piece) => [...decoder.push(piece)]);
}

const eventsOf = (text: string) => read([bytes(text)]);
const message = (data: string, id = '') => ({ type: 'message', data, id });

describe('EventStreamDecoder', () => {
  test('joins the lines of data, and takes one space after the colon away', () => {
    expect(eventsOf('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([message('YHOO\n+2\n10')]);
    expect(eventsOf('data:test\n\ndata: test\n\ndata:  test\n\n')).toEqual([
      message('test'),
      message('test'),
      message(' test'),
    ]);
  });

  test('keeps the last id for events without one, and forgets it with an empty one', () => {
    const text =
      ': a comment\n\ndata: first\nid: 1\n\ndata: none of its own\n\ndata:second\nid\n\ndata:  third\n\n';
    expect(eventsOf(text)).toEqual([
      message('first', '1'),
      message('none of its own', '1'),
      message('second'),
      message(' third'),
    ]);
  });

  test('gives an event with empty data, and none without data or without its empty line', () => {
    expect(eventsOf('data\n\ndata\ndata\n\nevent: lone\n\ndata:')).toEqual([message(''), message('\n')]);
  });

  test('remembers the id and the retry of what gives no event', () => {
    const decoder = new EventStreamDecoder({ lastEventId: '3' });
    read([bytes('id: 4\nretry: 1500\n\nid: 5\n')], decoder);
    expect([decoder.lastEventId, decoder.retryMs]).toEqual(['4', 1500]);
    read([bytes('\n')], decoder);
    expect(decoder.lastEventId).toBe('5');
  });

  test('passes over ids with NUL, retries that are no number, and unknown fields', () => {
    const decoder = new EventStreamDecoder();
    const events = read(
      [bytes('id: a\0b\nretry: 1s\nretry: -1\nretry\ncolour: red\nData: no\n data: no\ndata: x\n\n')],
      decoder,
    );
    expect(events).toEqual([message('x')]);
    expect(decoder.retryMs).toBeUndefined();
  });

  test('names the type of one event only', () => {
    expect(eventsOf('event: add\ndata: 1\n\ndata: 2\n\nevent\ndata: 3\n\n').map(({ type }) => type)).toEqual([
      'add',
      'message',
      'message',
    ]);
  });

  test('leaves out one byte order mark at the start', () => {
    expect(read([Uint8Array.of(0xef, 0xbb, 0xbf), bytes('data: x\n\n')])).toEqual([message('x')]);
    expect(eventsOf('\ufeff\ufeffdata: x\n\ndata: y\n\n')).toEqual([message('y')]);
  });

  test('refuses an event that is too long, after those before it, and counts neither comments nor what is done', () => {
    const decoder = new EventStreamDecoder({ maxEventLength: 8 });
    for (let i = 0; i < 10; i++) {
      expect(read([bytes(': a'), bytes('live\ndata: 12'), bytes('3\n\n')], decoder)).toHaveLength(1);
    }
    const events: ServerSentEvent[] = [];
    expect(() => {
      for (const event of decoder.push(bytes('data: ok\n\ndata: 12345\ndata: 67890\n\n'))) events.push(event);
    }).toThrow('event is longer than 8 characters (maxEventLength)');
    expect(events).toEqual([message('ok')]);
    expect(() => read([bytes('data: 1234567890')], new EventStreamDecoder({ maxEventLength: 8 }))).toThrow(
      /longer/,
    );
  });

  test('gives the same wherever the bytes are cut and whatever ends the lines', () => {
    const line = fc.constantFrom(
      'data: ä𝄞',
      'data',
      'data:x',
      'id: 7',
      'id',
      'event: e',
      'retry: 9',
      ': c',
      '',
      '',
    );
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const cuts = fc.array(fc.nat({ max: 200 }));
    fc.assert(
      fc.property(fc.array(line), end, cuts, (lines, ending, places) => {
        const expected = eventsOf(lines.map((text) => `${text}\n`).join(''));
        const whole = bytes(lines.map((text) => `${text}${ending}`).join(''));
        const at = [0, ...places.filter((place) => place < whole.length).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((stop, i) => whole.subarray(at[i], stop));
        expect(read(pieces)).toEqual(expected);
      }),
    );
  });
});

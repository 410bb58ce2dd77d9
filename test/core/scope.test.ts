import { describe, expect, test, vi } from 'vitest';
import { Scope } from '../../src/core/scope.ts';
import { Stream } from '../../src/stream.ts';

describe('a scope', () => {
  test('ends what it owns, the newest first, and what has its signal', () => {
    const scope = new Scope();
    const log: string[] = [];
    scope.defer(() => void log.push('first'));
    scope.defer(() => void log.push('second'));
    const source = new Stream<number>();
    const sinks = [scope.own(source.sink(() => {})), source.sink(() => {}, { signal: scope.signal })];
    scope.dispose();
    scope.dispose();
    expect(log).toEqual(['second', 'first']);
    expect(sinks.map(({ disposed }) => disposed)).toEqual([true, true]);
    expect(source.node.active).toBe(false);
  });

  test('ends with using', () => {
    const source = new Stream<number>();
    {
      using scope = new Scope();
      scope.own(source.sink(() => {}));
      expect(source.node.active).toBe(true);
    }
    expect(source.node.active).toBe(false);
  });

  test('ends at once what comes too late, and with its own signal', () => {
    const controller = new AbortController();
    const scope = new Scope({ signal: controller.signal });
    controller.abort();
    const sink = scope.own(new Stream<number>().sink(() => {}));
    expect([scope.disposed, sink.disposed]).toEqual([true, true]);
    expect(new Scope({ signal: controller.signal }).disposed).toBe(true);
  });

  test('ends the rest where one fails, and reports the failure', () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const scope = new Scope();
    const log: string[] = [];
    scope.defer(() => void log.push('rest'));
    scope.defer(() => {
      throw new Error('cannot end');
    });
    scope.dispose();
    expect(log).toEqual(['rest']);
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });
});

import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { settle } from '../../src/testing/index.ts';

describe('RefCounter', () => {
  test('calls onDone once, when the last holder lets go', () => {
    const onDone = vi.fn();
    const ref = new RefCounter({ onDone });
    ref.retain(2);
    ref.release();
    expect([ref.count, ref.done, onDone.mock.calls.length]).toEqual([1, false, 0]);
    ref.release();
    expect([ref.count, ref.done]).toEqual([0, true]);
    ref.retain();
    ref.release();
    expect(onDone.mock.calls).toEqual([[]]);
  });

  test('gives onDone the first failure', () => {
    const onDone = vi.fn();
    const ref = new RefCounter({ onDone });
    ref.retain();
    ref.fail('first');
    ref.fail('second');
    ref.release();
    expect(onDone.mock.calls).toEqual([['first']]);
  });

  test('takes undefined for a failure like any other', () => {
    const onDone = vi.fn();
    const ref = new RefCounter({ onDone });
    ref.retain();
    ref.fail(undefined);
    ref.release();
    expect(onDone.mock.calls).toEqual([[undefined]]);
  });

  test('reports what onDone throws and goes on', () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ref = new RefCounter({
      onDone() {
        throw new Error('no commit');
      },
    });
    ref.retain();
    expect(() => ref.release()).not.toThrow();
    expect(report).toHaveBeenCalledWith(new Error('no commit'));
    report.mockRestore();
  });

  test('reports what the promise of onDone rejects with', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ref = new RefCounter({ onDone: () => Promise.reject(new Error('no commit')) });
    ref.retain();
    ref.release();
    await settle();
    expect(report).toHaveBeenCalledWith(new Error('no commit'));
    report.mockRestore();
  });
});

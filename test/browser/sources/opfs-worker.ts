import { toOpfs } from '../../../src/sinks/to-opfs.ts';
import { Stream } from '../../../src/stream.ts';

// Writes the lines it gets into a file, and says so when the file is closed.
self.addEventListener(
  'message',
  async ({ data }: MessageEvent<{ path: string; lines: string[]; append: boolean }>) => {
    const stream = new Stream<string>();
    const sink = toOpfs(stream, data.path, { append: data.append });
    for (const line of data.lines) await stream.emit(line);
    sink.dispose();
    await sink.done;
    self.postMessage(sink.bytes);
  },
);

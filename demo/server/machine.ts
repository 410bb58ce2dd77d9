import { readFile } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';

/** One row per core; what belongs to the whole machine is the same in each of them. */
export interface MachineRow {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly core: string;
  /** Share of the time since the last row that the core was busy, in percent. */
  readonly busy: number;
  /** Processes that run or wait to, mean of the last minute. Missing on Windows, which does not count them. */
  readonly load: number | null;
  /** Bytes. */
  readonly memoryUsed: number;
  readonly memoryTotal: number;
  /** Bytes a second over all interfaces but the machine's own loop; missing where they cannot be read. */
  readonly received: number | null;
  readonly sent: number | null;
}

interface Sample {
  readonly time: number;
  readonly cores: readonly { readonly idle: number; readonly total: number }[];
  readonly network: Traffic | undefined;
}

interface Traffic {
  readonly received: number;
  readonly sent: number;
}

/** Requests closer together than this get the same rows. */
const freshMs = 250;

/** The counters of this machine. Each reading is about the time since the one before. */
export class MachineCounters {
  #last: Sample | undefined;
  #rows: readonly MachineRow[] = [];
  #reading: Promise<readonly MachineRow[]> | undefined;

  read(): Promise<readonly MachineRow[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<readonly MachineRow[]> {
    if (this.#last === undefined) {
      this.#last = await takeSample();
      await new Promise((resolve) => setTimeout(resolve, freshMs));
    }
    if (Date.now() - this.#last.time < freshMs && this.#rows.length > 0) return this.#rows;
    const sample = await takeSample();
    this.#rows = rowsBetween(this.#last, sample);
    this.#last = sample;
    return this.#rows;
  }
}

async function takeSample(): Promise<Sample> {
  const network = await readTraffic();
  const cores = cpus().map(({ times }) => ({
    idle: times.idle,
    total: times.user + times.nice + times.sys + times.idle + times.irq,
  }));
  return { time: Date.now(), cores, network };
}

function rowsBetween(before: Sample, after: Sample): MachineRow[] {
  const seconds = Math.max(0.001, (after.time - before.time) / 1000);
  const perSecond = (key: keyof Traffic): number | null =>
    before.network === undefined || after.network === undefined
      ? null
      : Math.max(0, (after.network[key] - before.network[key]) / seconds);
  const whole = {
    load: process.platform === 'win32' ? null : loadavg()[0]!,
    memoryUsed: totalmem() - freemem(),
    memoryTotal: totalmem(),
    received: perSecond('received'),
    sent: perSecond('sent'),
  };
  return after.cores.map((core, i) => {
    const last = before.cores[i] ?? core;
    const total = core.total - last.total;
    const busy = total > 0 ? 100 * (1 - (core.idle - last.idle) / total) : 0;
    return { time: after.time, core: `core ${i}`, busy: Math.min(100, Math.max(0, busy)), ...whole };
  });
}

async function readTraffic(): Promise<Traffic | undefined> {
  let text: string;
  try {
    text = await readFile('/proc/net/dev', 'utf8');
  } catch {
    return undefined; // only Linux has it
  }
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n').slice(2)) {
    const [name, counters] = line.split(':');
    if (counters === undefined || name!.trim() === 'lo') continue;
    const numbers = counters.trim().split(/\s+/).map(Number);
    received += numbers[0] ?? 0;
    sent += numbers[8] ?? 0;
  }
  return { received, sent };
}

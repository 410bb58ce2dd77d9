import { MalformedError } from './flatbuffer.ts';
import { describeBytes, sniff } from './sniff.ts';

/** How a response is read. */
export type TableFormat = 'arrow' | 'json' | 'ndjson';

const [openArray, openObject] = [0x5b, 0x7b];
const linesTypes = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq)$/;

/** What a content type promises; `undefined` for one that says nothing of rows. */
export function formatOfMediaType(contentType: string | null): TableFormat | undefined {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  if (type.startsWith('application/vnd.apache.arrow')) return 'arrow';
  if (linesTypes.test(type)) return 'ndjson';
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json') ? 'json' : undefined;
}

/**
 * How to read a body that starts with `head`. Bytes that can be only one thing decide over the content type, which
 * servers often leave at a default.
 *
 * @throws MalformedError for an HTML page and the like, saying what it is.
 */
export function formatOfBody(head: Uint8Array, contentType: string | null): TableFormat {
  const promised = formatOfMediaType(contentType);
  const seen = sniff(head);
  if (seen === 'arrow' || seen === 'arrow-file') return 'arrow';
  if (seen === 'json') {
    if (promised === 'json' || promised === 'ndjson') return promised;
    return head.find((byte) => byte === openArray || byte === openObject) === openArray ? 'json' : 'ndjson';
  }
  if (promised === 'ndjson' && (seen === 'empty' || seen === 'text')) return 'ndjson';
  if (promised === 'json' && seen === 'text') return 'json';
  if (promised === 'arrow') return 'arrow';
  if (seen === 'binary' && promised === undefined && !isNamed(head)) return 'arrow';
  const wanted = promised === undefined ? 'Arrow, JSON or NDJSON' : promised === 'json' ? 'JSON' : 'NDJSON';
  throw new MalformedError(`expected ${wanted}, got ${describeBytes(head)}`);
}

/** Whether the bytes are of a kind that has a name, and so no old Arrow stream. */
function isNamed(head: Uint8Array): boolean {
  return !describeBytes(head).startsWith('bytes ');
}

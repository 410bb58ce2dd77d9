/** What some bytes seem to be. */
export type Sniffed = 'arrow' | 'arrow-file' | 'json' | 'html' | 'text' | 'binary' | 'empty';

const magics: readonly (readonly [string, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a zip file', [0x50, 0x4b, 3, 4]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['an old Feather file', [0x46, 0x45, 0x41, 0x31]],
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Looks at the first bytes (16 are enough, more give a better excerpt). */
export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return 'empty';
  if (startsWith(bytes, [0xff, 0xff, 0xff, 0xff])) return 'arrow';
  if (startsWith(bytes, [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31])) return 'arrow-file';
  const start = textStart(bytes);
  if (start === undefined) return 'binary';
  if (start === '') return 'text';
  if (start[0] === '<') return 'html';
  return start[0] === '{' || start[0] === '[' ? 'json' : 'text';
}

/** `an HTML page: "<!doctype html>…"`, `JSON: "{…"`, `gzip`: what the bytes look like, for an error. */
export function describeBytes(bytes: Uint8Array): string {
  for (const [name, magic] of magics) if (startsWith(bytes, magic)) return name;
  switch (sniff(bytes)) {
    case 'empty':
      return 'nothing';
    case 'arrow':
      return 'an Arrow stream';
    case 'arrow-file':
      return 'an Arrow file';
    case 'html':
      return `${/^<\?xml/i.test(textStart(bytes)!) ? 'an XML document' : 'an HTML page'}: ${excerpt(bytes)}`;
    case 'json':
      return `JSON: ${excerpt(bytes)}`;
    case 'text':
      return `text: ${excerpt(bytes)}`;
    case 'binary':
      return `bytes ${Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
  }
}

/** The start of a text, on one line and quoted. */
export function excerpt(bytes: Uint8Array, length = 80): string {
  const text = new TextDecoder()
    .decode(bytes.subarray(0, length * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text);
}

/** The first characters without leading space; `undefined` where the bytes are no text. */
function textStart(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 64);
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32)) return undefined;
  try {
    // A stream, so that a sequence cut off at the end of the excerpt is no sign of anything.
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }).trimStart();
  } catch {
    return undefined;
  }
}

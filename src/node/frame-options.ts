/** How text is written as bytes. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'latin1';

/** How bytes are cut into parts. */
export interface FrameOptions {
  /** What ends a part. Default `'\n'`. */
  delimiter?: string | Uint8Array | undefined;
  /** Whether a part keeps the delimiter at its end. Default `true`. */
  keepDelimiter?: boolean | undefined;
  /** Most bytes of a part, its delimiter not counted; a longer one is reported and passed over. */
  maxLine?: number | undefined;
  /** What the bytes of a text are. What is no text in it becomes U+FFFD. Default `'utf-8'`. */
  encoding?: TextEncoding | undefined;
}

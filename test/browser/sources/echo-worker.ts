import { fromMessagePort } from '../../../src/sources/from-message-port.ts';

// Gives back ten times what it gets, and closes when it gets nothing.
const source = fromMessagePort<number | null>(self);
source.sink((value) => {
  if (value === null) source.dispose();
  else self.postMessage(value * 10);
});

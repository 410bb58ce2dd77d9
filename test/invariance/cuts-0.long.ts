import { test } from 'vitest';
import { checkHalf } from './check-half.ts';

test('no answer depends on how 10,000 rows are cut into batches', () => checkHalf(0));

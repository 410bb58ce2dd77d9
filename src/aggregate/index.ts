export { count } from './count.ts';
export { max } from './max.ts';
export { mean } from './mean.ts';
export { min } from './min.ts';
export { size } from './size.ts';
export { std } from './std.ts';
export { sum } from './sum.ts';
export { variance as var } from './variance.ts';

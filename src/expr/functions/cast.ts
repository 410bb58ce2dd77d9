import { DataType } from 'apache-arrow';
import { canCast, cast, type Misfit, type OffsetAt } from '../../columnar/cast.ts';
import { plainStrings } from '../../columnar/plain-strings.ts';
import { typeFromName } from '../../columnar/type-from-name.ts';
import { quote, SchemaError } from '../../errors.ts';
import { operand, wrongType } from '../bound.ts';
import { type CallTree, describe } from '../tree.ts';
import { isText } from '../type-kinds.ts';
import { Zone } from '../zone.ts';
import type { FunctionDefinition } from './definition.ts';
import { overText } from './text.ts';

/** The type that an option names. */
export function typeOption(tree: CallTree): DataType {
  const name = String(tree.options?.type);
  const type = typeFromName(name);
  if (type !== undefined) return type;
  throw new SchemaError('bad-option', `${describe(tree)}: no type ${quote(name)}`);
}

function misfitOf(tree: CallTree, name: string): Misfit {
  if (tree.options?.onError === 'null') return () => {};
  return (row, value) => {
    const shown =
      typeof value === 'string' ? quote(value) : typeof value === 'bigint' ? `${value}n` : String(value);
    throw new SchemaError(
      'bad-value',
      `${describe(tree)}: ${shown} in row ${row} does not fit ${name}; { onError: 'null' } makes null of it`,
    );
  };
}

function offsetsOf(type: DataType): OffsetAt | undefined {
  if (!DataType.isTimestamp(type) || !type.timezone) return undefined;
  const zone = new Zone(type.timezone, 'cast');
  return (second) => zone.offsetAt(second);
}

/** Values as those of another type. */
export const castFunction: FunctionDefinition = {
  name: 'cast',
  bind(tree, [arg]) {
    const from = arg!.type;
    const to = typeOption(tree);
    const plain = DataType.isDictionary(from) && isText(from) ? from.dictionary : from;
    const name = String(tree.options?.type);
    if (!canCast(plain, to)) {
      const clocks = DataType.isTimestamp(from) && DataType.isTimestamp(to);
      throw wrongType(
        tree,
        `cannot cast ${operand(tree.args[0]!, from)} to ${name}`,
        clocks ? 'a time on the wall is no instant' : '',
      );
    }
    const misfit = misfitOf(tree, name);
    if (isText(from)) return overText(tree, arg!, to, (column) => cast(column, to, misfit));
    const offsetAt = offsetsOf(from);
    return {
      type: to,
      evaluate: (rows) => {
        const column = plainStrings(arg!.evaluate(rows));
        return cast(column, to, misfit, offsetAt);
      },
    };
  },
};

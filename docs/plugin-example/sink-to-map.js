/** Keeps the newest element of each key in `map`, until the sink is disposed of. */
export function sinkToMap(stream, map, keyOf) {
  return stream.sink((value) => void map.set(keyOf(value), value), { name: 'sinkToMap' });
}

/**
 * Shares a limit among names: in name order each takes what it asks for until nothing is left, so that the outcome
 * does not depend on the order of arrival.
 *
 * @param asked how much each name asks for
 * @returns what each name gets, as a function; constant-time for every name when all fit
 */
export function shareLimit<K extends string>(asked: ReadonlyMap<K, number>, total: number, limit: number): (name: K) => number {
  if (total <= limit) return (name) => asked.get(name) ?? 0;
  const granted = new Map<K, number>();
  let left = limit;
  for (const name of [...asked.keys()].toSorted()) {
    const share = Math.min(left, asked.get(name) ?? 0);
    granted.set(name, share);
    left -= share;
  }
  return (name) => granted.get(name) ?? 0;
}

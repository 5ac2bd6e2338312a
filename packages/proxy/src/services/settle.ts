/**
 * Puts `wanted` into the slots of `before`, moving as little as it can: a leaver's slot goes to a newcomer, else to
 * the last in line; further newcomers queue at the end. Slots have no gaps.
 */
export function settle<T>(before: readonly T[], wanted: readonly T[]): T[] {
  const held = new Set(before);
  const staying = new Set(wanted);
  const newcomers = wanted.filter((item) => !held.has(item));
  const slots = [...before];
  // From the end, so that the last in line is always one that stays.
  for (let i = slots.length - 1; i >= 0; i--) {
    if (staying.has(slots[i] as T)) continue;
    const newcomer = newcomers.shift();
    if (newcomer !== undefined) slots[i] = newcomer;
    else {
      const last = slots.pop() as T;
      if (i < slots.length) slots[i] = last;
    }
  }
  return [...slots, ...newcomers];
}

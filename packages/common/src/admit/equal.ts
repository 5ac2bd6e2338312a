/** True when both are the same plain data, built with their fields in the same order, as one schema builds them. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

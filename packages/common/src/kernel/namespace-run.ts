import { pathToFileURL } from "node:url";
import type { NamespaceCase } from "./namespace.ts";

// Started by namespace.ts as `node namespace-run.ts <module>`: runs its cases and prints what came of each, a line of
// JSON as soon as it is known.
const { cases } = (await import(pathToFileURL(process.argv[2] ?? "").href)) as { cases: readonly NamespaceCase[] };
for (const { name, run } of cases) {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
  );
  process.stdout.write(`${JSON.stringify({ name, error })}\n`);
}
process.stdout.write("", () => process.exit());

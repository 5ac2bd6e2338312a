import { pathToFileURL } from "node:url";
import type { NamespaceCase } from "./namespace.ts";

// Started by namespace.ts as `node namespace-run.ts <module>`: runs its cases and prints what came of each as JSON.
const { cases } = (await import(pathToFileURL(process.argv[2] ?? "").href)) as { cases: readonly NamespaceCase[] };
const results: { name: string; error?: string }[] = [];
for (const { name, run } of cases)
  results.push(
    await run().then(
      () => ({ name }),
      (error: unknown) => ({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    ),
  );
process.stdout.write(JSON.stringify(results), () => process.exit());

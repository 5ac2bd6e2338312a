import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { cases as routing } from "@sdn-tunnel/common/kernel/rtnetlink.netns";
import { cases as device } from "@sdn-tunnel/tunnel/peers/genl.netns";
import { cases as daemon } from "./daemon-cases.ts";

// Started by kernel.test.ts in the VM: runs the suites and prints what came of each case, a line of JSON each. With arguments, only the suites so named.
const suites: Readonly<Record<string, readonly NamespaceCase[]>> = { routing, device, daemon };
const wanted = process.argv.slice(2);
for (const [suite, cases] of Object.entries(suites).filter(([suite]) => wanted.length === 0 || wanted.includes(suite)))
  for (const { name, run } of cases) {
    const started = performance.now();
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
    );
    process.stdout.write(`${JSON.stringify({ suite, name, error, ms: Math.round(performance.now() - started) })}\n`);
  }
process.exit();

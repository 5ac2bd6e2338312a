import type { DemoReport } from "@sdn-tunnel/lab/demo/report";
import type { Row } from "./suite.ts";

/** A line of JSON for each case, as `common/kernel/namespace-run` prints them; other lines are a program's own. */
export function readCases(stdout: string): Row[] {
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Row);
}

/** The document of `npm run demo -- --json`: a case for each check and each twin. */
export function readDemo(stdout: string): Row[] {
  const { checks } = JSON.parse(stdout) as DemoReport;
  return checks.flatMap(({ name, ok, ms, detail, twin }) => {
    // A check whose twin holds is not ok either; then the twin's row says why.
    const held = ok || twin?.ok === false;
    const rows: Row[] = [{ name, detail: `${ms} ms: ${detail}`, error: held ? undefined : detail }];
    if (twin) rows.push({ name: `${name}: fails without ${twin.takes}`, detail: `${twin.ms} ms: ${twin.detail}`, error: twin.ok ? undefined : twin.detail });
    return rows;
  });
}

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { it } from "vitest";
import { runScenario } from "../bed/scenario.ts";
import { prepareSdn } from "./prepare.ts";

interface Seen {
  readonly answers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly outside: string;
  readonly again: string;
  readonly late: string;
}

it("OpenShift SDN's bridge carries pods, an own Service and the outside, also on a node that was removed and added again", async () => {
  await prepareSdn("host");
  const { service, ...seen } = await runScenario<Seen>({ entry: fileURLToPath(new URL("../testing/openshift.ts", import.meta.url)) });
  assert.match(service, /^httpd-[12] saw (?:10\.128\.0\.1|192\.0\.2\.11)$/); // masqueraded, as the README says
  assert.deepEqual(seen, {
    answers: {
      "10.128.0.11": "httpd-1 saw 10.128.0.12",
      "fd00:128::11": "httpd-1 saw fd00:128::12",
      "10.128.2.11": "httpd-2 saw 10.128.0.12",
      "fd00:128:0:1::11": "httpd-2 saw fd00:128::12",
    },
    outside: "192.0.2.11",
    again: "east-3",
    late: "late saw 10.128.0.12",
  });
}, 60_000);

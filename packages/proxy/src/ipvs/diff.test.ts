import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { ipvsStateOf, ipvsStates } from "./contract.ts";
import { diffIpvs } from "./diff.ts";
import { FakeIpvsTable } from "./fake.ts";
import type { IpvsState } from "./state.ts";
import { showIpvsOp } from "./table.ts";

const web = "tcp/172.31.0.7:80";
const [one, two] = ["10.20.0.1:8080", "10.20.0.2:8080"];
const at = (t: Record<string, number>, more: { by?: string; s?: number } = {}): IpvsState => ipvsStateOf({ [web]: { t, ...more } });

const cases: { name: string; observed: IpvsState; desired: IpvsState; want: string[] }[] = [
  { name: "writes nothing when converged", observed: at({ [one]: 1 }), desired: at({ [one]: 1 }), want: [] },
  {
    name: "makes a service before its destinations",
    observed: new Map(),
    desired: at({ [one]: 1 }, { s: 60 }),
    want: ["-A -t 172.31.0.7:80 -s rr -p 60", "-a -t 172.31.0.7:80 -r 10.20.0.1:8080 -m -w 1"],
  },
  {
    name: "adds before it drains",
    observed: at({ [one]: 1 }),
    desired: at({ [one]: 0, [two]: 1 }),
    want: ["-a -t 172.31.0.7:80 -r 10.20.0.2:8080 -m -w 1", "-e -t 172.31.0.7:80 -r 10.20.0.1:8080 -m -w 0"],
  },
  { name: "adds before it deletes", observed: at({ [one]: 1 }), desired: at({ [two]: 1 }), want: ["-a -t 172.31.0.7:80 -r 10.20.0.2:8080 -m -w 1", "-d -t 172.31.0.7:80 -r 10.20.0.1:8080"] },
  { name: "deletes a service with all that it has", observed: at({ [one]: 1, [two]: 0 }), desired: new Map(), want: ["-D -t 172.31.0.7:80"] },
  { name: "changes scheduler and persistence in place", observed: at({ [one]: 1 }), desired: at({ [one]: 1 }, { by: "sh", s: 10 }), want: ["-E -t 172.31.0.7:80 -s sh -p 10 -b sh-fallback"] },
];

describe("diffIpvs()", () => {
  for (const { name, observed, desired, want } of cases) it(name, () => assert.deepEqual(diffIpvs(observed, desired).map(showIpvsOp), want));

  it("corrects another forwarding method", () => {
    const foreign = new Map([...at({ [one]: 1 })].map(([key, service]) => [key, { ...service, destinations: new Map([...service.destinations].map(([t, d]) => [t, { ...d, masqueraded: false }])) }]));
    assert.deepEqual(diffIpvs(foreign, at({ [one]: 1 })).map(showIpvsOp), ["-e -t 172.31.0.7:80 -r 10.20.0.1:8080 -m -w 1"]);
  });

  for (const [from, before] of ipvsStates)
    it(`converges from ${from} to every other state, and is never refused`, async () => {
      for (const [to, after] of ipvsStates) {
        const table = new FakeIpvsTable();
        await table.apply(diffIpvs(new Map(), before));
        await table.apply(diffIpvs(before, after));
        assert.deepEqual(diffIpvs(await table.list(), after), [], to);
        assert.deepEqual(diffIpvs(after, await table.list()), [], to);
        assert.deepEqual(table.refusals, [], to);
      }
    });
});

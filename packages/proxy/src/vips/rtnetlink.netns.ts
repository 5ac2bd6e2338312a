import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { KernelHostNetwork } from "./rtnetlink.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts of common.
const ip = (line: string): void => void execFileSync("ip", line.split(" "));
const routes = ["10.1.0.254 dev up0 metric 20", "10.2.0.254 dev up1 metric 10"].map((route) => `route add default via ${route}`);

const facts: { name: string; set: readonly string[]; want: Record<string, string> }[] = [
  { name: "no default route", set: [], want: {} },
  { name: "the default route with the lowest metric", set: routes, want: { 4: "up1" } },
  { name: "each family's own", set: ["route add default dev up0", "-6 route add default via fd02::2 dev up1"], want: { 4: "up0", 6: "up1" } },
  { name: "the first leg of several", set: ["route add default nexthop via 10.2.0.8 dev up1 nexthop via 10.1.0.8 dev up0"], want: { 4: "up1" } },
  { name: "not what stands in another table, or leads nowhere", set: ["route add default dev up0 table 77", "route add unreachable default"], want: {} },
];

export const cases: readonly NamespaceCase[] = facts.map(({ name, set, want }) => ({
  name,
  async run() {
    for (const [link, n] of [["up0", 1], ["up1", 2]] as const) {
      ip(`link add ${link} type veth`);
      for (const line of [`addr add 10.${n}.0.1/24 dev ${link}`, `addr add fd0${n}::1/64 dev ${link} nodad`, `link set ${link} up`]) ip(line);
    }
    for (const line of set) ip(line);
    using rtnetlink = new Rtnetlink();
    try {
      const { addresses, defaultDevices } = await new KernelHostNetwork(rtnetlink).read();
      assert.deepEqual(Object.fromEntries(defaultDevices), want);
      assert.deepEqual(addresses.map(({ address, device }) => `${address} ${device}`), ["10.1.0.1 up0", "10.2.0.1 up1", "fd01::1 up0", "fd02::1 up1"]);
    } finally {
      // Routes go with their device, except the one that leads nowhere.
      for (const line of ["route flush type unreachable", "link del up0", "link del up1"]) ip(line);
    }
  },
}));

import assert from "node:assert/strict";
import type { Route, RoutingOp } from "@sdn-tunnel/common/kernel/route";
import { showRoutingOp } from "@sdn-tunnel/common/kernel/route";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Family } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { planRoutes } from "./plan.ts";

const prefixes = ["172.31.0.0/16", "fd00:31::/112"].map(parsePrefix);
const own = new Map<Family, ReturnType<typeof parseAddress>>([
  [4, parseAddress("10.10.0.1")],
  [6, parseAddress("fd00:10::1")],
]);
const eth1 = { device: "eth1", address: parseAddress("192.0.2.1") };
const show = (route: Route): string => showRoutingOp({ kind: "replace-route", route } satisfies RoutingOp).replace(/ table main.* src/, " src");

const cases = [
  {
    name: "takes the device of the default route of each family",
    input: { own, devices: { 4: "eth0", 6: "eth6" }, nodeIPs: [] },
    want: ["ip route replace 172.31.0.0/16 dev eth0 src 10.10.0.1", "ip route replace fd00:31::/112 dev eth6 src fd00:10::1"],
  },
  {
    name: "takes the other family's when one has no default route",
    input: { own, devices: { 4: "eth0" }, nodeIPs: [] },
    want: ["ip route replace 172.31.0.0/16 dev eth0 src 10.10.0.1", "ip route replace fd00:31::/112 dev eth0 src fd00:10::1"],
  },
  {
    name: "takes the interface of a node IP when there is no default route",
    input: { own, devices: {}, nodeIPs: [eth1.address] },
    want: ["ip route replace 172.31.0.0/16 dev eth1 src 10.10.0.1", "ip route replace fd00:31::/112 dev eth1 src fd00:10::1"],
  },
  { name: "says that the node has no address of a family", input: { own: new Map([...own].slice(0, 1)), devices: { 4: "eth0" }, nodeIPs: [] }, want: ["ip route replace 172.31.0.0/16 dev eth0 src 10.10.0.1", "NoAddress prefix fd00:31::/112"] },
  { name: "says that there is no device", input: { own, devices: {}, nodeIPs: [] }, want: ["NoDevice prefix 172.31.0.0/16", "NoDevice prefix fd00:31::/112"] },
];

describe("planRoutes()", () => {
  for (const { name, input, want } of cases)
    it(name, () => {
      const defaultDevices = new Map(Object.entries(input.devices).map(([family, device]) => [Number(family) as Family, device]));
      const { routes, conditions } = planRoutes({ prefixes, own: input.own, nodeIPs: input.nodeIPs, host: { addresses: [eth1], defaultDevices } });
      assert.deepEqual([...[...routes.values()].map(show), ...conditions.map(({ type, object }) => `${type} ${object}`)], want);
    });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../testing/until.ts";
import { refuseCutOffs } from "../admit/lifeline.ts";
import { meshClusterSchema } from "../mesh/mesh-cluster.ts";
import { parsePrefix } from "../net/prefix.ts";
import { routingContract } from "./contract.ts";
import { GenericNetlink } from "./generic.ts";
import { KernelLinks } from "./links.ts";
import type { NamespaceCase } from "./namespace.ts";
import { readAdvertisedDevices, readHostAddresses, readNodeNeeds } from "./needs.ts";
import { KernelRoutingTable } from "./rtnetlink.ts";
import { openGenericSocket, Rtnetlink } from "./socket.ts";
import { watchKernel } from "./watch.ts";
import type { KernelChange } from "./watch.ts";

// Runs inside a namespace of its own; see namespace.ts.
const ip = (line: string): void => void execFileSync("ip", line.split(" "));

async function withNode(run: (rtnetlink: Rtnetlink) => Promise<void>): Promise<void> {
  ip("link set lo up");
  ip("link add up0 type veth peer name up0-peer");
  ip("link add up1 type veth peer name down0");
  for (const line of ["link set up0-peer up", "link set up0 up", "addr add 10.1.0.1/24 dev up0", "addr add fd01::1/64 dev up0 nodad"]) ip(line);
  const rtnetlink = new Rtnetlink();
  try {
    await run(rtnetlink);
  } finally {
    rtnetlink[Symbol.dispose]();
    for (const device of ["up0", "up1"]) ip(`link del ${device}`);
    for (const family of ["-4", "-6"]) {
      ip(`${family} rule flush proto 215`);
      ip(`${family} route flush table local proto 215`);
    }
  }
}

const contract = routingContract.map(({ name, run }) => ({
  name,
  run: () =>
    withNode((rtnetlink) =>
      run({
        table: new KernelRoutingTable(rtnetlink),
        setDevice: async (device, state) => ip(`link set ${device} ${state}`),
      }),
    ),
}));

const own: NamespaceCase[] = [
  {
    name: "leaves a stranger's route to the same destination alone",
    run: () =>
      withNode(async (rtnetlink) => {
        const table = new KernelRoutingTable(rtnetlink);
        ip("route add 10.9.0.0/16 dev up0");
        const route = { table: 254, type: "unicast", destination: parsePrefix("10.9.0.0/16"), device: "up0", source: undefined } as const;
        assert.deepEqual((await table.apply([{ kind: "replace-route", route }])).failed, []);
        assert.deepEqual((await table.apply([{ kind: "delete-route", route }])).failed, []);
        assert.match(execFileSync("ip", ["route", "show", "10.9.0.0/16"], { encoding: "utf8" }), /^10\.9\.0\.0\/16 dev up0 scope link/);
        assert.deepEqual((await table.apply([{ kind: "delete-route", route }])).failed, []);
        assert.match(execFileSync("ip", ["route", "show", "10.9.0.0/16"], { encoding: "utf8" }), /^10\.9\.0\.0\/16 dev up0 scope link/);
      }),
  },
  {
    name: "finds a device, brings it up and sets its MTU",
    run: () =>
      withNode(async (rtnetlink) => {
        const links = new KernelLinks(rtnetlink);
        assert.equal(await links.find("absent0"), undefined);
        await links.set("up1", { up: true, mtu: 1300 });
        const { name, up, mtu } = (await links.find("up1")) ?? {};
        assert.deepEqual({ name, up, mtu }, { name: "up1", up: true, mtu: 1300 });
        assert.ok((await links.list()).some((link) => link.name === "down0" && !link.up));
      }),
  },
  {
    name: "makes a device and deletes it, and names the errno of a kind that there is not",
    run: () =>
      withNode(async (rtnetlink) => {
        const links = new KernelLinks(rtnetlink);
        await links.create("made0", "bridge");
        assert.equal((await links.find("made0"))?.kind, "bridge");
        assert.equal((await links.list()).find(({ name }) => name === "lo")?.kind, undefined);
        await assert.rejects(links.create("made0", "bridge"), /ip link add made0 type bridge.*EEXIST/);
        await links.remove("made0");
        assert.equal(await links.find("made0"), undefined);
        await assert.rejects(links.create("made0", "no-such-kind"), /EOPNOTSUPP|ENOTSUP/);
      }),
  },
  {
    name: "asks families of generic netlink",
    async run() {
      using netlink = new GenericNetlink(openGenericSocket);
      const request = { family: "nlctrl", version: 1, command: 3, attributes: Buffer.alloc(0) }; // CTRL_CMD_GETFAMILY
      const families = await netlink.dump(request, "genl ctrl list");
      assert.ok(families.some((family) => family.includes("nlctrl\0")));
      await assert.rejects(netlink.dump({ ...request, family: "no-such-family" }, "test"), /ENOENT/);
      await assert.rejects(netlink.request({ ...request, command: 99 }, "test"), /EOPNOTSUPP|ENOTSUP/);
    },
  },
  {
    name: "tells of changes by others and not of its own",
    run: () =>
      withNode(async (rtnetlink) => {
        const seen = new Array<KernelChange>();
        const stop = new AbortController();
        watchKernel(rtnetlink, (change) => seen.push(change), stop.signal);
        await until(() => seen.shift()?.kind === "unknown"); // it listens
        const route = { table: 5555, type: "unicast", destination: parsePrefix("10.9.0.0/16"), device: "up0", source: undefined } as const;
        await new KernelRoutingTable(rtnetlink).apply([{ kind: "replace-route", route }]);
        await sleep(50);
        assert.equal(seen.length, 0);
        ip("route flush table 5555");
        ip("route add 10.10.0.0/16 dev up0");
        ip("link set up0 down");
        await until(() => seen.some(({ kind }) => kind === "link"));
        stop.abort();
        assert.deepEqual(seen.find(({ kind }) => kind === "ours"), { kind: "ours", table: 5555 });
        assert.ok(seen.some(({ kind }) => kind === "foreign"));
        assert.ok(seen.some((change) => change.kind === "link" && change.name === "up0" && !change.up));
      }),
  },
  {
    name: "knows what the node needs, and that its own routes are no need",
    run: () =>
      withNode(async (rtnetlink) => {
        ip("route add default via 10.1.0.254");
        ip("route add 10.40.0.0/16 table 77 nexthop via 10.1.0.7 dev up0 nexthop via 10.1.0.8 dev up0");
        ip("route add 10.41.0.0/16 via inet6 fe80::7 dev up0 table 77 congctl reno");
        ip("route add 10.9.0.0/16 dev up0 table 5555 proto 215");
        ip("-6 route add 2001:db8::/64 dev up0 proto ra");
        assert.deepEqual(await readAdvertisedDevices(rtnetlink), ["up0"]);
        ip("-6 route del 2001:db8::/64 dev up0");
        const host = await readHostAddresses(rtnetlink);
        assert.deepEqual(host, [{ address: "10.1.0.1", device: "up0" }, { address: "fd01::1", device: "up0" }]);
        const { prefixes, addresses } = await readNodeNeeds(rtnetlink, "/dev/null");
        assert.deepEqual(prefixes.map(({ prefix }) => prefix).toSorted(), ["0.0.0.0/0", "10.1.0.0/24", "10.40.0.0/16", "10.41.0.0/16", "fd01::/64"]);
        assert.deepEqual(addresses.map(({ address }) => address).toSorted(), ["10.1.0.1", "10.1.0.254", "10.1.0.7", "10.1.0.8", "fd01::1", "fe80::7"]);
        const config = meshClusterSchema.parse({
          apiVersion: "sdn-tunnel.io/v1alpha1",
          kind: "MeshCluster",
          metadata: { name: "west" },
          spec: { podCIDRs: [{ cidr: "10.40.8.0/24" }] },
        });
        const [refusal] = refuseCutOffs([{ name: "west", local: false, synced: true, config }], { prefixes, addresses });
        assert.match(refusal?.detail ?? "", /^10\.40\.8\.0\/24 overlaps 10\.40\.0\.0\/16/);
      }),
  },
];

export const cases: readonly NamespaceCase[] = [...contract, ...own];

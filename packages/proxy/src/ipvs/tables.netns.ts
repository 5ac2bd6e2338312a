import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { openGenericSocket } from "@sdn-tunnel/common/kernel/socket";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { ipvsContract } from "./contract.ts";
import { IpvsadmTable } from "./ipvsadm-table.ts";
import { NetlinkIpvsTable } from "./netlink-table.ts";
import type { IpvsOp, IpvsTable } from "./table.ts";

// Runs as root in a network namespace of its own, on a kernel that has IPVS.
const run = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });

async function withNetlink(body: (table: NetlinkIpvsTable) => Promise<void>): Promise<void> {
  using generic = new GenericNetlink(openGenericSocket);
  using table = new NetlinkIpvsTable(generic, openGenericSocket);
  await body(table);
}

const adapters: Readonly<Record<string, (body: (table: IpvsTable) => Promise<void>) => Promise<void>>> = {
  "by netlink": withNetlink,
  "by ipvsadm": (body) => body(new IpvsadmTable(createCommandRunner())),
};

const service = "tcp/172.31.0.7:80" as ServerKey;

/** Flags that somebody else sets on a service of ours, which /proc/net/ip_vs does not show. */
const alterations = ["-t 172.31.0.7:80 -s sh -b sh-port,sh-fallback", "-t 172.31.0.7:80 -s sh", "-t 172.31.0.8:80 -s mh -b mh-port"];

async function seesAlterations(table: IpvsTable): Promise<void> {
  const services = ["tcp/172.31.0.7:80", "tcp/172.31.0.8:80", "tcp/[fd00:31::7]:80"] as ServerKey[];
  const settingsOf = (key: ServerKey) => ({ scheduler: key === services[1] ? "mh" : "sh" });
  assert.deepEqual((await table.apply(services.map((key) => ({ kind: "add-service", service: key, settings: settingsOf(key) })))).failed, []);
  for (const alteration of alterations) {
    run(`ipvsadm -E ${alteration}`);
    const [key, ...more] = [...(await table.list())].flatMap(([name, { altered }]) => (altered ? [name] : []));
    assert.deepEqual([key, more], [services.find((name) => name.includes(alteration.slice(3, 13))), []], alteration);
    assert.ok(key !== undefined && (await table.read(key))?.altered);
    assert.deepEqual((await table.apply([{ kind: "edit-service", service: key, settings: settingsOf(key) }])).failed, []);
    assert.ok([...(await table.list()).values()].every(({ altered }) => !altered), alteration);
  }
}

/** ipvsadm(8) itself, fed by bash, which kills it after the input's first half is in the kernel, and ends as it did. */
const KILLED_HALF_WAY = `
  mapfile -t lines
  exec {feed}> >(exec ipvsadm -R); pid=$!
  printf '%s\\n' "\${lines[@]:0:\${#lines[@]}/2}" >&$feed
  for ((i = 0; i < 400; i++)); do
    (($(ipvsadm -Sn | wc -l) == \${#lines[@]} / 2)) && kill -KILL $pid && kill -KILL $$
    sleep 0.05
  done`;

async function survivesAKill(): Promise<void> {
  const commands = createCommandRunner();
  const ends: string[] = [];
  const table = new IpvsadmTable({
    async run(argv, options) {
      if (argv[1] !== "-R") return await commands.run(argv, options);
      const first = ends.length === 0;
      return await commands.run(first ? ["bash", "-c", KILLED_HALF_WAY] : argv, options).then(
        (output) => (ends.push("done"), output),
        (error: unknown) => {
          ends.push(String(error));
          throw error;
        },
      );
    },
  });
  const services = [1, 2, 3, 4].map((n) => `tcp/172.31.0.${n}:80` as ServerKey);
  const ops = services.flatMap((key): IpvsOp[] => [
    { kind: "add-service", service: key, settings: { scheduler: "rr" } },
    { kind: "add-destination", service: key, target: "10.20.0.1:80" as TargetKey, weight: 1 },
  ]);
  assert.deepEqual((await table.apply(ops)).failed, []);
  assert.match(ends[0] ?? "", /SIGKILL/);
  assert.deepEqual(ends.slice(1), ["done"]);
  assert.deepEqual([...(await table.list())].map(([key, { destinations }]) => [key, destinations.size]).toSorted(), services.map((key) => [key, 1]));
}

const own: NamespaceCase[] = [
  { name: "ipvsadm killed half-way: one more run does what is missing", run: survivesAKill },
  ...Object.entries(adapters).map(([how, withTable]) => ({ name: `sees ${how} flags that somebody else set, and sets ours again`, run: () => withTable(seesAlterations) })),
  {
    name: "ipvsadm(8) reads what was written by netlink",
    run: () =>
      withNetlink(async (table) => {
        const ops = [
          { kind: "add-service", service, settings: { scheduler: "sh", affinitySeconds: 10_800 } },
          { kind: "add-destination", service, target: "10.20.0.1:8080" as TargetKey, weight: 1 },
          { kind: "add-service", service: "udp/[fd00:31::7]:53" as ServerKey, settings: { scheduler: "rr" } },
          { kind: "add-destination", service: "udp/[fd00:31::7]:53" as ServerKey, target: "[fd00:20::1]:5353" as TargetKey, weight: 0 },
        ] as const;
        assert.deepEqual((await table.apply(ops)).failed, []);
        const want = [
          "-A -t 172.31.0.7:80 -s sh -p 10800 -b sh-fallback",
          "-a -t 172.31.0.7:80 -r 10.20.0.1:8080 -m -w 1",
          "-A -u [fd00:31::7]:53 -s rr",
          "-a -u [fd00:31::7]:53 -r [fd00:20::1]:5353 -m -w 0",
        ];
        assert.deepEqual(run("ipvsadm -Sn").trim().split("\n").map((line) => line.trim()).toSorted(), want.toSorted());
      }),
  },
  {
    name: "sees and repairs another forwarding method",
    run: () =>
      withNetlink(async (table) => {
        run("ipvsadm -A -t 172.31.0.7:80 -s rr; ipvsadm -a -t 172.31.0.7:80 -r 10.20.0.1:80 -g -w 1");
        const target = "10.20.0.1:80" as TargetKey;
        assert.equal((await table.list()).get(service)?.destinations.get(target)?.masqueraded, false);
        assert.equal((await table.read(service))?.destinations.get(target)?.masqueraded, false);
        assert.deepEqual((await table.apply([{ kind: "edit-destination", service, target, weight: 1 }])).failed, []);
        assert.equal((await table.read(service))?.destinations.get(target)?.masqueraded, true);
      }),
  },
  {
    name: "leaves a service by firewall mark out",
    run: () =>
      withNetlink(async (table) => {
        run("ipvsadm -A -f 7 -s rr; ipvsadm -a -f 7 -r 10.20.0.1 -m; ipvsadm -A -t 172.31.0.7:80 -s rr");
        assert.deepEqual([...(await table.list()).keys()], [service]);
      }),
  },
];

export const cases: readonly NamespaceCase[] = [
  ...Object.entries(adapters).flatMap(([how, withTable]) => ipvsContract.map(({ name, run: test }) => ({ name: `${how}: ${name}`, run: () => withTable(test) }))),
  ...own,
].map(({ name, run: test }) => ({
  name,
  async run() {
    run("ip link set lo up; ipvsadm -C"); // without any address, none is "unicast" and no destination taken
    await test().finally(() => run("ipvsadm -C"));
  },
}));

import assert from "node:assert/strict";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import fc from "fast-check";
import { describe, it } from "vitest";
import { arbitraryState, showState, stateFrom } from "../bed/states.ts";
import type { Backend, BackendState } from "../services/backend.ts";
import { nothing } from "../services/backend.ts";
import { diffServers } from "../services/diff.ts";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { IpvsBackend } from "./backend.ts";
import { FakeGuardTable } from "./fake-guard.ts";
import { FakeIpvsTable } from "./fake.ts";

const cidr = "172.31.0.0/16";
const [web, dns] = ["tcp/172.31.0.7:80", "udp/172.31.0.10:53"] as [ServerKey, ServerKey];
const [one, two, three] = ["10.20.0.1:80", "10.20.0.2:80", "10.20.0.3:80"] as [TargetKey, TargetKey, TargetKey];

/** A backend on fakes, whose AnyIP routes follow the prefixes that were wanted last. */
function setUp() {
  const table = new FakeIpvsTable();
  const guard = new FakeGuardTable();
  const time = { now: 0 };
  const routes: { prefixes: Prefix[] } = { prefixes: [parsePrefix(cidr)] };
  const settings = { held: [] as readonly string[], ensured: 0, own: undefined as Address | undefined };
  const restart = (): IpvsBackend =>
    new IpvsBackend({
      table,
      guard,
      settings: {
        ensure: async (prefixes, own) => void ((settings.held = prefixes), (settings.own = own), settings.ensured++),
        remove: async () => void (settings.held = []),
      },
      ownPrefixes: async () => routes.prefixes,
      now: () => time.now,
    });
  return { table, guard, time, routes, settings, restart, backend: restart() };
}

async function move(backend: Backend, to: BackendState): Promise<void> {
  const { failed } = await backend.apply(diffServers(await backend.list(), to));
  assert.deepEqual(failed, []);
}

const shown = async (table: FakeIpvsTable): Promise<string[]> =>
  [...(await table.list())].flatMap(([key, { destinations }]) => [...destinations].map(([target, { weight }]) => `${key} ${target} ${weight}`)).toSorted();

describe("IpvsBackend", () => {
  it("reaches any state from any other, leaves nothing but what drains, and is never refused an operation", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryState(), arbitraryState(), async (from, to) => {
        const { backend, table, time, routes } = setUp();
        routes.prefixes = ["172.31.0.0/16", "fd00:31::/64", "10.9.0.0/16"].map(parsePrefix);
        await move(backend, from);
        await move(backend, to);
        assert.equal(showState(await backend.list()), showState(to));
        time.now += 5000;
        await backend.reap();
        assert.deepEqual(new Set((await table.list()).keys()), new Set(to.servers.keys()));
        assert.equal(backend.draining, 0);
        assert.deepEqual(table.refusals, []);
      }),
      { numRuns: 60 },
    );
  });

  it("adds before it takes away, opens a server when it is made and closes it before it goes", async () => {
    const { backend, table, guard } = setUp();
    await move(backend, stateFrom([cidr], { [web]: one }));
    assert.deepEqual(guard.commits.map(({ guard: prefixes, open, close }) => [prefixes, open, close]), [[[cidr], [], []], [[], [web], []]]);
    table.log.length = 0;
    await move(backend, stateFrom([cidr], { [web]: two }));
    assert.deepEqual(table.log, ["-a -t 172.31.0.7:80 -r 10.20.0.2:80 -m -w 1", "-e -t 172.31.0.7:80 -r 10.20.0.1:80 -m -w 0"]);
    assert.equal(guard.commits.length, 2);
    await move(backend, stateFrom([cidr], {}));
    assert.deepEqual(guard.commits.at(-1)?.close, [web]);
  });

  it("drains for as long as there are connections, and not longer than fifteen minutes", async () => {
    const { backend, table, time } = setUp();
    await move(backend, stateFrom([cidr], { [web]: `${one} ${two}` }));
    table.connect(web, one, 1);
    table.connect(web, two, 1);
    await move(backend, stateFrom([cidr], { [web]: three }));
    time.now = 60_000;
    table.connect(web, two, 0);
    await backend.reap();
    assert.deepEqual(await shown(table), [`${web} ${one} 0`, `${web} ${three} 1`]);
    assert.equal(backend.draining, 1);
    time.now = 900_000;
    await backend.reap();
    assert.deepEqual(await shown(table), [`${web} ${three} 1`]);
  });

  it("takes a draining destination back", async () => {
    const { backend, table, time } = setUp();
    await move(backend, stateFrom([cidr], { [web]: `${one} ${two}` }));
    await move(backend, stateFrom([cidr], { [web]: two }));
    await move(backend, stateFrom([cidr], { [web]: `${one} ${two}` }));
    time.now = 900_000;
    await backend.reap();
    assert.deepEqual(await shown(table), [`${web} ${one} 1`, `${web} ${two} 1`]);
  });

  it("removes UDP destinations, and those under dh, at once", async () => {
    const { backend, table } = setUp();
    await move(backend, stateFrom([cidr], { [dns]: `${one} ${two}` }));
    await move(backend, { prefixes: new Set([parsePrefix(cidr)]), servers: new Map([[dns, { targets: [two] }], [web, { targets: [one, two], scheduler: "dh" }]]) });
    await move(backend, { prefixes: new Set([parsePrefix(cidr)]), servers: new Map([[web, { targets: [two], scheduler: "dh" }]]) });
    assert.deepEqual(await shown(table), [`${web} ${two} 1`]);
  });

  it("leaves services of others alone, whatever becomes of ours", async () => {
    const { backend, table } = setUp();
    const foreign = "tcp/192.0.2.9:80" as ServerKey;
    await table.apply([{ kind: "add-service", service: foreign, settings: { scheduler: "wlc" } }, { kind: "add-destination", service: foreign, target: three, weight: 7 }]);
    await move(backend, stateFrom([cidr], { [web]: one }));
    assert.deepEqual([...(await backend.list()).servers.keys()], [web]);
    await move(backend, nothing);
    await backend.remove();
    assert.deepEqual(await shown(table), [`${foreign} ${three} 7`]);
  });

  it("writes nothing after a restart when nothing changed, and goes on to drain", async () => {
    const { backend, table, guard, restart } = setUp();
    await move(backend, stateFrom([cidr], { [web]: `${one} ${two}` }));
    await move(backend, stateFrom([cidr], { [web]: two }));
    const [ops, commits] = [table.log.length, guard.commits.length];
    const next = restart();
    await move(next, stateFrom([cidr], { [web]: two }));
    assert.deepEqual([table.log.length, guard.commits.length], [ops, commits]);
    await next.reap();
    assert.deepEqual(await shown(table), [`${web} ${two} 1`]);
  });

  it("repairs what somebody else changed: weights, services, the guard, and another backend's table", async () => {
    const { backend, table, guard } = setUp();
    const want = stateFrom([cidr], { [web]: `${one} ${two}`, [dns]: one });
    const damages: (() => Promise<unknown>)[] = [
      () => table.apply([{ kind: "edit-destination", service: web, target: one, weight: 5 }]),
      () => table.apply([{ kind: "delete-service", service: web }]),
      () => table.apply([{ kind: "delete-destination", service: dns, target: one }]),
      () => table.apply([{ kind: "edit-service", service: web, settings: { scheduler: "wlc" } }]),
      () => table.apply([{ kind: "edit-service", service: web, settings: { scheduler: "rr", altered: true } }]),
      () => guard.commit({ close: [web] }),
      async () => guard.lose(),
      async () => guard.lose(true),
    ];
    for (const damage of damages) {
      await move(backend, want);
      await damage();
      await move(backend, want);
      assert.equal(showState(await backend.list()), showState(want));
      assert.deepEqual(await shown(table), [`${web} ${one} 1`, `${web} ${two} 1`, `${dns} ${one} 1`].toSorted());
    }
  });

  it("finds its services by its routes when the table is gone, and removes them", async () => {
    const { backend, table, guard, restart, settings } = setUp();
    await move(backend, stateFrom([cidr], { [web]: one }));
    guard.lose();
    await restart().remove();
    assert.deepEqual(await shown(table), []);
    assert.deepEqual(settings.held, []);
  });

  it("retires only what may be removed, and gives the settings back when nothing is left", async () => {
    const { backend, table, settings, restart } = setUp();
    await move(backend, stateFrom([cidr], { [web]: one, [dns]: two }));
    const retired = restart();
    await retired.retire((address) => address === "172.31.0.7");
    assert.deepEqual([await shown(table), settings.held], [[`${dns} ${two} 1`], [cidr]]);
    await retired.retire(() => true);
    assert.deepEqual([await shown(table), settings.held], [[], []]);
  });

  it("brings the host's settings up to date when the node's own address is another", async () => {
    const { backend, settings } = setUp();
    await move(backend, stateFrom([cidr], { [web]: one }));
    for (const address of ["10.10.0.1", "10.10.0.9"] as Address[]) {
      backend.setOwnAddresses(new Map([[4, address]]));
      await backend.apply([]);
      await backend.apply([]);
      assert.equal(settings.own, address);
    }
    assert.equal(settings.ensured, 3);
  });

  it("returns a change that the kernel refused and applies the rest; what is not reached is not opened", async () => {
    const { backend, table, guard } = setUp();
    table.refuse = (op) => op.service === web && op.kind === "add-destination";
    const { done, failed } = await backend.apply(diffServers(await backend.list(), stateFrom([cidr], { [web]: one, [dns]: one })));
    assert.deepEqual([failed.map(({ change, reason }) => [change.kind, reason]), done.length], [[["set-server", "ENOMEM"]], 2]);
    assert.deepEqual(guard.commits.flatMap(({ open = [] }) => open), [dns]);
  });

  it("costs the same operations for a change, whatever the number of Services", async () => {
    const counts = [];
    for (const services of [100, 1000, 10_000]) {
      const { backend, table, guard } = setUp();
      const key = (i: number) => `tcp/172.31.${i >> 8}.${i & 255}:80` as ServerKey;
      const all = stateFrom([cidr], Object.fromEntries(Array.from({ length: services }, (_, i) => [key(i), `${one} ${two}`])));
      await move(backend, all);
      const before = [table.log.length, guard.commits.length];
      const server = { targets: [one, two] };
      await backend.apply([{ kind: "set-server", key: key(5), before: server, after: { targets: [two, three] } }]);
      counts.push([table.log.length - before[0]!, guard.commits.length - before[1]!]);
    }
    assert.deepEqual(counts, [[2, 0], [2, 0], [2, 0]]);
  });

  it("shows what a human would type", () => {
    const { backend } = setUp();
    backend.setOwnAddresses(new Map([[4, "10.10.0.1" as Address]]));
    const script = backend.show(diffServers(nothing, stateFrom([cidr], { [web]: one })));
    assert.match(script, /^sysctl -w net\/ipv4\/vs\/conntrack=1\n[^]*dnat ip to ip daddr[^]*add element inet sdn_proxy svcs4 \{ 172\.31\.0\.7 \. tcp \. 80 \}\n[^]*table arp sdn_proxy \{[^]*arp saddr ip set 10\.10\.0\.1\n[^]*\nEND\nipvsadm -R <<'END'\n-A -t 172\.31\.0\.7:80 -s rr\n-a -t 172\.31\.0\.7:80 -r 10\.20\.0\.1:80 -m -w 1\nEND\n$/);
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { runScenario } from "./bed/scenario.ts";
import type { Seen } from "./captures/capture.ts";
import type { UpstreamQuery } from "./handles/upstream.ts";
import { join } from "node:path";
import { REPOSITORY } from "./processes/node-program.ts";
import type { Reply } from "./requests/curl.ts";
import type { DigAnswer } from "./requests/dig.ts";
import type { LoadRecord } from "./requests/load.ts";
import { runAsPlainUser } from "./testing/plain-user.ts";

const TOUR = "lab/src/testing/tour.ts";

interface Tour {
  readonly bed: { readonly rootless: boolean };
  readonly upMs: number;
  readonly inside: Readonly<Record<string, Reply>>;
  readonly seenInside: readonly Seen[];
  readonly between: Readonly<Record<string, Reply>>;
  readonly seenBetween: readonly Seen[];
  readonly outward: Readonly<Record<string, Reply>> & Readonly<Record<`dns${string}`, DigAnswer>>;
  readonly queries: readonly UpstreamQuery[];
  readonly changed: Readonly<Record<string, Reply>>;
  readonly unplugged: Reply;
  readonly plugged: Reply;
  readonly balanced: readonly string[];
  readonly records: readonly LoadRecord[];
  readonly device: string;
  readonly resolv: string;
  readonly second: Reply;
  readonly routes: readonly { readonly dst: string }[];
}

const CLIENT = { v4: "10.128.0.12", v6: "fd00:128::12" };
const httpd = expect.stringMatching(/^httpd-[12]$/) as string;

/** Whom the client reaches, and whom that one sees. */
const inside: Record<string, { pod: string; sees: string }> = {
  sameNode4: { pod: "httpd-1", sees: CLIENT.v4 },
  sameNode6: { pod: "httpd-1", sees: CLIENT.v6 },
  otherNode4: { pod: "httpd-2", sees: CLIENT.v4 },
  otherNode6: { pod: "httpd-2", sees: CLIENT.v6 },
  udp4: { pod: "httpd-2", sees: CLIENT.v4 },
  udp6: { pod: "httpd-2", sees: CLIENT.v6 },
  nodeToPod: { pod: "httpd-1", sees: "10.128.0.1" },
  // masqueraded by the second rule: not from a pod, to a pod
  boundToNodeIp4: { pod: "httpd-2", sees: "10.128.2.1" },
  boundToNodeIp6: { pod: "httpd-2", sees: "fd00:128:0:1::1" },
  foreign4: { pod: "httpd-2", sees: "10.128.2.1" },
  foreign6: { pod: "httpd-2", sees: "fd00:128:0:1::1" },
  service4: { pod: httpd, sees: CLIENT.v4 },
  service6: { pod: httpd, sees: CLIENT.v6 },
  serviceUdp4: { pod: httpd, sees: CLIENT.v4 },
  serviceUdp6: { pod: httpd, sees: CLIENT.v6 },
  onlyIpv6: { pod: httpd, sees: CLIENT.v6 },
  // by the first rule: from a pod, not to a pod
  hostNetwork4: { pod: "httpd-host", sees: "192.0.2.11" },
  hostNetwork6: { pod: "httpd-host", sees: "2001:db8:1::11" },
  hostNetworkUdp: { pod: "httpd-host", sees: "192.0.2.11" },
  nodeToService: { pod: httpd, sees: expect.stringMatching(/^10\.128\.[02]\.1$/) as string },
};

const runs: Record<string, () => Promise<Tour>> = {
  "this user": () => runScenario<Tour>({ entry: join(REPOSITORY, TOUR) }),
  "a plain user": async () => JSON.parse(await runAsPlainUser(TOUR)) as Tour,
};

describe.each(Object.entries(runs))("a lab without daemons, as %s", (user, start) => {
  let tour: Tour;
  beforeAll(async () => void (tour = await start()));

  it("runs with the privileges that it was given", () =>
    expect(tour.bed.rootless).toBe(user === "a plain user" || process.geteuid?.() !== 0));

  for (const [name, { pod, sees }] of Object.entries(inside))
    it(`reaches within the cluster: ${name}`, () => expect(tour.inside[name]).toMatchObject({ ok: true, json: { pod, remoteAddress: sees } }));

  it("tells a closed port from an unreachable host", () => {
    expect(tour.inside["closedPort"]).toMatchObject({ ok: false, error: "refused" });
    expect(tour.between["remote4"]).toMatchObject({ ok: false, error: "unreachable" });
  });

  it("does not reach pods of the other cluster", () => expect(tour.between).toMatchObject({ remote4: { ok: false }, remote6: { ok: false } }));

  it("gives the router no route to a pod or a Service", () => {
    expect(tour.routes.length).toBeGreaterThan(5);
    expect(tour.routes.filter(({ dst }) => /^(10\.|172\.|fd00:|default)/.test(dst))).toEqual([]);
  });

  it("shows the router nothing of a pod prefix while pods of a cluster talk, and a stray request when there is one", () => {
    expect(tour.seenInside.map(({ device, violators, dropped }) => ({ device, violators, dropped }))).toEqual([
      { device: "east", violators: [], dropped: 0 },
      { device: "west", violators: [], dropped: 0 },
    ]);
    const stray = tour.seenBetween[0]!.violators.join("\n");
    expect(stray).toMatch(/192\.0\.2\.11\.\d+ > 10\.132\.2\.11\.8080/);
    expect(stray).toMatch(/2001:db8:1::11\.\d+ > fd00:132:0:1::11\.8080/);
  });

  it("shows pods to the outside as their node", () =>
    expect(tour.outward).toMatchObject({
      outside4: { ok: true, json: { remoteAddress: "192.0.2.11" } },
      outside6: { ok: true, json: { remoteAddress: "2001:db8:1::11" } },
    }));

  it("balances a Service over its pods", () => expect(new Set(tour.balanced)).toEqual(new Set(["httpd-1", "httpd-2"])));

  it("resolves the outside world and counts the questions", () => {
    expect(tour.outward).toMatchObject({
      dnsUdp: { status: "NOERROR", records: [{ type: "A", data: "203.0.113.10" }] },
      dnsTcp: { status: "NOERROR", records: [{ type: "AAAA", data: "2001:db8:ff::10" }] },
      dnsOwn: { status: "NOERROR", records: [{ data: "203.0.113.10" }] },
      dnsDenied: { status: "NXDOMAIN", records: [] },
    });
    expect(tour.queries.map(({ type, transport, client }) => `${type} ${transport} ${client}`)).toEqual([
      "A udp 192.0.2.11",
      "AAAA tcp 2001:db8:1::11",
      "A udp 192.0.2.12",
      "A udp 192.0.2.11",
    ]);
  });

  it("gives a pod the resolv.conf of a kubelet", () =>
    expect(tour.resolv.split("\n")).toEqual([
      "nameserver 172.30.0.10",
      "search test-sdn-tunnel.svc.cluster.local svc.cluster.local cluster.local",
      "options ndots:5",
      "",
    ]));

  it("takes pods, nodes and legs in while it is up", () =>
    expect(tour.changed).toMatchObject({
      onlyThird: { ok: true, json: { pod: "httpd-3" } },
      newNode: { ok: true, json: { pod: "httpd-3", remoteAddress: "fd00:128::1" } },
      leg: { ok: true, json: { remoteAddress: "198.51.100.1" } },
    }));

  it("loses a node whose cable is pulled, and gets it back", () => {
    expect(tour.unplugged).toMatchObject({ ok: false, error: "timeout" });
    expect(tour.plugged).toMatchObject({ ok: true });
  });

  it("keeps an account of a load", () => {
    const [good, bad] = [true, false].map((ok) => tour.records.filter((record) => (record.error === undefined) === ok));
    expect(good!.length).toBeGreaterThan(2);
    expect(good!.every(({ pod }) => pod === "httpd-1")).toBe(true);
    expect(new Set(bad!.map(({ error }) => error))).toEqual(new Set(["ECONNREFUSED"]));
    expect(bad!.length).toBe(good!.length);
  });

  it("runs userspace WireGuard on a node", () => expect(tour.device).toMatch(/sdn-wg-a.*mtu 1420/));

  it("is up again right after it went down", () => expect(tour.second).toMatchObject({ ok: true, json: { pod: "httpd-2", remoteAddress: "fd00:132::12" } }));

  it("is up within 6 seconds", () => expect(tour.upMs).toBeLessThan(6000));
});

import { describe, expect, it } from "vitest";
import { FakeClock } from "../../../common/testing/fake-clock.ts";
import { encodeReply } from "../../testing/decode.ts";
import type { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import { encodeName } from "../wire/name.ts";
import { Cache } from "./cache.ts";
import { FakeUpstream } from "./fake.ts";
import type { FakeReply } from "./fake.ts";
import { Forwarder } from "./forwarder.ts";
import { UpstreamHealth } from "./health.ts";
import { forwardQuestion } from "./query.ts";
import type { UpstreamQuery } from "./upstream.ts";

const FLAGS = { recursionDesired: true, checkingDisabled: false, edns: false, dnssecOk: false };
const question = (name = "www.example.com") => {
  const wire = encodeName(name) ?? new Uint8Array();
  return forwardQuestion(wire, wire, 1, FLAGS);
};
const address = ({ message }: UpstreamQuery): FakeReply => encodeReply(message, { answers: [{ type: "A", name: "www.example.com", ttl: 60, data: "192.0.2.80" }] });
const truncated = ({ message, transport }: UpstreamQuery): FakeReply => encodeReply(message, { flags: transport === "udp" ? 0x0200 : 0 });

function forwarder(...upstreams: FakeUpstream[]) {
  const clock = new FakeClock();
  const health = new UpstreamHealth();
  const events: string[] = [];
  const observer = { asked: (upstream: string, outcome: string) => void events.push(`${upstream} ${outcome}`), overloaded: () => void events.push("overloaded") };
  const cache = new Cache(() => clock.now());
  return { clock, health, events, cache, forwarder: new Forwarder({ upstreams, health, cache, clock, observer }) };
}
const codeOf = (asking: Promise<unknown>): Promise<string> => asking.then(() => "answered", (error: unknown) => (error as DiscoveryError).fault.code);

describe("Forwarder", () => {
  it("asks the first upstream, and remembers what it said", async () => {
    const one = new FakeUpstream("one", address);
    const { forwarder: f } = forwarder(one);
    await f.ask(question(), "udp");
    await f.ask(question(), "udp");
    expect(one.asked).toHaveLength(1);
  });

  const failures: [string, FakeReply, string][] = [
    ["cannot be reached", "unreachable", "one unreachable"],
    ["is silent", "silent", "one silent"],
  ];
  for (const [sentence, reply, event] of failures)
    it(`asks the next when one ${sentence}`, async () => {
      const { forwarder: f, events } = forwarder(new FakeUpstream("one", () => reply), new FakeUpstream("two", address));
      expect(await codeOf(f.ask(question(), "udp"))).toBe("answered");
      expect(events).toEqual([event, "two answered"]);
    });

  it("asks an upstream that failed last, until it answers again", async () => {
    const one = new FakeUpstream("one", () => "unreachable");
    const { forwarder: f, events, health } = forwarder(one, new FakeUpstream("two", address));
    for (const name of ["a", "b", "c"]) await f.ask(question(name), "udp");
    expect(events).toEqual(["one unreachable", "two answered", "one unreachable", "two answered", "two answered"]);
    health.succeeded("one");
    one.replyWith(address);
    await f.ask(question("d"), "udp");
    expect(events.at(-1)).toBe("one answered");
  });

  it("gives up at once when nobody can be reached", async () => {
    const { forwarder: f, events } = forwarder(new FakeUpstream("one", () => "unreachable"), new FakeUpstream("two", () => "unreachable"));
    expect(await codeOf(f.ask(question(), "udp"))).toBe("NO_UPSTREAM_ANSWERED");
    expect(events).toHaveLength(2);
  });

  it("asks a silent one again while there is time, and no longer", async () => {
    const fake: { clock?: FakeClock } = {};
    const one = new FakeUpstream("one", async ({ timeoutMs }) => {
      await fake.clock?.advance(timeoutMs);
      return "silent" as const;
    });
    const { forwarder: f, clock } = forwarder(one);
    fake.clock = clock;
    const started = clock.now();
    expect(await codeOf(f.ask(question(), "udp"))).toBe("NO_UPSTREAM_ANSWERED");
    expect(one.asked.map(({ timeoutMs }) => timeoutMs)).toEqual([2000, 2000, 1000]);
    expect(clock.now() - started).toBe(limits.forwardTotalMs);
  });

  it("fetches over TCP what UDP cut off, for a client that came over TCP", async () => {
    const one = new FakeUpstream("one", truncated);
    const { forwarder: f } = forwarder(one);
    await f.ask(question(), "tcp");
    expect(one.asked.map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
  });

  it("leaves it at that for a client that came over UDP, and does not remember it", async () => {
    const one = new FakeUpstream("one", truncated);
    const { forwarder: f, cache } = forwarder(one);
    const reply = await f.ask(question(), "udp");
    expect((reply[2] ?? 0) & 0x02).toBe(0x02);
    expect(cache.size).toBe(0);
  });

  it("asks once for those who ask the same at the same time", async () => {
    let reply: () => void = () => undefined;
    const one = new FakeUpstream("one", (query) => new Promise<Uint8Array>((resolve) => (reply = () => resolve(address(query) as Uint8Array))));
    const { forwarder: f } = forwarder(one);
    const all = [1, 2, 3].map(() => f.ask(question(), "udp"));
    await expect.poll(() => one.asked.length).toBe(1);
    reply();
    expect(new Set((await Promise.all(all)).map((answer) => Buffer.from(answer).toString("hex"))).size).toBe(1);
    expect(one.asked).toHaveLength(1);
  });

  it("calls off the query whose clients all gave way, and does not blame the upstream", async () => {
    const one = new FakeUpstream("stuck", () => new Promise<Uint8Array>(() => undefined));
    const { forwarder: f, events } = forwarder(one);
    void codeOf(f.ask(question("oldest"), "udp"));
    for (let i = 0; i < limits.forwardInFlight; i++) void codeOf(f.ask(question(`n${i}`), "udp"));
    await expect.poll(() => one.asked[0]?.signal.aborted).toBe(true);
    expect(one.asked[1]?.signal.aborted).toBe(false);
    expect(events).toEqual(["overloaded"]);
  });

  it("lets the oldest query give way when too many wait", async () => {
    const { forwarder: f, events } = forwarder(new FakeUpstream("one", () => new Promise<Uint8Array>(() => undefined)));
    const oldest = codeOf(f.ask(question("oldest"), "udp"));
    for (let i = 0; i < limits.forwardInFlight; i++) void codeOf(f.ask(question(`n${i}`), "udp"));
    expect(await oldest).toBe("OVERLOADED");
    expect(f.waiting).toBe(limits.forwardInFlight);
    expect(events).toEqual(["overloaded"]);
  });
});

import assert from "node:assert/strict";
import { it } from "vitest";
import { judge, judgeRestarts } from "./judge.ts";

const records = [
  { url: "ip", at: 900, ms: 5 },
  { url: "ip", at: 990, ms: 40 },
  { url: "ip", at: 1010, ms: 3, error: "ECONNREFUSED" },
  { url: "name", at: 1005, ms: 2000, error: "timeout" },
  { url: "ip", at: 1100, ms: 3, error: "ECONNREFUSED" },
  { url: "ip", at: 1500, ms: 20 },
];

it("counts what was under way at the kill and what came after it, for each URL by itself", () => {
  assert.deepEqual(judge(records, "ip", 1000), { requests: 4, lost: 2, longestMs: 40, firstAnswerMs: 520, outageMs: 90, errors: ["ECONNREFUSED"] });
});

it("has no first answer when none came", () => {
  assert.deepEqual(judge(records, "name", 1000), { requests: 1, lost: 1, longestMs: 2000, outageMs: 0, errors: ["timeout"] });
});

const url = "http://10.132.0.11:8080/";
const answers = (count: number, changes: object = {}) => Array.from({ length: count }, (_, i) => ({ url, at: 1000 + i * 20, ms: 5, ...changes }));
const killOf = (daemon: string, records: readonly { url: string; at: number; ms: number; error?: string }[]) => ({ daemon, killedAt: 1000, readyMs: 300, records });
const cases = [
  { name: "every request answered", kill: killOf("tunneld of east-1", answers(120)), held: true },
  { name: "one lost", kill: killOf("tunneld of east-1", [...answers(120), ...answers(1, { error: "timeout" })]), held: false },
  { name: "too few to prove anything", kill: killOf("tunneld of east-1", answers(100)), held: false },
  { name: "none at all", kill: killOf("wireguard-a of east-1", []), held: false },
  { name: "one lost while userspace WireGuard is away", kill: killOf("wireguard-a of east-1", [...answers(120), ...answers(1, { error: "timeout" })]), held: true },
  { name: "userspace WireGuard away for long", kill: killOf("wireguard-a of east-1", answers(120, { at: 3001 })), held: false },
  { name: "the same on a processor that is five times slower", kill: killOf("wireguard-a of east-1", answers(120, { at: 3001 })), held: true, slowdown: 5 },
];
for (const { name, kill, held, slowdown = 1 } of cases)
  it(`judges ${name}`, () => {
    const [row] = judgeRestarts({ urls: { podIP: url, clusterIP: "c", name: "n" }, kills: [kill] }, slowdown);
    assert.equal(row?.error, held ? undefined : row?.detail);
  });

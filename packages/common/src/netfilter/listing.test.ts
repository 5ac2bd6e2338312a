import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { readChains, readRules } from "./listing.ts";

const meta = (key: string, right: unknown) => ({ match: { op: "==", left: { meta: { key } }, right } });
const payload = (protocol: string, field: string, right: unknown, op = "==") => ({ match: { op, left: { payload: { protocol, field } }, right } });
const prefix = (addr: string, len: number) => ({ prefix: { addr, len } });
const xt = (type: string, name: string) => ({ xt: { type, name } });
const counter = { counter: { packets: 0, bytes: 0 } };
const accept = { accept: null };

/** Expressions as nft 1.0.6 prints them, and `body`, verdict and whether the rule matches everything. */
const cases: { name: string; expr: object[]; want: string }[] = [
  { name: "ours, in forward", expr: [meta("iifname", "sdn-wg*"), payload("ip", "saddr", prefix("10.132.0.0", 14)), payload("ip", "daddr", prefix("10.128.0.0", 23)), counter, accept], want: '[iifname "sdn-wg*" ip saddr 10.132.0.0/14 ip daddr 10.128.0.0/23] accept' },
  { name: "an address, which is a prefix of full length", expr: [payload("ip6", "daddr", "fd00::1"), accept], want: "[ip6 daddr fd00::1/128] accept" },
  { name: "a port", expr: [payload("udp", "dport", 5555), counter, accept], want: "[udp dport 5555] accept" },
  { name: "ours after iptables-save and iptables-restore", expr: [payload("udp", "dport", 5555), xt("match", "comment"), counter, accept], want: "[udp dport 5555] accept" },
  { name: "an accept by a match of iptables that we never use", expr: [xt("match", "conntrack"), counter, accept], want: "accept" },
  { name: "an accept by a set, a negation, or a range of ports", expr: [payload("ip", "daddr", prefix("10.0.0.0", 8), "!="), payload("udp", "dport", { range: [1, 9] }), accept], want: "accept" },
  { name: "an accept of everything", expr: [accept], want: "[] accept always" },
  { name: "a drop of everything, counted and logged", expr: [counter, { log: { prefix: "x" } }, { drop: null }], want: "drop always" },
  { name: "a drop of some", expr: [{ match: { op: "in", left: { ct: { key: "state" } }, right: "invalid" } }, { drop: null }], want: "drop" },
  { name: "nft's reject", expr: [{ reject: { type: "icmpx", expr: "admin-prohibited" } }], want: "reject always" },
  { name: "iptables' reject", expr: [counter, xt("target", "REJECT")], want: "reject always" },
  { name: "another target of iptables", expr: [xt("target", "MARK")], want: "- always" },
  { name: "a jump with a comment of iptables", expr: [xt("match", "comment"), counter, { jump: { target: "cali-FORWARD" } }], want: "jump cali-FORWARD always" },
  { name: "a jump to the end", expr: [{ goto: { target: "zone" } }], want: "jump zone always" },
  { name: "a rule that only counts", expr: [counter], want: "-" },
];

describe("readRules()", () => {
  for (const { name, expr, want } of cases)
    it(`reads ${name}`, () => {
      const [rule] = readRules(JSON.stringify({ nftables: [{ metainfo: {} }, { chain: {} }, { rule: { handle: 7, expr } }] }));
      const { body, verdict = "-", always, handle } = rule!;
      assert.equal([body === undefined ? "" : `[${body}]`, verdict, always ? "always" : ""].filter(Boolean).join(" "), want);
      assert.equal(handle, 7);
    });

  it("keeps order, handles and comments", () => {
    const rules = readRules(JSON.stringify({ nftables: [{ chain: {} }, { rule: { handle: 9, comment: "sdn-tunnel", expr: [accept] } }, { rule: { handle: 3, expr: [accept] } }] }));
    assert.deepEqual(rules.map(({ handle, comment }) => [handle, comment]), [[9, "sdn-tunnel"], [3, undefined]]);
  });
});

describe("readChains() and readRules()", () => {
  for (const listing of ["", '{"nftables": [{"metainfo": {', "{}", '{"nftables": []}', '{"nftables": [{"rule": {"handle": 3, "expr": []}}]}'])
    it(`refuse ${JSON.stringify(listing)}, which is not whole`, () => {
      assert.throws(() => readChains(listing), /^CommonError: Cannot read the listing of chains that nft printed: /);
      assert.throws(() => readRules(listing), /^CommonError: Cannot read the listing of chain that nft printed: /);
    });
});

describe("readChains()", () => {
  it("takes the chains out of the list", () => {
    const chain = { family: "ip", table: "filter", name: "INPUT", hook: "input", type: "filter", policy: "drop" };
    assert.deepEqual(readChains(JSON.stringify({ nftables: [{ metainfo: {} }, { chain }] })), [chain]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { parseListing } from "./parse.ts";

/** Parts of what nft 1.0.6 prints. */
const listing = (...parts: unknown[]): string => JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6" } }, { table: { name: "sdn_proxy" } }, ...parts] });
const elementsOf = (json: string, map: string): unknown => Object.fromEntries(parseListing(json).elements.get(map) ?? []);

describe("parseListing()", () => {
  it("reads prefixes; one of full length is printed as an address", () => {
    const set = (name: string, elem: unknown[]) => ({ set: { name, flags: ["interval"], elem } });
    const json = listing(set("cidrs4", [{ prefix: { addr: "172.31.0.0", len: 16 } }, "10.9.0.1"]), set("cidrs6", ["fd00::1"]));
    assert.deepEqual(elementsOf(json, "cidrs4"), { "172.31.0.0/16": "", "10.9.0.1/32": "" });
    assert.deepEqual(elementsOf(json, "cidrs6"), { "fd00::1/128": "" });
  });

  it("reads verdicts and targets", () => {
    const key = { concat: ["172.31.0.7", "tcp", 8080] };
    const json = listing(
      { map: { name: "svc4", elem: [[key, { goto: { target: "n4_2" } }]] } },
      { map: { name: "ep4_0", elem: [[key, { concat: ["10.20.1.2", 8080] }]] } },
    );
    assert.deepEqual(elementsOf(json, "svc4"), { "172.31.0.7 . tcp . 8080": "goto n4_2" });
    assert.deepEqual(elementsOf(json, "ep4_0"), { "172.31.0.7 . tcp . 8080": "10.20.1.2 . 8080" });
  });

  it("counts rules, and reads the targets in them", () => {
    const data = { set: [[0, { concat: ["10.20.0.1", 8080] }], [1, { concat: ["10.20.0.2", 8080] }]] };
    const expr = [{ match: {} }, { dnat: { family: "ip", addr: { map: { key: { numgen: { mode: "random" } }, data } } } }];
    const { chains } = parseListing(listing({ chain: { name: "wide/x" } }, { rule: { chain: "wide/x", expr } }, { chain: { name: "empty" } }));
    assert.deepEqual(Object.fromEntries(chains), { "wide/x": { rules: 1, targets: ["10.20.0.1 . 8080", "10.20.0.2 . 8080"] }, empty: { rules: 0, targets: [] } });
  });

  it("names sets of clients, and does not read the clients", () => {
    const name = "sticky/tcp/172.31.0.9/80/60/10.20.1.2/8080";
    const { sets, elements } = parseListing(listing({ set: { name, elem: [{ elem: { val: "10.10.0.2", timeout: 60, expires: 55 } }] } }));
    assert.deepEqual([[...sets], elements.size], [[name], 0]);
  });

  it("keeps an element that we never write, so that it is seen as a stranger", () => {
    const json = listing({ map: { name: "svc4", elem: [[{ concat: ["172.31.0.7", "tcp", 8080] }, { drop: null }]] } });
    assert.deepEqual(elementsOf(json, "svc4"), { "172.31.0.7 . tcp . 8080": '{"drop":null}' });
  });
});

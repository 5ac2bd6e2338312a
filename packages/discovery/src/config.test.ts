import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parseFlags } from "@sdn-tunnel/common/daemon/flags";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, expect, it } from "vitest";
import { completeConfig, discoveryCommand } from "./config.ts";

const around = { resolvers: ["192.0.2.53"].map(parseAddress), interfaces: ["10.1.0.53", "fd00:1::53"].map(parseAddress) };
const flags = (...args: string[]) => parseFlags(discoveryCommand(), ["--source", "d", "--cluster-name", "east", ...args]);
const complete = (...args: string[]) => completeConfig(flags(...args), around);

describe("the command line", () => {
  it("has defaults that serve port 53 and ask who /etc/resolv.conf names", () => {
    expect(complete()).toEqual({
      listen: [parseSocketAddress("[::]:53")],
      upstreams: [parseSocketAddress("192.0.2.53:53")],
      deadCluster: "servfail",
      ttl: 5,
      own: ["10.1.0.53", "fd00:1::53"],
    });
  });

  it("takes listeners, upstreams, and what a dead cluster answers", () => {
    const config = complete("--listen", "127.0.0.1:5300", "--listen", "[::1]:5300", "--upstream", "192.0.2.1", "--upstream", "[2001:db8::1]:5353", "--dead-cluster", "keep", "--ttl", "30");
    expect(config.listen.map(({ host, port }) => `${host} ${port}`)).toEqual(["127.0.0.1 5300", "::1 5300"]);
    expect(config.upstreams.map(({ host, port }) => `${host} ${port}`)).toEqual(["192.0.2.1 53", "2001:db8::1 5353"]);
    expect([config.deadCluster, config.ttl, config.own]).toEqual(["keep", 30, ["127.0.0.1", "::1"]]);
  });

  it("takes `none` for no upstream", () => expect(complete("--upstream", "none").upstreams).toEqual([]));

  const refused: [string, string[], RegExp][] = [
    ["an upstream that is the server itself", ["--listen", "127.0.0.1:5300", "--upstream", "127.0.0.1:5300"], /--upstream: 127\.0\.0\.1:5300 is this server itself/],
    ["an upstream that is an own address under a wildcard", ["--upstream", "10.1.0.53"], /is this server itself/],
    ["an upstream on loopback under a wildcard", ["--upstream", "127.0.0.53"], /is this server itself/],
    ["an IPv6 upstream under a wildcard", ["--upstream", "fd00:1::53"], /is this server itself/],
    ["`none` beside others", ["--upstream", "none", "--upstream", "192.0.2.1"], /`none` excludes/],
    ["a listener given twice", ["--listen", "127.0.0.1:53", "--listen", "127.0.0.1:53"], /--listen: 127\.0\.0\.1:53 is given twice/],
    ["too many upstreams", Array.from({ length: 16 }, (_, i) => ["--upstream", `192.0.2.${i}`]).flat(), /at most 15/],
    ["an unknown answer for dead clusters", ["--dead-cluster", "maybe"], /servfail, keep or nxdomain/],
    ["a TTL of more than an hour", ["--ttl", "3601"], /0 to 3600/],
    ["a listener that is no address", ["--listen", "localhost:53"], /Cannot parse/],
  ];
  for (const [sentence, args, message] of refused) it(`refuses ${sentence}`, () => expect(() => complete(...args)).toThrow(message));

  it("tells every problem at once", () => {
    expect(() => complete("--listen", "127.0.0.1:53", "--listen", "127.0.0.1:53", "--upstream", "127.0.0.1")).toThrow(/given twice.*this server itself/);
  });

  it("names /etc/resolv.conf when that leads back to the server", () => {
    const own = { ...around, resolvers: [parseAddress("10.1.0.53")] };
    expect(() => completeConfig(flags(), own)).toThrow(/\/etc\/resolv\.conf: 10\.1\.0\.53:53 is this server itself/);
  });

  it("does not mind an upstream on another port of its own address", () => {
    expect(complete("--listen", "127.0.0.1:5300", "--upstream", "127.0.0.1:53").upstreams).toHaveLength(1);
  });
});

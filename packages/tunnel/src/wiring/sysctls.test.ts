import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { afterEach, beforeEach, describe, it } from "vitest";
import { deviceMtu, linuxSysctls } from "./linux.ts";
import { KeptSysctls } from "./sysctls.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "sysctls-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const kernel = (values: Record<string, string>) => ({
  values,
  read: async (name: string) => values[name],
  write: async (name: string, value: string) => void (values[name] = value),
});

describe("KeptSysctls", () => {
  it("sets what differs, and puts it back, also after a restart", async () => {
    const proc = kernel({ a: "0", b: "1" });
    assert.deepEqual(await new KeptSysctls(proc, folder).ensure(new Map([["a", "1"], ["b", "1"], ["absent", "1"]])), ["a"]);
    assert.deepEqual(proc.values, { a: "1", b: "1" });
    await new KeptSysctls(proc, folder).restore();
    assert.deepEqual(proc.values, { a: "0", b: "1" });
    assert.ok(!existsSync(join(folder, "sysctls.json")));
  });

  it("remembers the first value, not one that somebody set meanwhile", async () => {
    const proc = kernel({ a: "0" });
    const kept = new KeptSysctls(proc, folder);
    await kept.ensure(new Map([["a", "1"]]));
    proc.values["a"] = "2";
    await kept.ensure(new Map([["a", "1"]]));
    await kept.restore();
    assert.deepEqual(proc.values, { a: "0" });
  });

  it("writes nothing and keeps no file when all is as wanted", async () => {
    assert.deepEqual(await new KeptSysctls(kernel({ a: "1" }), folder).ensure(new Map([["a", "1"]])), []);
    assert.ok(!existsSync(join(folder, "sysctls.json")));
  });
});

describe("linuxSysctls", () => {
  const [four, six] = ["10.1.0.1", "fd01::1"].map(parseAddress) as [ReturnType<typeof parseAddress>, ReturnType<typeof parseAddress>];
  const cases = [
    { name: "asks for nothing without an address", addresses: [], want: {} },
    { name: "forwards IPv4", addresses: [four], want: { "net/ipv4/ip_forward": "1" } },
    {
      name: "keeps router advertisements before it forwards IPv6",
      addresses: [six],
      want: { "net/ipv6/conf/eth0/accept_ra": "2", "net/ipv6/conf/all/forwarding": "1" },
    },
  ];
  for (const { name, addresses, want } of cases)
    it(name, () => assert.deepEqual([...linuxSysctls(addresses, ["eth0"])], Object.entries(want)));
});

describe("deviceMtu", () => {
  const address = parseAddress("192.0.2.21");
  const cases = [
    { name: "is 1420 on Ethernet", mtu: 1500, want: 1420 },
    { name: "is 1420 on jumbo frames: the path to the others is not known to be as wide", mtu: 9000, want: 1420 },
    { name: "leaves room on a narrow device", mtu: 1460, want: 1380 },
    { name: "never falls below what IPv6 needs", mtu: 1300, want: 1280 },
  ];
  for (const { name, mtu, want } of cases)
    it(name, () => {
      const links = [{ index: 1, name: "eth0", up: true, mtu }, { index: 2, name: "lo", up: true, mtu: 68 }];
      assert.equal(deviceMtu([address], [{ address, device: "eth0" }], links), want);
    });
});

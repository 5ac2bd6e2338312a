import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, it } from "vitest";
import { deviceMtu, linuxSysctls } from "./linux.ts";

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

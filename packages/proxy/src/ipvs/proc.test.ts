import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { parseProc } from "./proc.ts";

/** As Linux 6.1 prints it. */
const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  AC1F0007:0050 rr persistent 2700000 FFFFFFFF
  -> 0A140102:1F90      Masq    1      3          4         
  -> 0A140202:1F90      Route   0      0          0         
UDP  AC1F000A:0035 sh ops
SCTP AC1F0007:0063 wlc 
FWM  00000007 rr 
  -> 0A140102:0000      Masq    1      0          0         
TCP  [fd00:0031:0000:0000:0000:0000:0000:0007]:0050 mh persistent 15000 0080
  -> [fd00:0020:0000:0000:0000:0000:0000:0001]:1F90      Masq    65535  0          0         
`;

describe("parseProc()", () => {
  it("reads services of both families with their destinations, and leaves those by mark out", () => {
    const shown = [...parseProc(text)].map(([key, { scheduler, affinityTicks, destinations }]) => [key, scheduler, affinityTicks, Object.fromEntries(destinations)]);
    assert.deepEqual(shown, [
      [
        "tcp/172.31.0.7:80",
        "rr",
        2_700_000,
        { "10.20.1.2:8080": { weight: 1, connections: 7, masqueraded: true }, "10.20.2.2:8080": { weight: 0, connections: 0, masqueraded: false } },
      ],
      ["udp/172.31.0.10:53", "sh", undefined, {}],
      ["sctp/172.31.0.7:99", "wlc", undefined, {}],
      ["tcp/[fd00:31::7]:80", "mh", 15_000, { "[fd00:20::1]:8080": { weight: 65_535, connections: 0, masqueraded: true } }],
    ]);
  });

  it("reads an empty table, and no file", () => {
    assert.equal(parseProc(text.split("\n").slice(0, 3).join("\n")).size, 0);
    assert.equal(parseProc("").size, 0);
  });
});

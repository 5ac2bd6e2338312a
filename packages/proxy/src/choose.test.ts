import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { chooseBackend, parseBackendChoice } from "./choose.ts";
import type { IpvsVerdict } from "./choose.ts";

const fine: IpvsVerdict = { proof: "the kernel took a service by netlink" };
const noKernel: IpvsVerdict = { ...fine, kernel: "ENOENT" };
const noPath: IpvsVerdict = { ...fine, path: "chain inet filter input drops" };

describe("chooseBackend()", () => {
  const cases = [
    { name: "takes IPVS by itself where nothing speaks against it", choice: "auto", verdict: fine, want: "ipvs: the kernel took a service by netlink" },
    { name: "takes nftables by itself where the kernel has no IPVS", choice: "auto", verdict: noKernel, want: "nftables: no IPVS: ENOENT" },
    { name: "takes nftables by itself where IPVS would not be reached", choice: "auto", verdict: noPath, want: "nftables: no IPVS: chain inet filter input drops" },
    { name: "does as it is told", choice: "nftables", verdict: fine, want: "nftables: asked for by --backend" },
    { name: "does as it is told, and says what is in the way", choice: "ipvs", verdict: noPath, want: "ipvs: asked for by --backend, although chain inet filter input drops" },
  ] as const;
  for (const { name, choice, verdict, want } of cases)
    it(name, () => {
      const decision = chooseBackend(choice, verdict);
      assert.equal(`${decision.name}: ${decision.reason}`, want);
    });

  it("refuses IPVS where the kernel has none", () => {
    assert.throws(() => chooseBackend("ipvs", noKernel), /^ProxyError: Cannot use the backend ipvs: ENOENT; accepted here is --backend nftables, or auto$/);
  });

  it("names what is accepted", () => {
    assert.equal(parseBackendChoice("ipvs"), "ipvs");
    assert.throws(() => parseBackendChoice("iptables"), /accepted are auto, ipvs and nftables/);
  });
});

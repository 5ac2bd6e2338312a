import { expect, it } from "vitest";
import { parseResolvConf, readResolvConf } from "./resolv-conf.ts";

it("parseResolvConf() reads name servers in order, and skips what it cannot use", () => {
  const text = "# comment\nsearch svc.cluster.local\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver fe80::1%eth0\n nameserver 192.0.2.9\nnameserver x\nnameserver 192.0.2.2# the other one\noptions ndots:5\n";
  expect(parseResolvConf(text)).toEqual(["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
});

it("readResolvConf() finds none where there is no file, and refuses what is none", async () => {
  await expect(readResolvConf("/nonexistent/resolv.conf")).resolves.toEqual([]);
  await expect(readResolvConf("/etc")).rejects.toThrow("EISDIR");
});

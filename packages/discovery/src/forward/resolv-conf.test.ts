import { expect, it } from "vitest";
import { parseResolvConf } from "./resolv-conf.ts";

it("parseResolvConf() reads name servers in order, and skips what it cannot use", () => {
  const text = "# comment\nsearch svc.cluster.local\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver fe80::1%eth0\n nameserver 192.0.2.9\nnameserver x\noptions ndots:5\n";
  expect(parseResolvConf(text)).toEqual(["192.0.2.1", "2001:db8::1"]);
});

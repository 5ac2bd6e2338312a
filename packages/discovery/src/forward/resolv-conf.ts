import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** The name servers of a resolv.conf(5), in order. A link-local one with a zone (`fe80::1%eth0`) cannot be used and is left out. */
export function parseResolvConf(text: string): Address[] {
  return text.split("\n").flatMap((line) => {
    const address = /^nameserver\s+(\S+)/.exec(line)?.[1];
    if (address === undefined) return [];
    try {
      return [parseAddress(address)];
    } catch {
      return []; // resolv.conf(5): a resolver skips what it cannot read
    }
  });
}

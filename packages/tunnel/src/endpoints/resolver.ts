import { Resolver } from "node:dns/promises";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Addresses of a name, and for how long they hold. */
export interface Resolved {
  readonly addresses: readonly Address[];
  readonly ttlSeconds: number;
}

/** Asks the DNS; an empty list when the name has no address. */
export interface NameLookup {
  resolve(name: string): Promise<Resolved>;
}

/** By the resolvers of resolv.conf(5); does not block a thread when they are silent. */
export class DnsLookup implements NameLookup {
  readonly #resolver = new Resolver({ timeout: 2000, tries: 2 });

  async resolve(name: string): Promise<Resolved> {
    const answers = await Promise.allSettled([
      this.#resolver.resolve4(name, { ttl: true }),
      this.#resolver.resolve6(name, { ttl: true }),
    ]);
    const records = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failure = answers.find((answer) => answer.status === "rejected");
    if (records.length === 0 && failure) throw failure.reason;
    return { addresses: records.map(({ address }) => parseAddress(address)), ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) };
  }
}

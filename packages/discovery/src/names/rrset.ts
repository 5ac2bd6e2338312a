import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** A name with the addresses that go into the additional section. */
export interface Glue {
  readonly name: string;
  readonly addresses: readonly Address[];
}

/** One SRV record without its priority, which is always 0 (RFC 2782). */
export interface SrvTarget {
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** The records of one type at one name. Names are absolute, in lower case, without the trailing dot. */
export type RRset =
  | { readonly type: "A" | "AAAA"; readonly addresses: readonly Address[] }
  | { readonly type: "SRV"; readonly targets: readonly SrvTarget[]; readonly glue: readonly Glue[] }
  | { readonly type: "NS"; readonly targets: readonly string[]; readonly glue: readonly Glue[] }
  | { readonly type: "PTR"; readonly targets: readonly string[] }
  | { readonly type: "CNAME"; readonly target: string }
  | { readonly type: "TXT"; readonly text: string };

/** A name that exists, with its records: none for an empty non-terminal. */
export interface NamePlan {
  readonly name: string;
  readonly sets: readonly RRset[];
}

/** The A and AAAA sets of `addresses`, each only when there are any; order kept, duplicates removed. */
export function addressSets(addresses: Iterable<Address>): RRset[] {
  const unique = [...new Set(addresses)];
  const sets: RRset[] = [];
  const v4 = unique.filter((address) => familyOf(address) === 4);
  const v6 = unique.filter((address) => familyOf(address) === 6);
  if (v4.length > 0) sets.push({ type: "A", addresses: v4 });
  if (v6.length > 0) sets.push({ type: "AAAA", addresses: v6 });
  return sets;
}

import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { Address } from "../net/address.ts";
import { containsPrefix } from "../net/overlap.ts";
import { PrefixMap } from "../net/prefix-map.ts";
import type { Prefix } from "../net/prefix.ts";
import { AddressIndex } from "./address-index.ts";
import { NameIndex } from "./name-index.ts";

/** A node of which something else counts from now on: as it was, and as it is. */
export interface Claim {
  readonly name: string;
  readonly was: MeshNode | undefined;
  readonly is: MeshNode | undefined;
}

/** What follows from a change of claims. */
export interface Moves {
  /** Nodes of which something else is to be said, besides those that changed. */
  readonly nodes: ReadonlySet<string>;
  /** Subnets that have another holder, as published. */
  readonly subnets: ReadonlySet<Prefix>;
}

/**
 * Who holds what of one cluster: subnets inside the pins, and with them the addresses in them, and node IPs. Everything
 * here is as published. A change costs what it moves.
 */
export class Holdings {
  readonly #pins: MeshCluster["podCIDRs"];
  readonly #claims = new NameIndex<Prefix, string>();
  readonly #owners = new Map<Prefix, string>();
  /** The same by longest match: behind which node an address is. */
  readonly #holders = new PrefixMap<string>();
  readonly #addresses = new AddressIndex<string>();
  readonly #nodeIPs = new NameIndex<Address, string>();

  constructor({ podCIDRs }: MeshCluster) {
    this.#pins = podCIDRs;
  }

  /** The node that has this subnet; `undefined` for one outside the pins. */
  ownerOf(subnet: Prefix): string | undefined {
    return this.#owners.get(subnet);
  }

  /** The node behind which an address is: that of the longest subnet around it. */
  holderOf(address: Address): string | undefined {
    return this.#holders.match(address);
  }

  /** The node with this node IP; of several the first by name. */
  nodeWithIP(ip: Address): string | undefined {
    return this.#nodeIPs.first(ip);
  }

  /**
   * Takes changes that came together. A subnet stays with who holds and still claims it, else the first by name has it.
   *
   * @param keepers who held subnets before this was made
   */
  update(claims: Iterable<Claim>, keepers: ReadonlyMap<Prefix, string> = new Map()): Moves {
    const reopened = new Set<Prefix>();
    for (const claim of claims) {
      for (const subnet of this.#claim(claim)) reopened.add(subnet);
      for (const address of claim.was?.addresses ?? []) this.#addresses.delete(address, claim.name);
      for (const address of claim.is?.addresses ?? []) this.#addresses.add(address, claim.name);
      for (const ip of claim.was?.nodeIPs ?? []) this.#nodeIPs.delete(ip, claim.name);
      for (const ip of claim.is?.nodeIPs ?? []) this.#nodeIPs.add(ip, claim.name);
    }
    const subnets = new Set([...reopened].filter((subnet) => this.#settle(subnet, keepers.get(subnet))));
    return { subnets, nodes: new Set([...subnets].flatMap((subnet) => [...this.#claims.of(subnet), ...this.#addresses.within(subnet)])) };
  }

  /** Notes which subnets a node claims; returns those that it did not claim before, or does not any more. */
  #claim({ name, was, is }: Claim): Set<Prefix> {
    const [before, after] = [this.#pinned(was), this.#pinned(is)];
    for (const subnet of before.difference(after)) this.#claims.delete(subnet, name);
    for (const subnet of after.difference(before)) this.#claims.add(subnet, name);
    return before.symmetricDifference(after);
  }

  /** Decides who has a subnet; returns whether that is another than before. */
  #settle(subnet: Prefix, keeper: string | undefined): boolean {
    const before = this.#owners.get(subnet);
    const entitled = before ?? keeper;
    const now = entitled !== undefined && this.#claims.has(subnet, entitled) ? entitled : this.#claims.first(subnet);
    if (now === before) return false;
    if (now === undefined) {
      this.#owners.delete(subnet);
      this.#holders.delete(subnet);
    } else {
      this.#owners.set(subnet, now);
      this.#holders.set(subnet, now);
    }
    return true;
  }

  #pinned(node: MeshNode | undefined): Set<Prefix> {
    return new Set(node?.subnets.filter((subnet) => this.#pins.some(({ cidr }) => containsPrefix(cidr, subnet))));
  }
}

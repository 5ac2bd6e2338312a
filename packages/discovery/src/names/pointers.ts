import type { ServiceKey, ServiceView } from "@sdn-tunnel/common/admit/view";
import type { Address } from "@sdn-tunnel/common/net/address";
import { endpointLabel, fits, isLabel } from "./label.ts";
import { readyEndpoints, serviceDomain } from "./service.ts";

/** What one Service says of one address. */
export interface Pointer {
  readonly service: ServiceKey;
  /** A ClusterIP belongs to one Service, and hides what is said of the address as an endpoint. */
  readonly kind: "vip" | "endpoint";
  /** The name that PTR gives. */
  readonly target: string;
}

/**
 * Who says what of which address: several Services may have the same endpoint, so the PTR records of an address are
 * made of what all of them say.
 */
export class PointerIndex {
  readonly #byAddress = new Map<Address, readonly Pointer[]>();
  readonly #byService = new Map<ServiceKey, readonly Address[]>();

  /**
   * Replaces what the Service says; `undefined` when it is gone.
   *
   * @param zone the zone of the names that PTR gives
   * @returns the addresses of which something else is said now
   */
  set(key: ServiceKey, service: ServiceView | undefined, zone: string): Address[] {
    const before = this.#byService.get(key) ?? [];
    const said = Map.groupBy(service ? pointersOf(key, service, zone) : [], ([address]) => address);
    const changed = before.filter((address) => !said.has(address));
    for (const address of changed) this.#say(address, key, []);
    for (const [address, pointers] of said) if (this.#say(address, key, pointers.map(([, pointer]) => pointer))) changed.push(address);
    if (said.size > 0) this.#byService.set(key, [...said.keys()]);
    else this.#byService.delete(key);
    return changed;
  }

  /** The addresses of which the Service says something. */
  addressesOf(service: ServiceKey): readonly Address[] {
    return this.#byService.get(service) ?? [];
  }

  /** Everything that is said of the address, in the order of the Services' keys. */
  of(address: Address): readonly Pointer[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** The names that PTR gives for the address: that of its ClusterIP alone, else one per endpoint; empty for NXDOMAIN. */
  targets(address: Address): string[] {
    const pointers = this.of(address);
    const vip = pointers.find(({ kind }) => kind === "vip");
    return vip ? [vip.target] : [...new Set(pointers.map(({ target }) => target))];
  }

  /** Returns whether that was news. */
  #say(address: Address, service: ServiceKey, said: readonly Pointer[]): boolean {
    const all = this.of(address);
    const before = all.filter((pointer) => pointer.service === service);
    if (before.length === said.length && before.every(({ kind, target }, i) => kind === said[i]?.kind && target === said[i].target)) return false;
    const others = all.filter((pointer) => pointer.service !== service);
    const now = [...others, ...said].toSorted((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
    if (now.length > 0) this.#byAddress.set(address, now);
    else this.#byAddress.delete(address);
    return true;
  }
}

function pointersOf(service: ServiceKey, view: ServiceView, zone: string): [Address, Pointer][] {
  if (!isLabel(view.name) || !isLabel(view.namespace) || view.externalName !== undefined) return [];
  const name = serviceDomain(view, zone);
  const vips = view.vips.map((address): [Address, Pointer] => [address, { service, kind: "vip", target: name }]);
  const endpoints = readyEndpoints(view).map((endpoint): [Address, Pointer] => [
    endpoint.address,
    { service, kind: "endpoint", target: `${endpointLabel(endpoint)}.${name}` },
  ]);
  return [...vips, ...endpoints].filter(([, { target }]) => fits(target));
}

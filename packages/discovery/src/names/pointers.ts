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
  readonly #byAddress = new Map<Address, Map<ServiceKey, readonly Pointer[]>>();
  readonly #byService = new Map<ServiceKey, ReadonlySet<Address>>();

  /**
   * Replaces what the Service says; `undefined` when it is gone.
   *
   * @returns the addresses of which something else may be said now
   */
  set(key: ServiceKey, service: ServiceView | undefined, zone: string): ReadonlySet<Address> {
    const before = this.#byService.get(key) ?? new Set<Address>();
    const said = Map.groupBy(service ? pointersOf(key, service, zone) : [], ([address]) => address);
    for (const address of before) if (!said.has(address)) this.#forget(address, key);
    for (const [address, pointers] of said) {
      const all = this.#byAddress.get(address) ?? new Map<ServiceKey, readonly Pointer[]>();
      all.set(key, pointers.map(([, pointer]) => pointer));
      this.#byAddress.set(address, all);
    }
    const after = new Set(said.keys());
    if (after.size > 0) this.#byService.set(key, after);
    else this.#byService.delete(key);
    return before.union(after);
  }

  /** Everything that is said of the address, in the order of the Services' keys. */
  of(address: Address): Pointer[] {
    const all = [...(this.#byAddress.get(address) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return all.flatMap(([, pointers]) => pointers);
  }

  /** The names that PTR gives for the address: that of its ClusterIP alone, else one per endpoint; empty for NXDOMAIN. */
  targets(address: Address): string[] {
    const pointers = this.of(address);
    const vip = pointers.find(({ kind }) => kind === "vip");
    return vip ? [vip.target] : [...new Set(pointers.map(({ target }) => target))];
  }

  #forget(address: Address, key: ServiceKey): void {
    const all = this.#byAddress.get(address);
    all?.delete(key);
    if (all?.size === 0) this.#byAddress.delete(address);
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

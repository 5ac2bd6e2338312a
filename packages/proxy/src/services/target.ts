import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** A real server in canonical form: `10.4.1.7:8080`, `[fd00::1]:8080`. Made by `targetKey()`. */
export type TargetKey = string & { readonly __brand: "TargetKey" };

export function targetKey(address: Address, port: number): TargetKey {
  return `${familyOf(address) === 6 ? `[${address}]` : address}:${port}` as TargetKey;
}

/** The inverse of `targetKey()`. */
export function splitTarget(key: TargetKey): { readonly address: Address; readonly port: number } {
  const colon = key.lastIndexOf(":");
  return { address: key.slice(0, colon).replace(/^\[|\]$/g, "") as Address, port: Number(key.slice(colon + 1)) };
}

import type { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import { TunnelError } from "../errors.ts";

export type DeviceLinks = Pick<KernelLinks, "find" | "create" | "remove">;

/** A device of this name exists for a moment, when it is tried out whether the kernel makes one. */
const TRIAL = "sdn-wg-trial";

/**
 * Makes sure that our device is there and is the kernel's WireGuard. One that is there is kept as it is: making it
 * anew would end every session, and every route through it would be gone. A `tun`, left by userspace WireGuard, is
 * replaced, once it is sure that the kernel makes the other kind.
 *
 * @returns what was done
 * @throws {TunnelError} DEVICE_FOREIGN when a device of another kind has its name
 * @throws {CommonError} NETLINK_REFUSED: ENOTSUP when the kernel has no WireGuard
 */
export async function ensureDevice(device: string, links: DeviceLinks): Promise<"kept" | "made" | "replaced"> {
  const link = await links.find(device);
  if (link?.kind === "wireguard") return "kept";
  if (link && link.kind !== "tun") throw new TunnelError({ code: "DEVICE_FOREIGN", device, kind: link.kind ?? "hardware" });
  if (link) {
    await tryDevice(links);
    await links.remove(device);
  }
  await links.create(device, "wireguard");
  return link ? "replaced" : "made";
}

/** Makes a WireGuard device and deletes it: what a kernel lists is not always what it can do. */
export async function tryDevice(links: DeviceLinks): Promise<void> {
  if (await links.find(TRIAL)) await links.remove(TRIAL); // a former run was killed in between
  await links.create(TRIAL, "wireguard");
  await links.remove(TRIAL);
}

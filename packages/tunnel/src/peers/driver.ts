import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import { tryDevice } from "./ensure.ts";
import type { DeviceLinks } from "./ensure.ts";

/** What `--device-driver` accepts. */
export type DriverChoice = "auto" | "kernel" | "userspace";

/** Who encrypts the packets, and why it is that one. */
export interface Driver {
  readonly kind: "kernel" | "userspace";
  readonly reason: string;
}

/**
 * Decides between the kernel's WireGuard and userspace. `auto` takes the kernel's where it makes a device.
 *
 * @param device name of our device: one that a former run made in the kernel decides at once
 */
export async function chooseDriver(choice: DriverChoice, device: string, links: DeviceLinks): Promise<Driver> {
  if (choice !== "auto") return asked(choice);
  if ((await links.find(device))?.kind === "wireguard") return { kind: "kernel", reason: "its device is there already" };
  try {
    await tryDevice(links);
    return { kind: "kernel", reason: "it makes WireGuard devices" };
  } catch (error) {
    return { kind: "userspace", reason: `the kernel makes no WireGuard device (${errnoOf(error)})` };
  }
}

/** The same without changing anything: for `--dry-run`. */
export async function guessDriver(choice: DriverChoice, device: string, links: Pick<DeviceLinks, "find">): Promise<Driver> {
  if (choice !== "auto") return asked(choice);
  if ((await links.find(device))?.kind === "wireguard") return { kind: "kernel", reason: "its device is there already" };
  return { kind: "userspace", reason: `there is no WireGuard device ${device}; the kernel's is tried out at a start only` };
}

/** What `/status` and the log say of it. */
export const showDriver = ({ kind, reason }: Driver): string =>
  kind === "kernel" ? `kernel, by generic netlink: ${reason}` : `userspace (wireguard-go), by its UAPI socket: ${reason}`;

const asked = (kind: "kernel" | "userspace"): Driver => ({ kind, reason: `--device-driver ${kind}` });

const errnoOf = (error: unknown): string =>
  error instanceof CommonError && error.fault.code === "NETLINK_REFUSED" ? error.fault.errno : messageOf(error);

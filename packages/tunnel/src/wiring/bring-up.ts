import type { Links } from "@sdn-tunnel/common/kernel/links";
import { TunnelError } from "../errors.ts";
import { publicKeyOf } from "../keys/key.ts";
import type { SecretKey } from "../keys/key.ts";
import type { DeviceState, WireguardDevice } from "../peers/device.ts";

export interface DeviceSettings {
  readonly privateKey: SecretKey;
  readonly listenPort: number;
  /** Bytes. */
  readonly mtu: number;
}

/**
 * Gives the device its key, port and MTU and brings it up; only what differs from `state` is written, since setting
 * a port again opens the socket anew. Returns whether anything was.
 */
export async function bringUp(device: WireguardDevice, links: Links, state: DeviceState, settings: DeviceSettings): Promise<boolean> {
  const { privateKey, listenPort, mtu } = settings;
  const link = await links.find(device.name);
  if (!link) throw new TunnelError({ code: "DEVICE_ABSENT", device: device.name, reason: "there is no network device of that name here" });
  const configured = state.publicKey === publicKeyOf(privateKey) && state.listenPort === listenPort;
  if (!configured) await device.configure({ privateKey, listenPort });
  const ready = link.up && link.mtu === mtu;
  if (!ready) await links.set(device.name, { up: true, mtu });
  return !configured || !ready;
}

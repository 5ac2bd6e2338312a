import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { ListenNeeds } from "./answering.ts";
import { TcpListener } from "./tcp.ts";
import { UdpListener } from "./udp.ts";

/**
 * Answers over UDP and TCP on every address until `signal` aborts; port 0 takes any that is free, the same for both.
 *
 * @returns the ports, one per address
 * @throws {DiscoveryError} `CANNOT_LISTEN`; then nothing is left open
 */
export async function listenOn(addresses: readonly SocketAddress[], needs: ListenNeeds, signal: AbortSignal): Promise<number[]> {
  const open: { close(): void }[] = [];
  const closeAll = (): void => {
    for (const listener of open.splice(0)) listener.close();
  };
  const ports: number[] = [];
  try {
    for (const address of addresses) {
      const udp = await UdpListener.open(address, needs);
      open.push(udp);
      open.push(await TcpListener.open({ ...address, port: udp.port }, needs));
      ports.push(udp.port);
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  signal.addEventListener("abort", closeAll);
  return ports;
}

import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { serverKey } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import { targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";
import type { Destination } from "./state.ts";

/** A virtual service as `/proc/net/ip_vs` lists it. */
export interface ListedService {
  readonly scheduler: string;
  /** Persistence in ticks of the kernel's clock, whose rate the file does not say; absent without. */
  readonly affinityTicks?: number;
  /** It balances packets, not connections (ipvsadm(8), `-o`); of IPv6 the file does not say. */
  readonly onePacket?: true;
  readonly destinations: Map<TargetKey, Destination>;
}

const transports: Readonly<Record<string, Transport>> = { TCP: "tcp", UDP: "udp", SCTP: "sctp" };

/**
 * Reads `/proc/net/ip_vs`: the whole table in one file, twenty times faster than asking service by service.
 *
 * @returns services by firewall mark, and of protocols that we do not know, are left out
 */
export function parseProc(text: string): Map<ServerKey, ListedService> {
  const services = new Map<ServerKey, ListedService>();
  let current: ListedService | undefined;
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "->") {
      if (current && words.length >= 6 && words[1] !== "RemoteAddress:Port") addDestination(current, words);
      continue;
    }
    const transport = transports[words[0] ?? ""];
    current = transport && { scheduler: words[2] ?? "", ...persistenceOf(words), ...(words.includes("ops") ? { onePacket: true as const } : {}), destinations: new Map() };
    if (current && transport) services.set(serverKey({ transport, ...socketOf(words[1] ?? "") }), current);
  }
  return services;
}

/** `TCP  AC1F0007:0050 rr persistent 2700000 FFFFFFFF`. */
function persistenceOf(words: readonly string[]): { affinityTicks?: number } {
  const at = words.indexOf("persistent");
  return at < 0 ? {} : { affinityTicks: Number(words[at + 1]) };
}

/** `-> 0A140102:1F90      Masq    1      0          0`. */
function addDestination({ destinations }: ListedService, [, socket = "", method, weight, active, inactive]: readonly string[]): void {
  const { address, port } = socketOf(socket);
  const connections = Number(active) + Number(inactive);
  destinations.set(targetKey(address, port), { weight: Number(weight), connections, masqueraded: method === "Masq" });
}

/** `AC1F0007:0050`, or `[fd00:0031:0000:0000:0000:0000:0000:0007]:0050`. */
function socketOf(text: string): { address: Address; port: number } {
  const colon = text.lastIndexOf(":");
  const port = Number.parseInt(text.slice(colon + 1), 16);
  const name = text.slice(0, colon);
  return { address: name.startsWith("[") ? parseAddress(name.slice(1, -1)) : dotted(Number.parseInt(name, 16)), port };
}

const dotted = (bits: number): Address => `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}` as Address;

import { parseAddress } from "@sdn-tunnel/common/net/address";
import { serverKey } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import type { ServiceSettings } from "./state.ts";
import { hasFallback } from "./table.ts";

const transports: Readonly<Record<string, Transport>> = { "-t": "tcp", "-u": "udp", "--sctp-service": "sctp" };

/** Settings of services as `ipvsadm -Sn` saves them: `-A -t 172.31.0.7:80 -s sh -p 10800 -b sh-fallback`. */
export function parseSaved(text: string): Map<ServerKey, ServiceSettings> {
  const services = new Map<ServerKey, ServiceSettings>();
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const transport = transports[words[1] ?? ""];
    if (words[0] === "-A" && transport) services.set(keyOf(transport, words[2] ?? ""), settingsOf(words));
  }
  return services;
}

function keyOf(transport: Transport, socket: string): ServerKey {
  const colon = socket.lastIndexOf(":");
  const address = parseAddress(socket.slice(0, colon).replaceAll(/^\[|\]$/g, ""));
  return serverKey({ transport, address, port: Number(socket.slice(colon + 1)) });
}

function settingsOf(words: readonly string[]): ServiceSettings {
  const valueOf = (flag: string): string | undefined => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
  const [scheduler = "", seconds] = [valueOf("-s"), valueOf("-p")];
  const altered = words.includes("-o") || (hasFallback(scheduler) && valueOf("-b") !== `${scheduler}-fallback`);
  return { scheduler, ...(seconds === undefined ? {} : { affinitySeconds: Number(seconds) }), ...(altered ? { altered } : {}) };
}

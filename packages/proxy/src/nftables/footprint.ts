import { splitServer } from "../services/server.ts";
import type { ServerKey, ServerSocket, VirtualServer } from "../services/server.ts";
import { splitTarget } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";
import { drawRule, FLAT_LIMIT } from "./layout.ts";
import { privateName, suffixOf } from "./names.ts";

/** Everything in the table that belongs to one server. */
export interface Footprint {
  /** Value by map: a server has at most one element in a map, under its own key. */
  readonly elements: ReadonlyMap<string, string>;
  /** Rules by chain; a chain stands behind those that it leads to. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets of clients, with the seconds after which one is forgotten. */
  readonly sets: ReadonlyMap<string, number>;
}

/** The server as element key: `172.31.0.7 . tcp . 8080`. */
export function elementKey(server: ServerKey): string {
  const { address, transport, port } = splitServer(server);
  return `${address} . ${transport} . ${port}`;
}

/** The objects that make the kernel balance `server`; none when it has no targets. */
export function footprintOf(key: ServerKey, { targets, affinitySeconds }: VirtualServer): Footprint {
  if (targets.length === 0) return { elements: new Map(), chains: new Map(), sets: new Map() };
  if (affinitySeconds !== undefined) return stickyFootprint(key, targets, affinitySeconds);
  return targets.length > FLAT_LIMIT ? wideFootprint(key, targets) : flatFootprint(key, targets);
}

function flatFootprint(key: ServerKey, targets: readonly TargetKey[]): Footprint {
  const f = suffixOf(splitServer(key).address);
  const elements = new Map(targets.map((target, i) => [`ep${f}_${i}`, dataOf(target)]));
  elements.set(`svc${f}`, `goto n${f}_${targets.length}`);
  return { elements, chains: new Map(), sets: new Map() };
}

function wideFootprint(key: ServerKey, targets: readonly TargetKey[]): Footprint {
  const socket = splitServer(key);
  const chain = privateName({ form: "wide", server: key });
  const data = targets.map((target, i) => `${i} : ${dataOf(target)}`).join(", ");
  const rule = `${matchOf(socket)} dnat ${ipOf(socket)} addr . port to numgen random mod ${targets.length} map { ${data} }`;
  return { elements: leadTo(socket, chain), chains: new Map([[chain, [rule]]]), sets: new Map() };
}

/** A client goes to the target whose set it is in, else to one that is drawn; the target's chain notes it down again. */
function stickyFootprint(key: ServerKey, targets: readonly TargetKey[], seconds: number): Footprint {
  const socket = splitServer(key);
  const ip = ipOf(socket);
  const chain = privateName({ form: "sticky", server: key });
  const names = targets.map((target) => privateName({ form: "sticky", server: key, target, seconds }));
  const chains = new Map<string, string[]>();
  for (const [i, name] of names.entries())
    chains.set(name, [`update @${name} { ${ip} saddr }`, `${matchOf(socket)} dnat ${ip} to ${targets[i]}`]);
  chains.set(chain, [...names.map((name) => `${ip} saddr @${name} goto ${name}`), drawRule(names)]);
  return { elements: leadTo(socket, chain), chains, sets: new Map(names.map((name) => [name, seconds])) };
}

function leadTo({ address }: ServerSocket, chain: string): Map<string, string> {
  return new Map([[`svc${suffixOf(address)}`, `goto ${chain}`]]);
}

/** nft wants the transport named before a port is translated. */
const matchOf = ({ transport }: ServerSocket): string => `meta l4proto ${transport}`;
const ipOf = ({ address }: ServerSocket): "ip" | "ip6" => (suffixOf(address) === "4" ? "ip" : "ip6");

/** The target as map data: `10.20.1.2 . 8080`. */
function dataOf(target: TargetKey): string {
  const { address, port } = splitTarget(target);
  return `${address} . ${port}`;
}

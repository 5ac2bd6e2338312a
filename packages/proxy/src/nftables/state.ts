import { nothing } from "../services/backend.ts";
import type { BackendState } from "../services/backend.ts";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { serverKey } from "../services/server.ts";
import type { ServerKey, Transport, VirtualServer } from "../services/server.ts";
import { targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";
import { footprintOf } from "./footprint.ts";
import type { Footprint } from "./footprint.ts";
import { parsePrivateName } from "./names.ts";
import { expected, isIntact } from "./skeleton.ts";
import type { ChainDump, TableDump } from "./table.ts";

/** A dump understood. */
export interface TableState extends BackendState {
  /** False when the layout is damaged, foreign or not there: the table has to be built first, and holds nothing of use. */
  readonly intact: boolean;
  /** What there is of servers whose objects do not fit together. */
  readonly remains: ReadonlyMap<ServerKey, Footprint>;
}

/** Objects of one server as dumped. */
interface Found {
  readonly elements: Map<string, string>;
  readonly chains: Map<string, ChainDump>;
  readonly sets: Map<string, number>;
}

/** Makes servers of the objects in the table; a server is whole only if it has exactly the objects that it needs. */
export function readState(dump: TableDump | undefined): TableState {
  const found = dump && isIntact(dump) ? collect(dump) : undefined;
  if (!dump || !found) return { ...nothing, intact: false, remains: new Map() };
  const prefixes = ["cidrs4", "cidrs6"].flatMap((set) => [...(dump.elements.get(set)?.keys() ?? [])] as Prefix[]);
  const servers = new Map<ServerKey, VirtualServer>();
  const remains = new Map<ServerKey, Footprint>();
  for (const [key, objects] of found) {
    const guess = guessServer(objects);
    const whole = sameObjects(footprintOf(key, guess), objects);
    servers.set(key, whole ? guess : { targets: [] });
    if (!whole) remains.set(key, { ...objects, chains: new Map([...objects.chains].map(([name]) => [name, []])) });
  }
  return { prefixes: new Set(prefixes), servers, intact: true, remains };
}

/** Every object by the server that it belongs to; `undefined` when one belongs to none. */
function collect({ elements, chains, sets }: TableDump): Map<ServerKey, Found> | undefined {
  const found = new Map<ServerKey, Found>();
  const of = (key: ServerKey): Found => {
    const objects = found.get(key) ?? { elements: new Map(), chains: new Map(), sets: new Map() };
    found.set(key, objects);
    return objects;
  };
  for (const [map, entries] of elements) {
    if (map.startsWith("cidrs")) continue;
    for (const [key, value] of entries) {
      const server = readKey(key);
      if (server === undefined) return undefined;
      of(server).elements.set(map, value);
    }
  }
  for (const [name, chain] of chains) {
    if (expected.chains.has(name)) continue;
    const parsed = parsePrivateName(name);
    if (!parsed) return undefined;
    of(parsed.server).chains.set(name, chain);
  }
  for (const name of sets) {
    if (expected.sets.has(name)) continue;
    const parsed = parsePrivateName(name);
    if (parsed?.seconds === undefined) return undefined;
    of(parsed.server).sets.set(name, parsed.seconds);
  }
  return found;
}

function readKey(key: string): ServerKey | undefined {
  const [address, transport, port] = key.split(" . ");
  if (port === undefined) return undefined;
  return serverKey({ transport: transport as Transport, address: address as Address, port: Number(port) });
}

/** The server that these objects would make if they were whole. */
function guessServer({ elements, chains, sets }: Found): VirtualServer {
  const sticky = [...sets.keys()].map((name) => parsePrivateName(name));
  const affinitySeconds = sticky[0]?.seconds;
  if (affinitySeconds !== undefined) return { affinitySeconds, targets: sticky.flatMap((name) => name?.target ?? []) };
  const wide = [...chains.values()].flatMap(({ targets }) => targets);
  return { targets: (wide.length > 0 ? wide : flatTargets(elements)).map(readTarget) };
}

/** Values of `ep<f>_0`, `ep<f>_1`, … up to the first gap. */
function flatTargets(elements: ReadonlyMap<string, string>): string[] {
  const prefix = elements.has("ep4_0") ? "ep4_" : "ep6_";
  const targets: string[] = [];
  for (let value = elements.get(`${prefix}0`); value !== undefined; value = elements.get(`${prefix}${targets.length}`)) targets.push(value);
  return targets;
}

function readTarget(data: string): TargetKey {
  const [address = "", port] = data.split(" . ");
  return targetKey(address as Address, Number(port));
}

function sameObjects(wanted: Footprint, found: Found): boolean {
  return (
    wanted.elements.size === found.elements.size &&
    wanted.chains.size === found.chains.size &&
    wanted.sets.size === found.sets.size &&
    [...wanted.elements].every(([map, value]) => found.elements.get(map) === value) &&
    [...wanted.chains].every(([name, rules]) => found.chains.get(name)?.rules === rules.length) &&
    [...wanted.sets.keys()].every((name) => found.sets.has(name))
  );
}

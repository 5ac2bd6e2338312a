import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import type { Footprint } from "./footprint.ts";
import { elementKey } from "./footprint.ts";
import { suffixOf } from "./names.ts";
import type { NftOp } from "./table.ts";

/**
 * Lists the operations that turn one server's objects into others, in an order that the kernel accepts within one
 * transaction: an element is deleted before it is added with another value, a chain is written before something leads
 * to it and deleted after nothing does.
 */
export function diffFootprints(key: ServerKey, before: Footprint, after: Footprint): NftOp[] {
  const type = suffixOf(splitServer(key).address) === "4" ? "ipv4_addr" : "ipv6_addr";
  const element = elementKey(key);
  const ops: NftOp[] = [];
  for (const [set, seconds] of after.sets) if (!before.sets.has(set)) ops.push({ kind: "add-client-set", set, type, seconds });
  for (const [chain, rules] of after.chains)
    if (before.chains.get(chain)?.join("\n") !== rules.join("\n")) ops.push({ kind: "write-chain", chain, rules });
  for (const [map, value] of before.elements)
    if (after.elements.get(map) !== value) ops.push({ kind: "delete-element", map, key: element });
  for (const [map, value] of after.elements)
    if (before.elements.get(map) !== value) ops.push({ kind: "add-element", map, key: element, value });
  for (const chain of [...before.chains.keys()].toReversed()) if (!after.chains.has(chain)) ops.push({ kind: "delete-chain", chain });
  for (const set of before.sets.keys()) if (!after.sets.has(set)) ops.push({ kind: "delete-set", set });
  return ops;
}

import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Change } from "../services/backend.ts";
import type { ServerKey } from "../services/server.ts";
import { diffFootprints } from "./diff.ts";
import { footprintOf } from "./footprint.ts";
import type { Footprint } from "./footprint.ts";
import type { NftOp } from "./table.ts";

/** Lists the operations for one change; `remains` are objects of damaged servers that it replaces or removes. */
export function planChange(change: Change, remains: ReadonlyMap<ServerKey, Footprint>): NftOp[] {
  switch (change.kind) {
    case "add-prefix":
      return [{ kind: "add-element", map: setOf(change.prefix), key: change.prefix }];
    case "delete-prefix":
      return [{ kind: "delete-element", map: setOf(change.prefix), key: change.prefix }];
    case "set-server":
    case "delete-server": {
      const { key, before = { targets: [] } } = change;
      const after = change.kind === "set-server" ? change.after : { targets: [] };
      return diffFootprints(key, remains.get(key) ?? footprintOf(key, before), footprintOf(key, after));
    }
  }
}

const setOf = (prefix: Prefix): string => `cidrs${rangeOf(prefix).family}`;

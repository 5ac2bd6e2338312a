/** One step of a transaction on our table. */
export type NftOp =
  /** Removes the table, if it is there, and lays it out anew without any server. */
  | { readonly kind: "build" }
  /** Removes the table, if it is there. */
  | { readonly kind: "drop" }
  /** Adds an element to a set, or with `value` to a map; one that is there with another value is refused. */
  | { readonly kind: "add-element"; readonly map: string; readonly key: string; readonly value?: string }
  | { readonly kind: "delete-element"; readonly map: string; readonly key: string }
  /** Makes the chain, if it is not there, and replaces its rules. */
  | { readonly kind: "write-chain"; readonly chain: string; readonly rules: readonly string[] }
  | { readonly kind: "delete-chain"; readonly chain: string }
  /** Adds a set of client addresses that are forgotten after `seconds`; nothing happens when it is there. */
  | { readonly kind: "add-client-set"; readonly set: string; readonly type: "ipv4_addr" | "ipv6_addr"; readonly seconds: number }
  | { readonly kind: "delete-set"; readonly set: string };

/** What is read back of a chain. Rules are not compared by text, since nft prints them differently from release to release. */
export interface ChainDump {
  /** Number of rules. */
  readonly rules: number;
  /** Data of the anonymous map in its rules, in index order: `10.20.1.2 . 8080`. */
  readonly targets: readonly string[];
}

/** What the kernel holds of our table. */
export interface TableDump {
  readonly chains: ReadonlyMap<string, ChainDump>;
  /** Names of sets and maps. */
  readonly sets: ReadonlySet<string>;
  /** Elements of the sets and maps of the layout; those of a set have an empty value. Clients are left out. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The door to table `inet sdn_proxy`. */
export interface NftTable {
  /** The table; `undefined` when there is none. */
  read(): Promise<TableDump | undefined>;
  /** Commits all of `ops`, or none of them and rejects. */
  commit(ops: readonly NftOp[]): Promise<void>;
}

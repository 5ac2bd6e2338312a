/** Family and name of our table. */
export const TABLE = "inet sdn_tunnel";

/** The nftables table `inet sdn_tunnel` of this node: the only door through which this package changes packets. */
export interface PacketRules {
  /** The table as the tool prints it; `undefined` when it is not there. */
  list(): Promise<string | undefined>;
  /** Puts `table` (from `renderPackets()`) in the place of what is there, in one transaction; returns the new listing. */
  replace(table: string): Promise<string>;
  /** Removes the table; nothing happens when it is not there. */
  remove(): Promise<void>;
}

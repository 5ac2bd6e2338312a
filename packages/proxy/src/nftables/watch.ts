import { attribute, attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { isAbsent } from "../errors.ts";
import type { NetfilterSocket } from "../netfilter/socket.ts";
import { TABLE } from "./skeleton.ts";

/** NFNL_SUBSYS_NFTABLES with NFT_MSG_GETTABLE (linux/netfilter/nf_tables.h). */
const GET_TABLE = 0xa01;
const NFPROTO_INET = 1;
const NFTA_TABLE = { name: 1, handle: 4 } as const;
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;
/** Milliseconds between looks; one costs a netlink message and no process. */
const EVERY_MS = 1000;

/** The table's handle, by which one that was deleted and made again is told from the old one. */
export async function readTableHandle(socket: Pick<NetfilterSocket, "request">): Promise<bigint | undefined> {
  const name = attribute(NFTA_TABLE.name, Buffer.from(`${TABLE.split(" ")[1]}\0`));
  const data = Buffer.concat([Buffer.from([NFPROTO_INET, 0, 0, 0]), name]);
  try {
    const [answer] = await socket.request({ type: GET_TABLE, data, operation: `nft list table ${TABLE}` });
    const attributes = attributesOf(answer?.subarray(HEADER) ?? Buffer.alloc(0));
    return attributes.find(({ type }) => type === NFTA_TABLE.handle)?.payload.readBigUInt64BE();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * Calls `listener` when the table is no longer the one that it was, until `signal` aborts: `nft flush ruleset`, as
 * many a firewall does when it is reloaded, takes our table along.
 *
 * @param handle reads the table's handle; a read that fails says nothing
 */
export async function watchTable(
  handle: () => Promise<bigint | undefined>,
  { clock, listener, signal }: { readonly clock: Clock; readonly listener: () => void; readonly signal: AbortSignal },
): Promise<void> {
  let last: bigint | undefined;
  while (!signal.aborted) {
    const now = await handle().catch(() => last);
    if (last !== undefined && now !== last) listener();
    last = now;
    await clock.sleep(EVERY_MS, signal);
  }
}

import { decodeLink } from "./links.ts";
import { PROTOCOL } from "./route.ts";
import { tableOf } from "./codec.ts";
import type { Rtnetlink, RtnetlinkMessage } from "./socket.ts";

/** Something changed in the kernel, and not by our own hand. */
export type KernelChange =
  | { readonly kind: "link"; readonly name: string; readonly up: boolean }
  /** A route or rule that carries our protocol number, in this table. */
  | { readonly kind: "ours"; readonly table: number }
  /** A route or rule of somebody else: what the node needs may have changed. */
  | { readonly kind: "foreign" }
  /** Notices were lost: anything may have changed. */
  | { readonly kind: "unknown" };

/** Calls `listener` at every change that somebody else made, until `signal` aborts. */
export function watchKernel(rtnetlink: Rtnetlink, listener: (change: KernelChange) => void, signal: AbortSignal): void {
  rtnetlink.watch((message) => listener(message ? changeOf(message) : { kind: "unknown" }), signal);
}

function changeOf(message: RtnetlinkMessage): KernelChange {
  if (message.kind === "link") {
    const { name, up } = decodeLink(message);
    return { kind: "link", name, up };
  }
  const protocol = message.kind === "route" ? (message.data.protocol as unknown) : message.attrs.protocol;
  return protocol === PROTOCOL ? { kind: "ours", table: tableOf(message) } : { kind: "foreign" };
}

import { randomBytes } from "node:crypto";
import { CommonError } from "@sdn-tunnel/common/errors";
import type { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { TunnelError } from "../errors.ts";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { DeviceState, PeerFailure, WireguardDevice } from "./device.ts";
import { decodeDump } from "./genl-decode.ts";
import { encodeDevice, encodeOp, encodeSettings } from "./genl-encode.ts";
import { WG } from "./genl-header.ts";
import type { PeerOp } from "./peer.ts";
import { showPeerOp } from "./show.ts";

/** Entries and bytes in one message: its list of peers is an attribute, which can have 65,531 bytes. */
const MAX_ENTRIES = 100;
const MAX_BYTES = 32_768;

/** The kernel's WireGuard by generic netlink: what wg(8) speaks to it. */
export class GenlDevice implements WireguardDevice {
  readonly name: string;
  readonly #netlink: Pick<GenericNetlink, "request" | "dump">;
  /** Linux before 6.16 cannot take a single prefix from a peer; learned at the first refusal. */
  #takesPrefixesBack = true;

  constructor(name: string, netlink: Pick<GenericNetlink, "request" | "dump">) {
    this.name = name;
    this.#netlink = netlink;
  }

  async observe(): Promise<DeviceState> {
    const operation = `wg show ${this.name} dump`;
    const request = { family: WG.family, version: WG.version, command: WG.command.get, attributes: encodeDevice(this.name) };
    const messages = await this.#netlink.dump(request, operation).catch((error: unknown) => {
      throw this.#explain(error, operation);
    });
    return decodeDump(this.name, messages);
  }

  async configure({ privateKey, listenPort }: { readonly privateKey: SecretKey; readonly listenPort: number }): Promise<void> {
    await this.#set(encodeSettings(this.name, { privateKey }), `wg set ${this.name} private-key (hidden)`);
    await this.#set(encodeSettings(this.name, { listenPort }), `wg set ${this.name} listen-port ${listenPort}`);
  }

  async apply(ops: readonly PeerOp[]): Promise<{ done: PeerOp[]; failed: PeerFailure[] }> {
    const done: PeerOp[] = [];
    const failed: PeerFailure[] = [];
    const attempt = async (batch: readonly PeerOp[], refused: (errno: string) => unknown): Promise<void> => {
      try {
        await this.#send(batch);
        done.push(...batch);
      } catch (error) {
        if (!(error instanceof TunnelError && error.fault.code === "DEVICE_REFUSED")) throw error;
        await refused(error.fault.errno);
      }
    };
    for (const batch of this.#batchesOf(ops))
      // The kernel stops at the first peer that it refuses. Doing again what was done before that one changes nothing.
      await attempt(batch, async () => {
        for (const op of batch) await attempt([op], (errno) => failed.push({ op, errno }));
      });
    return { done, failed };
  }

  /** Operations that go together in one message; one that needs several entries goes alone. */
  *#batchesOf(ops: readonly PeerOp[]): Generator<PeerOp[]> {
    let batch: PeerOp[] = [];
    let bytes = 0;
    for (const op of ops) {
      const size = this.#encode(op).reduce((sum, entry) => sum + entry.length, 0);
      if (batch.length === MAX_ENTRIES || bytes + size > MAX_BYTES) {
        if (batch.length > 0) yield batch;
        [batch, bytes] = [[], 0];
      }
      batch.push(op);
      bytes += size;
    }
    if (batch.length > 0) yield batch;
  }

  /** Sends operations in as few messages as they fit into. */
  async #send(batch: readonly PeerOp[]): Promise<void> {
    const [first] = batch;
    const operation = batch.length === 1 && first ? showPeerOp(this.name, first) : `wg set ${this.name}: ${batch.length} changes of peers`;
    try {
      await this.#sendEntries(batch.flatMap((op) => this.#encode(op)), operation);
    } catch (error) {
      const oldKernel = batch.length === 1 && first?.kind === "drop-prefixes" && this.#takesPrefixesBack;
      if (!(oldKernel && error instanceof TunnelError && error.fault.code === "DEVICE_REFUSED" && error.fault.errno === "EINVAL")) throw error;
      this.#takesPrefixesBack = false;
      await this.#send(batch);
    }
  }

  #encode(op: PeerOp): Buffer[] {
    const throwAway = op.kind === "drop-prefixes" && !this.#takesPrefixesBack;
    return encodeOp(op, throwAway ? (randomBytes(32).toString("base64") as PublicKey) : undefined);
  }

  async #sendEntries(entries: readonly Buffer[], operation: string): Promise<void> {
    let part: Buffer[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (part.length > 0 && bytes + entry.length > MAX_BYTES) {
        await this.#set(encodeDevice(this.name, part), operation);
        [part, bytes] = [[], 0];
      }
      part.push(entry);
      bytes += entry.length;
    }
    await this.#set(encodeDevice(this.name, part), operation);
  }

  async #set(attributes: Buffer, operation: string): Promise<void> {
    try {
      await this.#netlink.request({ family: WG.family, version: WG.version, command: WG.command.set, attributes }, operation);
    } catch (error) {
      throw this.#explain(error, operation);
    }
  }

  #explain(error: unknown, operation: string): unknown {
    if (!(error instanceof CommonError)) return error;
    const { name: device } = this;
    const { fault } = error;
    if (fault.code !== "NETLINK_REFUSED") return new TunnelError({ code: "DEVICE_UNREADABLE", device, problem: error.message }, { cause: error });
    const { errno } = fault;
    if (errno === "EPERM") return new TunnelError({ code: "NO_PERMISSION", operation, reason: "the kernel answered EPERM" }, { cause: error });
    const reason = absent[errno];
    if (reason === undefined) return new TunnelError({ code: "DEVICE_REFUSED", operation, errno }, { cause: error });
    return new TunnelError({ code: "DEVICE_ABSENT", device, reason }, { cause: error });
  }
}

/** Errors that say that there is nothing to talk to. */
const absent: Readonly<Record<string, string>> = {
  ENODEV: "there is no device of that name; it is made again",
  ENOTSUP: "the device of that name is no WireGuard device",
  ENOENT: "the kernel's WireGuard is not there: its module was unloaded; load it again: modprobe wireguard",
  // Everything that is left to do would wait as long.
  ETIMEDOUT: "the kernel does not answer",
};

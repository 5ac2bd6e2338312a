import { getSystemErrorName } from "node:util";
import { messageOf } from "@sdn-tunnel/common/errors";
import { attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import type { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import type { ServerKey } from "../services/server.ts";
import { decodeDestination, decodeSettings, encodeDestinationsQuery, encodeOps, encodeServiceQuery } from "./codec.ts";
import { Conversation } from "./conversation.ts";
import { ProcList } from "./list.ts";
import { isReached, repairOp } from "./repair.ts";
import type { IpvsService, IpvsState } from "./state.ts";
import type { IpvsFailure, IpvsOp, IpvsTable } from "./table.ts";

/** Requests in one datagram: about 140 kB, while a socket sends 425 kB at once where the machine's limit is the usual one. */
const BATCH = 1000;
/** The controller of generic netlink and its answer (linux/genetlink.h). */
const CONTROLLER = { family: "nlctrl", version: 1, command: 3, attributes: Buffer.alloc(0) };
const [FAMILY_ID, FAMILY_NAME] = [1, 2];
const FAMILY = "IPVS";
/** IPVS_CMD_GET_INFO (linux/ip_vs.h). */
const GET_INFO = 15;

/** The kernel's IPVS table by generic netlink: changes in datagrams of a thousand, one acknowledgement each. */
export class NetlinkIpvsTable implements IpvsTable, Disposable {
  readonly #generic: Pick<GenericNetlink, "request" | "dump">;
  readonly #conversation: Conversation;
  readonly #list = new ProcList(async (service) => (await this.read(service))?.affinitySeconds);
  #type: number | undefined;
  #sequence = 0;

  constructor(generic: Pick<GenericNetlink, "request" | "dump">, openSocket: () => DatagramSocket) {
    this.#generic = generic;
    this.#conversation = new Conversation(openSocket);
  }

  list(): Promise<IpvsState> {
    return this.#list.read();
  }

  async read(service: ServerKey): Promise<IpvsService | undefined> {
    const type = await this.#familyType();
    const first = this.#next(2);
    const about = await this.#conversation.say(encodeServiceQuery(service, type, first), first);
    for (const errno of about.refused.values()) if (nameOf(errno) !== "ESRCH") throw new Error(nameOf(errno));
    if (!about.parts[0]) return undefined;
    const { parts } = await this.#conversation.say(encodeDestinationsQuery(service, type, first + 1), first + 1);
    return { ...decodeSettings(about.parts[0]), destinations: new Map(parts.map((part) => decodeDestination(part, service))) };
  }

  async apply(ops: readonly IpvsOp[]): Promise<{ done: IpvsOp[]; failed: IpvsFailure[] }> {
    const done: IpvsOp[] = [];
    const failed: IpvsFailure[] = [];
    for (let at = 0; at < ops.length; at += BATCH)
      for (const { op, errno } of await this.#applyBatch(ops.slice(at, at + BATCH)))
        if (errno === undefined) done.push(op);
        else failed.push({ op, errno });
    return { done, failed };
  }

  [Symbol.dispose](): void {
    this.#conversation.close();
  }

  async #applyBatch(ops: readonly IpvsOp[]): Promise<{ op: IpvsOp; errno: string | undefined }[]> {
    const results: { op: IpvsOp; errno: string | undefined }[] = [];
    const refused = await this.#sendBatch(ops);
    for (const op of ops) {
      const errno = refused.get(op);
      results.push({ op, errno: errno === undefined ? undefined : await this.#repair(op, errno) });
    }
    return results;
  }

  /** Sends operations as one datagram; returns why each was refused. When answers were lost, none of them is sure. */
  async #sendBatch(ops: readonly IpvsOp[]): Promise<Map<IpvsOp, string>> {
    const type = await this.#familyType();
    const first = this.#next(ops.length);
    try {
      const { refused } = await this.#conversation.say(encodeOps(ops, type, first), first + ops.length - 1);
      return new Map([...refused].flatMap(([sequence, errno]) => (ops[sequence - first] ? [[ops[sequence - first] as IpvsOp, nameOf(errno)]] : [])));
    } catch (error) {
      this.#type = undefined; // a module that was loaded anew has another number
      return new Map(ops.map((op) => [op, messageOf(error)]));
    }
  }

  /** @returns the errno with which it stays refused */
  async #repair(op: IpvsOp, errno: string): Promise<string | undefined> {
    const service = await this.read(op.service);
    if (isReached(op, service)) return undefined;
    const repair = repairOp(op, service);
    if (repair === "done") return undefined;
    return repair ? (await this.#sendBatch([repair])).get(repair) : errno;
  }

  /** @returns the first of `count` sequence numbers that nobody else uses */
  #next(count: number): number {
    if (this.#sequence + count > 0x7fff_ffff) this.#sequence = 0;
    this.#sequence += count;
    return this.#sequence - count + 1;
  }

  /** The family's number; asking for it by name loads the kernel's module. */
  async #familyType(): Promise<number> {
    if (this.#type !== undefined) return this.#type;
    await this.#generic.request({ family: FAMILY, version: 1, command: GET_INFO, attributes: Buffer.alloc(0) }, "ipvsadm, version");
    const families = await this.#generic.dump(CONTROLLER, "genl ctrl list");
    for (const family of families) {
      const found = new Map(attributesOf(family).map(({ type, payload }) => [type, payload]));
      if (found.get(FAMILY_NAME)?.toString("latin1") === `${FAMILY}\0`) this.#type = found.get(FAMILY_ID)?.readUInt16LE();
    }
    if (this.#type === undefined) throw new Error(`the kernel has no generic netlink family ${FAMILY}`);
    return this.#type;
  }
}

function nameOf(errno: number): string {
  try {
    return getSystemErrorName(errno);
  } catch {
    return `errno ${-errno}`;
  }
}

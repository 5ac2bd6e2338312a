import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import { attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import { refusalOf } from "@sdn-tunnel/common/kernel/door";
import { errnoName } from "@sdn-tunnel/common/kernel/errno";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import type { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { ProxyError } from "../errors.ts";
import type { ServerKey } from "../services/server.ts";
import { decodeDestination, decodeServiceKey, decodeSettings, encodeDestinationsQuery, encodeOps, encodeServiceQuery, encodeServicesQuery } from "./codec.ts";
import { Conversation } from "./conversation.ts";
import { ProcList } from "./list.ts";
import { isReached, repairOp } from "./repair.ts";
import type { IpvsService, IpvsState } from "./state.ts";
import type { IpvsFailure, IpvsOp, IpvsTable } from "./table.ts";

/**
 * Requests in one datagram. The kernel works all of them off before we can read: should it refuse every one, its
 * answers, of about 770 bytes of memory each, must fit into a socket where the machine's limit is the usual one, 425 kB.
 */
const BATCH = 250;
/** The controller of generic netlink and its answer (linux/genetlink.h). */
const CONTROLLER = { family: "nlctrl", version: 1, command: 3, attributes: Buffer.alloc(0) };
const [FAMILY_ID, FAMILY_NAME] = [1, 2];
const FAMILY = "IPVS";
/** IPVS_CMD_GET_INFO (linux/ip_vs.h). */
const GET_INFO = 15;
/** Errnos: no such service (ESRCH), no such family, and that nothing came. */
const [ABSENT, UNKNOWN_FAMILY, SILENT] = [-3, "ENOENT", "ETIMEDOUT"];

/** What another reading cures: the object changed meanwhile, or a part of the answer was lost. */
const passing: ReadonlySet<string> = new Set(["EINTR", "ENOBUFS", "EBUSY", "EMSGSIZE"]);
const TRIES = 5;

/** The kernel's IPVS table by generic netlink: changes in datagrams of a few hundred, one acknowledgement each. */
export class NetlinkIpvsTable implements IpvsTable, Disposable {
  readonly #generic: Pick<GenericNetlink, "request" | "dump">;
  readonly #conversation: Conversation;
  readonly #list = new ProcList({ seconds: async (service) => (await this.read(service))?.affinitySeconds, altered: () => this.#persist(() => this.#readAltered()) });
  #type: number | undefined;
  #sequence = 0;

  /** @param timeoutMs silence after which an answer will not come */
  constructor(generic: Pick<GenericNetlink, "request" | "dump">, openSocket: () => DatagramSocket, timeoutMs?: number) {
    this.#generic = generic;
    this.#conversation = new Conversation(openSocket, timeoutMs);
  }

  list(): Promise<IpvsState> {
    return this.#list.read();
  }

  read(service: ServerKey): Promise<IpvsService | undefined> {
    return this.#persist(() => this.#readOnce(service));
  }

  /** Reads again where that cures what went wrong. */
  async #persist<T>(read: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await read();
      } catch (error) {
        const errno = refusalOf(error) ?? "";
        if (errno === UNKNOWN_FAMILY) this.#type = undefined;
        if (tries === TRIES || !(passing.has(errno) || (errno === UNKNOWN_FAMILY && tries === 1))) throw error;
      }
    }
  }

  async apply(ops: readonly IpvsOp[]): Promise<{ done: IpvsOp[]; failed: IpvsFailure[] }> {
    const done: IpvsOp[] = [];
    const failed: IpvsFailure[] = [];
    for (let at = 0, silent = false; at < ops.length; at += BATCH) {
      const batch = ops.slice(at, at + BATCH);
      // A kernel that does not answer is not asked ten thousand times.
      const results: readonly Result[] = silent ? batch.map((op) => ({ op, errno: SILENT })) : await this.#applyBatch(batch);
      for (const { op, errno } of results)
        if (errno === undefined) done.push(op);
        else failed.push({ op, errno });
      silent ||= results.some(({ errno }) => errno === SILENT);
    }
    return { done, failed };
  }

  [Symbol.dispose](): void {
    this.#conversation.close();
  }

  async #readOnce(service: ServerKey): Promise<IpvsService | undefined> {
    const operation = `ipvsadm -Ln, ${service}`;
    const type = await this.#familyType();
    const first = this.#next(2);
    const about = await this.#conversation.say({ datagram: encodeServiceQuery(service, type, first), first, last: first, operation });
    if (about.refused.get(first) === ABSENT) return undefined;
    refuse(about.refused, operation);
    if (!about.parts[0]) throw new CommonError({ code: "NETLINK_UNREADABLE", problem: `the answer about ${service} is empty` });
    const [second, datagram] = [first + 1, encodeDestinationsQuery(service, type, first + 1)];
    const { refused, parts } = await this.#conversation.say({ datagram, first: second, last: second, operation });
    refuse(refused, operation);
    return { ...decodeSettings(about.parts[0]), destinations: new Map(parts.map((part) => decodeDestination(part, service))) };
  }

  async #readAltered(): Promise<Set<ServerKey>> {
    const operation = "ipvsadm -Sn";
    const type = await this.#familyType();
    const sequence = this.#next(1);
    const { refused, parts } = await this.#conversation.say({ datagram: encodeServicesQuery(type, sequence), first: sequence, last: sequence, operation });
    refuse(refused, operation);
    return new Set(parts.filter((part) => decodeSettings(part).altered).flatMap((part) => decodeServiceKey(part) ?? []));
  }

  async #applyBatch(ops: readonly IpvsOp[]): Promise<Result[]> {
    const results: Result[] = [];
    const refused = await this.#sendBatch(ops);
    let silent = false;
    for (const op of ops) {
      const errno = refused.get(op);
      const left: string | undefined = errno === undefined || silent ? errno : await this.#repair(op, errno).catch((error: unknown) => refusalOf(error) ?? messageOf(error));
      silent ||= left === SILENT;
      results.push({ op, errno: left });
    }
    return results;
  }

  /** Sends operations as one datagram; returns why each was refused. When answers were lost, none of them is sure. */
  async #sendBatch(ops: readonly IpvsOp[]): Promise<Map<IpvsOp, string>> {
    const type = await this.#familyType();
    const first = this.#next(ops.length);
    const last = first + ops.length - 1;
    try {
      const { refused } = await this.#conversation.say({ datagram: encodeOps(ops, type, first), first, last, operation: `ipvsadm -R, ${ops.length} operations` });
      // A module that was loaded anew has another number, and answers under it.
      if ([...refused.values()].some((errno) => errnoName(errno) === UNKNOWN_FAMILY)) this.#type = undefined;
      return new Map([...refused].flatMap(([sequence, errno]) => (ops[sequence - first] ? [[ops[sequence - first] as IpvsOp, errnoName(errno)]] : [])));
    } catch (error) {
      this.#type = undefined;
      return new Map(ops.map((op) => [op, refusalOf(error) ?? messageOf(error)]));
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
    const load = () => this.#generic.request({ family: FAMILY, version: 1, command: GET_INFO, attributes: Buffer.alloc(0) }, "ipvsadm, version");
    // The first attempt may have gone by the number of a module that is gone, the second one goes by name.
    await load().catch(unlessUnknown(load)).catch(unlessUnknown(missing));
    const families = await this.#generic.dump(CONTROLLER, "genl ctrl list");
    for (const family of families) {
      const found = new Map(attributesOf(family).map(({ type, payload }) => [type, payload]));
      if (found.get(FAMILY_NAME)?.toString("latin1") === `${FAMILY}\0`) this.#type = found.get(FAMILY_ID)?.readUInt16LE();
    }
    if (this.#type === undefined) missing();
    return this.#type;
  }
}

/** What came of an operation; `errno` is why it stays refused. */
interface Result {
  readonly op: IpvsOp;
  readonly errno: string | undefined;
}

/** Something else to do where the kernel does not know the family. */
const unlessUnknown = (otherwise: () => Promise<void> | never) => (error: unknown): Promise<void> => {
  if (refusalOf(error) !== UNKNOWN_FAMILY) throw error;
  return otherwise();
};

function missing(): never {
  throw new ProxyError({ code: "MODULE_MISSING", module: "ip_vs" });
}

/** @throws {CommonError} NETLINK_REFUSED */
function refuse(refused: ReadonlyMap<number, number>, operation: string): void {
  for (const errno of refused.values()) throw new CommonError({ code: "NETLINK_REFUSED", operation, errno: errnoName(errno) });
}

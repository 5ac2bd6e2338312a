import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { CommonError } from "@sdn-tunnel/common/errors";
import type { ServerKey } from "../services/server.ts";
import { ProcList } from "./list.ts";
import { isReached, repairOp } from "./repair.ts";
import { parseSaved } from "./saved.ts";
import type { IpvsService, IpvsState, ServiceSettings } from "./state.ts";
import { showIpvsOp } from "./table.ts";
import type { IpvsFailure, IpvsOp, IpvsTable } from "./table.ts";

/** A cold start with ten thousand services takes half a minute on a slow machine. */
const TIMEOUT_MS = 120_000;

/**
 * The kernel's IPVS table by ipvsadm(8), for kernels whose netlink door is shut to us. Its exit code says little:
 * what was reached is read back.
 */
export class IpvsadmTable implements IpvsTable {
  readonly #commands: CommandRunner;
  readonly #list = new ProcList({ seconds: async (service) => (await this.#saved()).get(service)?.affinitySeconds, altered: () => this.#altered() });

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  list(): Promise<IpvsState> {
    return this.#list.read();
  }

  async read(service: ServerKey): Promise<IpvsService | undefined> {
    return (await this.list()).get(service);
  }

  async apply(ops: readonly IpvsOp[]): Promise<{ done: IpvsOp[]; failed: IpvsFailure[] }> {
    if (ops.length === 0) return { done: [], failed: [] };
    const complaint = await this.#restore(ops);
    const after = await this.list();
    const missed = lastPerObject(ops).filter((op) => !isReached(op, after.get(op.service)));
    const repairs = repairsOf(missed, after);
    const second = repairs.length === 0 ? complaint : await this.#restore(repairs);
    const end = repairs.length === 0 ? after : await this.list();
    const failed = missed.filter((op) => !isReached(op, end.get(op.service)));
    const gone = new Set(failed);
    return { done: ops.filter((op) => !gone.has(op)), failed: failed.map((op) => ({ op, errno: second ?? "not taken by ipvsadm" })) };
  }

  /** Each line is applied by itself, refused ones are skipped; returns what ipvsadm said of them. */
  async #restore(ops: readonly IpvsOp[]): Promise<string | undefined> {
    try {
      await this.#commands.run(["ipvsadm", "-R"], { input: ops.map((op) => `${showIpvsOp(op)}\n`).join(""), timeoutMs: TIMEOUT_MS });
      return undefined;
    } catch (error) {
      if (error instanceof CommonError && error.fault.code === "COMMAND_FAILED") return error.fault.stderr.split("\n", 1)[0] || error.fault.exit;
      throw error;
    }
  }

  async #altered(): Promise<Set<ServerKey>> {
    return new Set([...(await this.#saved())].flatMap(([key, { altered }]) => (altered ? [key] : [])));
  }

  async #saved(): Promise<Map<ServerKey, ServiceSettings>> {
    return parseSaved(await this.#commands.run(["ipvsadm", "-Sn"], { timeoutMs: TIMEOUT_MS }));
  }
}

/** What brings missed operations' objects to where they aimed; a service that is added after all takes its destinations along. */
function repairsOf(missed: readonly IpvsOp[], after: IpvsState): IpvsOp[] {
  const added = new Set<ServerKey>();
  return missed.flatMap((op): IpvsOp[] => {
    const repair = repairOp(op, after.get(op.service));
    if (repair === "done") return [];
    if (repair?.kind === "add-service") added.add(op.service);
    if (repair !== undefined) return [repair];
    return "weight" in op && added.has(op.service) ? [{ ...op, kind: "add-destination" }] : [];
  });
}

/** Of several operations on one object only the last says where it is to be. */
function lastPerObject(ops: readonly IpvsOp[]): IpvsOp[] {
  return [...new Map(ops.map((op) => [`${op.service} ${"target" in op ? op.target : ""}`, op])).values()];
}

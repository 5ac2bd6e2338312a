import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { CommonError } from "@sdn-tunnel/common/errors";
import { BRIDGE, HOST_PORT, modeOf } from "./bridge.ts";
import type { Bridge, BridgeFacts } from "./bridge.ts";
import { COOKIE, parseFlows, showFlowOp } from "./flow.ts";
import type { FlowOp, FlowState } from "./flow.ts";
import { findOriginalFlows } from "./original.ts";

/** The bridge by ovs-ofctl(8). OpenShift SDN lets it speak OpenFlow 1.3 only. */
export class OfctlBridge implements Bridge {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async facts(): Promise<BridgeFacts | undefined> {
    const [notes, ports] = await Promise.all([this.#dump("table=253"), this.#unlessAbsent(["dump-ports-desc", BRIDGE])]);
    if (notes === undefined) return undefined;
    const note = /actions=note:([0-9a-f.]+)/.exec(notes)?.[1];
    const [, port, mac] = new RegExp(`^ (\\d+)\\(${HOST_PORT}\\): addr:([0-9a-f:]{17})`, "m").exec(ports ?? "") ?? [];
    return { note, mode: modeOf(note), tun0: mac === undefined ? undefined : { mac, port: Number(port) } };
  }

  async list(): Promise<FlowState> {
    const ours = parseFlows((await this.#dump(`cookie=${COOKIE}/-1`).catch(unlessMissing)) ?? "");
    return new Map(ours.map(({ match, actions }) => [match, actions]));
  }

  async findOriginal(): Promise<FlowOp[]> {
    return findOriginalFlows((await this.#dump("table=0").catch(unlessMissing)) ?? "");
  }

  async apply(ops: readonly FlowOp[]): Promise<void> {
    if (ops.length === 0) return;
    const input = ops.map((op) => `${showFlowOp(op)}\n`).join("");
    await this.#run(["--bundle", "add-flows", BRIDGE, "-"], input);
  }

  #dump(filter: string): Promise<string | undefined> {
    return this.#unlessAbsent(["--no-names", "--no-stats", "dump-flows", BRIDGE, filter]);
  }

  /** Undefined where there is no such bridge, or Open vSwitch is just starting or ending. */
  async #unlessAbsent(args: readonly string[]): Promise<string | undefined> {
    try {
      return await this.#run(args);
    } catch (error) {
      const fault = error instanceof CommonError ? error.fault : undefined;
      if (fault?.code === "COMMAND_FAILED" && /is not a bridge or a socket|Connection refused|End of file|Connection reset/.test(fault.stderr)) return undefined;
      throw error;
    }
  }

  #run(args: readonly string[], input?: string): Promise<string> {
    return this.#commands.run(["ovs-ofctl", "-O", "OpenFlow13", "--timeout=5", ...args], input === undefined ? {} : { input });
  }
}

/** Without the program there are no flows that we could have written. */
function unlessMissing(error: unknown): undefined {
  if (!(error instanceof CommonError && error.fault.code === "COMMAND_MISSING")) throw error;
}

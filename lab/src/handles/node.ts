import { LabError } from "../errors.ts";
import type { Holder } from "../namespaces/hold.ts";
import type { Daemon } from "../processes/daemon.ts";
import { findWireguardGo } from "../processes/node-program.ts";
import { STOP_VSWITCH } from "../sdn/script.ts";
import type { NodePlan } from "../topology/addresses.ts";
import { Machine } from "./machine.ts";

/** A node of a cluster. */
export class LabNode extends Machine {
  readonly plan: NodePlan;
  readonly #fabric: Machine;

  constructor(plan: NodePlan, holder: Holder, fabric: Machine) {
    super(plan.name, holder);
    this.plan = plan;
    this.#fabric = fabric;
  }

  /**
   * Starts userspace WireGuard in the foreground and waits for its UAPI socket,
   * /run/wireguard/<device>.sock. In a daemonized form it would die in the bed.
   *
   * @throws {LabError} COMMAND_FAILED when there is no wireguard-go
   */
  startWireguard(device = "sdn-wg-a", binary = findWireguardGo()): Promise<Daemon> {
    if (binary === undefined)
      throw new LabError({ code: "COMMAND_FAILED", command: "wireguard-go", exit: "not found", stderr: "put it into PATH or SDN_WIREGUARD_GO" });
    const env = { LOG_LEVEL: "verbose", WG_PROCESS_FOREGROUND: "1" };
    return this.startDaemon(`wireguard-${device.at(-1)}`, [binary, "-f", device], { env, ready: /UAPI listener started/ });
  }

  /** Pulls the node's cable: the device stays up without a carrier, as at a dead switch, and keeps its routes. */
  async unplug(): Promise<void> {
    await this.#fabric.exec(["ip", "link", "set", this.name, "down"]);
  }

  async plug(): Promise<void> {
    await this.#fabric.exec(["ip", "link", "set", this.name, "up"]);
  }

  /** Ends the node's Open vSwitch, where it has one. */
  async stopSdn(): Promise<void> {
    await this.tryExec(["sh", "-c", STOP_VSWITCH]);
  }

  override async remove(): Promise<void> {
    await this.stopSdn();
    await super.remove();
    await this.#fabric.tryExec(pullOut(this.name));
  }

  /** Takes away the cable of a pod that is gone. */
  async detach(port: string): Promise<void> {
    await this.tryExec(pullOut(port));
  }

  /** Replaces a table of the node, in one nftables transaction. */
  async applyNft(rules: string): Promise<void> {
    await this.exec(["nft", "-f", "-"], { input: rules });
  }
}

/** The kernel takes a cable away some time after the namespace at its other end; its name may be wanted before. */
const pullOut = (device: string): string[] => ["ip", "link", "del", device];

import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { findWireguardGo } from "../peers/wireguard-go.netns.ts";

/** Namespaces of a node or a pod, kept by a process that sleeps. */
export class Place {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** A network namespace, and a /run of its own. */
  static async open(): Promise<Place> {
    const holder = spawn("unshare", ["--net", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep infinity"]);
    await once(holder.stdout, "data");
    return new Place(holder);
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Runs a command inside; returns what it prints. */
  run(line: string, input = ""): string {
    return execFileSync("nsenter", [...this.#enter(), "sh", "-c", line], { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], timeout: 10_000 });
  }

  start(argv: readonly string[], log: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn("nsenter", [...this.#enter(), ...argv], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const out = createWriteStream(log, { flags: "a" });
    child.stdout?.pipe(out);
    child.stderr?.pipe(out);
    return child;
  }

  #enter(): string[] {
    return ["--target", String(this.pid), "--net", "--mount", "--"];
  }
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface NodeSpec {
  readonly cluster: string;
  readonly name: string;
  readonly nodeIP: string;
  /** Per family: the subnet, this node's own address and a pod's, all with the subnet's length. */
  readonly subnets: readonly { readonly subnet: string; readonly own: string; readonly pod: string }[];
  /** Folder of its cluster's manifests, and one for its logs and state. */
  readonly source: string;
  readonly work: string;
}

/** A node with a bridge CNI that masquerades as flannel does, and one pod. */
export class BedNode {
  readonly spec: NodeSpec;
  readonly host: Place;
  readonly pod: Place;
  wireguard: ChildProcess | undefined;
  daemon: ChildProcess | undefined;

  private constructor(spec: NodeSpec, host: Place, pod: Place) {
    this.spec = spec;
    this.host = host;
    this.pod = pod;
  }

  static async open(spec: NodeSpec): Promise<BedNode> {
    const [host, pod] = [await Place.open(), await Place.open()];
    host.run(`ip link add cni0 type bridge && ip link set cni0 up && ip link add pod0 type veth peer name eth0 netns ${pod.pid}`);
    host.run("ip link set pod0 master cni0 up && sysctl -qw net.ipv4.ip_forward=0");
    pod.run("ip link set eth0 up");
    for (const { subnet, own, pod: podAddress } of spec.subnets) {
      const [length, family, nodad] = [subnet.split("/")[1], subnet.includes(":") ? "ip6" : "ip", subnet.includes(":") ? "nodad" : ""];
      host.run(`ip addr add ${own}/${length} dev cni0 ${nodad}`);
      pod.run(`ip addr add ${podAddress}/${length} dev eth0 ${nodad} && ip route add default via ${own}`);
      const rule = `${family} saddr ${subnet} ${family} daddr != ${subnet} masquerade`;
      host.run("nft -f -", `table ${family} cni { chain post { type nat hook postrouting priority srcnat; ${rule}; }\n}\n`);
    }
    return new BedNode(spec, host, pod);
  }

  startWireguard(): void {
    const log = `${this.spec.work}/wireguard-${this.spec.name}.log`;
    this.wireguard = this.host.start([findWireguardGo(), "-f", "sdn-wg-a"], log, { LOG_LEVEL: "verbose" });
  }

  argv(...more: string[]): string[] {
    const { source, cluster, name, nodeIP, subnets, work } = this.spec;
    const flags = ["--source", source, "--cluster-name", cluster, "--node-name", name, "--node-ip", nodeIP];
    const places = ["--state-dir", `${work}/state-${name}`, "--run-dir", `${work}/run-${name}`];
    return [process.execPath, "--conditions=source", main, ...flags, ...places, ...subnets.flatMap(({ subnet }) => ["--node-subnet", subnet]), ...more];
  }

  startDaemon(...more: string[]): void {
    this.daemon = this.host.start(this.argv(...more), `${this.spec.work}/tunneld-${this.spec.name}.log`);
  }
}

/** Ends a program and waits until it is gone; one that does not go is a failure. */
export async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit", { signal: AbortSignal.timeout(5000) }).catch(() => {
    throw new Error(`Cannot end ${child.spawnargs.slice(5).join(" ")}: ${signal} had no effect within 5 s`);
  });
}

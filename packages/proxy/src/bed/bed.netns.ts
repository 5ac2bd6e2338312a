import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What came back, and after how many milliseconds. */
export interface Answer {
  readonly answer: string;
  readonly ms: number;
}

/** A process in a namespace of its own, or in this one, that serves and asks. */
export class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  /** @param own whether the agent gets a namespace of its own, where root may do everything */
  constructor(own: boolean) {
    // A bundle of the agent, where somebody made one: an emulated processor starts it faster.
    const program = process.env["SDN_BED_AGENT"] ?? fileURLToPath(new URL("agent.netns.ts", import.meta.url));
    const agent = [process.execPath, program];
    const [command = "", ...args] = own ? ["unshare", "-n", ...agent] : agent;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const { id, ...answer } = JSON.parse(line) as Answer & { id: number };
      this.#waiting.get(id)?.(answer);
    });
  }

  /** unshare(1) without --fork becomes the agent, so this is the namespace's pid. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  order(order: Readonly<Record<string, unknown>>): Promise<Answer> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, ...order })}\n`);
    });
  }

  /** Runs ip(8), sysctl(8) and the like inside. */
  inside(line: string): void {
    execFileSync("nsenter", ["-t", String(this.pid), "-n", ...line.split(" ")]);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}

export const run = (line: string): string => {
  const [command = "", ...args] = line.split(" ");
  return execFileSync(command, args, { encoding: "utf8" });
};

/**
 * A node with its neighbours: `client` is a pod of this cluster (10.10.0.2), `p1` to `p3` are pods of the other one
 * (10.20.1.2 to 10.20.3.2), and `outside` stands for everything else: it also has 172.30.0.7, the address that the
 * other cluster's Service has over there. This process runs on the node, and `host` is a client on it.
 */
export interface Bed {
  readonly client: Agent;
  readonly p1: Agent;
  readonly p2: Agent;
  readonly p3: Agent;
  readonly outside: Agent;
  readonly host: Agent;
}

/** Builds the bed in this network namespace. */
export async function buildBed(): Promise<Bed & Disposable> {
  const [client, p1, p2, p3, outside] = Array.from({ length: 5 }, () => new Agent(true)) as [Agent, Agent, Agent, Agent, Agent];
  const host = new Agent(false);
  const agents = { client, p1, p2, p3, outside, host };
  await Promise.all(Object.entries(agents).map(([name, agent]) => agent.order({ do: "listen", name, port: 8080 })));
  // Without duplicate address detection, which would leave the links without a source for a second or two.
  for (const setting of ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0"])
    run(`sysctl -qw ${setting}`);
  run("ip link set lo up");
  for (const [name, agent, v4, v6] of [
    ["client", client, "10.10.0", "fd00:10::"],
    ["p1", p1, "10.20.1", "fd00:20:0:1::"],
    ["p2", p2, "10.20.2", "fd00:20:0:2::"],
    ["p3", p3, "10.20.3", "fd00:20:0:3::"],
    ["outside", outside, "192.0.2", "2001:db8::"],
  ] as const)
    join(name, agent, v4, v6);
  outside.inside("ip addr add 172.30.0.7/32 dev lo");
  outside.inside("ip addr add fd00:30::7/128 dev lo nodad");
  run("ip route add default via 192.0.2.2");
  run("ip -6 route add default via 2001:db8::2");
  return { ...agents, [Symbol.dispose]: () => Object.values(agents).forEach((agent) => agent.end()) };
}

/** A link to the agent's namespace: `.1` here, `.2` there, which has its default route through here. */
function join(name: string, agent: Agent, v4: string, v6: string): void {
  agent.inside("sysctl -qw net.ipv6.conf.default.accept_dad=0");
  run(`ip link add ${name} type veth peer name eth0 netns ${agent.pid}`);
  run(`ip addr add ${v4}.1/24 dev ${name}`);
  run(`ip addr add ${v6}1/64 dev ${name} nodad`);
  run(`ip link set ${name} up`);
  for (const line of [
    "ip link set lo up",
    `ip addr add ${v4}.2/24 dev eth0`,
    `ip addr add ${v6}2/64 dev eth0 nodad`,
    "ip link set eth0 up",
    `ip route add default via ${v4}.1`,
    `ip -6 route add default via ${v6}1`,
  ])
    agent.inside(line);
}

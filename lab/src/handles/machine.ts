import type { Address } from "@sdn-tunnel/common/net/address";
import { enter } from "../namespaces/enter.ts";
import type { Holder } from "../namespaces/hold.ts";
import { Daemon } from "../processes/daemon.ts";
import type { DaemonOptions } from "../processes/daemon.ts";
import { labProgram } from "../processes/node-program.ts";
import { run, runAny } from "../processes/run.ts";
import type { Outcome, RunOptions } from "../processes/run.ts";
import { curl, curlRepeatedly } from "../requests/curl.ts";
import type { CurlOptions, Reply } from "../requests/curl.ts";
import { dig } from "../requests/dig.ts";
import type { DigAnswer, DigOptions } from "../requests/dig.ts";
import { Load } from "../requests/load.ts";
import type { LoadOptions } from "../requests/load.ts";
import { udp } from "../requests/udp.ts";
import type { UdpOptions } from "../requests/udp.ts";
import { HTTPD_PORT } from "../services/shape.ts";

/** Something that programs run in: a node, a pod, the router, a host outside. */
export class Machine {
  /** Unique in the lab: "east-1", "east/client", "router". */
  readonly name: string;
  readonly holder: Holder;
  readonly #daemons = new Map<string, Daemon>();
  #loads = 0;

  constructor(name: string, holder: Holder) {
    this.name = name;
    this.holder = holder;
  }

  /** The pid, inside the bed, of the process that holds the namespaces. */
  get pid(): number {
    return this.holder.pid;
  }

  /** What the machine sees as /run, as a path that is valid in the whole bed. */
  get runDir(): string {
    return this.holder.files.run;
  }

  /** A folder for the state of the machine's daemons, under the same path inside and outside the machine. */
  get stateDir(): string {
    return this.holder.files.state;
  }

  /** Command line prefix that enters the machine. */
  get entry(): readonly string[] {
    return enter(this.pid);
  }

  /** Runs a command that has to succeed, and returns its standard output. */
  exec(argv: readonly string[], options?: RunOptions): Promise<string> {
    return run([...this.entry, ...argv], options);
  }

  /** Runs a command to its end, whatever that is. */
  tryExec(argv: readonly string[], options?: RunOptions): Promise<Outcome> {
    return runAny([...this.entry, ...argv], options);
  }

  /** Starts a daemon; its log is kept under the machine's name and `name`, which must be unique in the machine. */
  async startDaemon(name: string, argv: readonly string[], options?: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(`${this.name}.${name}`, [...this.entry, ...argv], options);
    this.#daemons.set(name, daemon);
    return await daemon.start();
  }

  /** A daemon that was started here, running or not. */
  daemon(name: string): Daemon | undefined {
    return this.#daemons.get(name);
  }

  /** The daemons that were started here, in the order of their first starts. */
  get daemons(): readonly Daemon[] {
    return [...this.#daemons.values()];
  }

  /** Starts the lab's httpd, which answers HTTP and UDP on each of `addresses`; default all. */
  startHttpd(addresses: readonly Address[] = []): Promise<Daemon> {
    const listen = addresses.flatMap((address) => ["--listen", address]);
    const { argv, env } = labProgram("httpd", ["--pod", this.name.split("/").at(-1)!, "--port", String(HTTPD_PORT), ...listen]);
    return this.startDaemon("httpd", argv, { env, ready: /^ready$/m });
  }

  curl(url: string, options?: CurlOptions): Promise<Reply> {
    return curl(this.entry, url, options);
  }

  /** The same `count` times, each on a connection of its own; ends with the first failure. */
  curlRepeatedly(url: string, count: number, options?: CurlOptions): Promise<Reply[]> {
    return curlRepeatedly(this.entry, url, count, options);
  }

  /** Sends one datagram to an httpd and waits for its answer. */
  udp(host: string, port: number, options?: UdpOptions): Promise<Reply> {
    return udp(this.entry, host, port, options);
  }

  dig(name: string, type: string, options?: DigOptions): Promise<DigAnswer> {
    return dig(this.entry, name, type, options);
  }

  /** Requests URLs at a rate until it is stopped. */
  load(options: LoadOptions): Promise<Load> {
    return Load.start(this.entry, `${this.name}.load-${++this.#loads}`, options);
  }

  /** Ends its daemons with SIGKILL, then its namespaces; what else runs in them keeps them alive. */
  async remove(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.kill()));
    await this.holder.release();
  }
}

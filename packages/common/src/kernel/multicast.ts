import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";

/** Hears what the kernel tells groups of netlink(7). */
export interface ListeningSocket {
  on(event: "message", listener: (datagram: Buffer) => void): unknown;
  /** Notices may have been lost: told also when it begins to listen. */
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): void;
}

export interface MulticastOptions {
  /** Path of npm netlink, or of its raw sockets alone. */
  readonly library: string;
  /** NETLINK_* and numbers of its groups, from the kernel's headers. */
  readonly protocol: number;
  readonly groups: readonly number[];
}

/** Milliseconds until a listener that ended is started again. */
const RETRY_MS = 500;
const HEADER = 4;

/**
 * Listens in a process of its own. When notices come faster than they are read, the kernel says so (ENOBUFS), and npm
 * netlink 0.3 ends its process by an exception that nobody can catch: its poll handle cannot report an error. So that
 * is a process whose end tells of the loss and does no harm, of 9 MB beside what it shares with this one. It relays
 * datagrams, each behind its length; an empty one says that notices may have been lost. It ends with its standard input,
 * so also when this process is killed.
 */
export class MulticastListener extends EventEmitter<{ message: [Buffer]; error: [Error] }> implements ListeningSocket {
  readonly #options: MulticastOptions;
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MulticastOptions) {
    super();
    this.#options = options;
    this.#start();
  }

  /** The process that listens. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { library, protocol, groups } = this.#options;
    const relay = ["--input-type=commonjs", "--eval", RELAY, library, String(protocol), ...groups.map(String)];
    const child = spawn(process.execPath, relay, { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, NODE_OPTIONS: "" } });
    this.#child = child;
    let rest: Buffer = Buffer.alloc(0);
    child.stdout.on("data", (part: Buffer) => (rest = this.#take(Buffer.concat([rest, part]))));
    child.once("error", (error) => this.#ended(error.message)).once("exit", (code, signal) => this.#ended(`ended by ${signal ?? `exit code ${code}`}`));
  }

  /** @returns the beginning of a datagram whose end is still to come */
  #take(bytes: Buffer): Buffer {
    let at = 0;
    while (at + HEADER <= bytes.length && at + HEADER + bytes.readUInt32LE(at) <= bytes.length) {
      const end = at + HEADER + bytes.readUInt32LE(at);
      if (!this.#closed) this.#tell(bytes.subarray(at + HEADER, end));
      at = end;
    }
    return bytes.subarray(at);
  }

  #tell(datagram: Buffer): void {
    if (datagram.length > 0) this.emit("message", datagram);
    else this.emit("error", new Error("Cannot know of every notice: some may have been lost"));
  }

  #ended(why: string): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#start(), RETRY_MS);
    this.emit("error", new Error(`Cannot listen for notices: the listener ${why}`));
  }
}

/**
 * What runs over there. A reader that is slow must not keep it from reading: beyond 8 MB notices are dropped, and that is
 * told. Of an end by exception no memory is dumped (core(5)).
 */
const RELAY = `
require("node:fs").writeFileSync("/proc/self/coredump_filter", "0");
const [, library, protocol, ...groups] = process.argv;
const { RawNetlinkSocket } = require(library);
const out = new (require("node:net").Socket)({ fd: 1, readable: false });
let lost = false;
const tell = (datagram) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(datagram.length);
  out.write(Buffer.concat([length, datagram]));
};
const lose = () => tell(Buffer.alloc(0));
out.on("drain", () => { if (lost) lose(); lost = false; });
out.on("error", () => process.exit());
process.stdin.on("close", () => process.exit()).resume();
const socket = new RawNetlinkSocket(Number(protocol), { messagePeeking: false, msgBufferSize: 32768, recvBufferSize: 1 << 20, sendBufferSize: 1 << 16 });
socket.on("message", (datagram, { port }) => {
  if (port !== 0) return;
  if (out.writableLength < 8 << 20) tell(datagram);
  else lost = true;
});
socket.on("truncatedMessage", lose);
socket.on("error", () => process.exit(1));
for (const group of groups) socket.addMembership(Number(group));
lose();
`;

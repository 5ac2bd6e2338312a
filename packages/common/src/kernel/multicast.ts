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

/** Where one listens to groups of netlink(7): share it, for what it costs. */
export interface Multicast {
  /** @param protocol NETLINK_*, and numbers of its groups, from the kernel's headers */
  listenTo(protocol: number, groups: readonly number[]): ListeningSocket;
}

/** Milliseconds until a listener that ended is started again. */
const RETRY_MS = 500;
const HEADER = 8;

/**
 * Listens in a process of its own, for all who ask: it starts with the first and ends with the last. When notices come
 * faster than they are read, the kernel says so (ENOBUFS), and npm netlink 0.3 ends its process by an exception that
 * nobody can catch: its poll handle cannot report an error. So that is a process whose end tells everybody of the loss
 * and does no harm, of 10 MB beside what it shares with this one. It is told on its standard input whom to listen for,
 * and ends with it, so also when this process is killed. It relays datagrams, each behind its length and the socket's
 * number; an empty one says that notices may have been lost.
 */
export class MulticastListener implements Multicast {
  readonly #library: string;
  readonly #sockets = new Map<number, GroupSocket>();
  #opened = 0;
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param library path of npm netlink, or of its raw sockets alone */
  constructor(library: string) {
    this.#library = library;
  }

  /** The process that listens. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  listenTo(protocol: number, groups: readonly number[]): ListeningSocket {
    const id = this.#opened++;
    const order = [id, protocol, ...groups];
    const socket = new GroupSocket(order, () => this.#close(id));
    this.#sockets.set(id, socket);
    if (this.#child) this.#order(order);
    else if (!this.#retry) this.#start();
    return socket;
  }

  #close(id: number): void {
    if (!this.#sockets.delete(id)) return;
    if (this.#sockets.size > 0) return this.#order([id]);
    clearTimeout(this.#retry);
    this.#child?.kill("SIGKILL");
    this.#retry = this.#child = undefined;
  }

  #start(): void {
    this.#retry = undefined;
    const relay = ["--input-type=commonjs", "--eval", RELAY, this.#library];
    // Without pipes when no file descriptor is left for them: then it fails, below.
    const child: ChildProcess = spawn(process.execPath, relay, { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, NODE_OPTIONS: "" } });
    this.#child = child;
    let rest: Buffer = Buffer.alloc(0);
    child.stdin?.on("error", () => {}); // it ended, which is told below
    child.stdout?.on("data", (part: Buffer) => (rest = this.#take(Buffer.concat([rest, part]))));
    child.once("error", (error) => this.#ended(child, error.message)).once("exit", (code, signal) => this.#ended(child, `ended by ${signal ?? `exit code ${code}`}`));
    for (const { order } of this.#sockets.values()) this.#order(order);
  }

  /** With nothing but a number: to close that socket. */
  #order(order: readonly number[]): void {
    this.#child?.stdin?.write(`${order.join(" ")}\n`);
  }

  /** @returns the beginning of a datagram whose end is still to come */
  #take(bytes: Buffer): Buffer {
    let at = 0;
    while (at + HEADER <= bytes.length && at + HEADER + bytes.readUInt32LE(at) <= bytes.length) {
      const end = at + HEADER + bytes.readUInt32LE(at);
      this.#sockets.get(bytes.readUInt32LE(at + 4))?.tell(bytes.subarray(at + HEADER, end));
      at = end;
    }
    return bytes.subarray(at);
  }

  #ended(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#retry = setTimeout(() => this.#start(), RETRY_MS);
    for (const socket of this.#sockets.values()) socket.emit("error", new Error(`Cannot listen for notices: the listener ${why}`));
  }
}

class GroupSocket extends EventEmitter<{ message: [Buffer]; error: [Error] }> implements ListeningSocket {
  /** Its number, the protocol, the groups. */
  readonly order: readonly number[];
  readonly close: () => void;

  constructor(order: readonly number[], close: () => void) {
    super();
    this.order = order;
    this.close = close;
  }

  tell(datagram: Buffer): void {
    if (datagram.length > 0) this.emit("message", datagram);
    else this.emit("error", new Error("Cannot know of every notice: some may have been lost"));
  }
}

/**
 * What runs over there. A reader that is slow must not keep it from reading: beyond 8 MB notices are dropped, and that is
 * told. Of an end by exception no memory is dumped (core(5)).
 */
const RELAY = `
require("node:fs").writeFileSync("/proc/self/coredump_filter", "0");
const { RawNetlinkSocket } = require(process.argv[1]);
const out = new (require("node:net").Socket)({ fd: 1, readable: false });
const sockets = new Map();
const losers = new Set();
const tell = (id, datagram) => {
  const header = Buffer.alloc(${HEADER});
  header.writeUInt32LE(datagram.length);
  header.writeUInt32LE(id, 4);
  out.write(Buffer.concat([header, datagram]));
};
const lose = (id) => tell(id, Buffer.alloc(0));
const listen = (id, protocol, groups) => {
  const socket = new RawNetlinkSocket(protocol, { messagePeeking: false, msgBufferSize: 32768, recvBufferSize: 1 << 20, sendBufferSize: 1 << 16 });
  sockets.set(id, socket);
  socket.on("message", (datagram, { port }) => {
    if (port !== 0) return;
    if (out.writableLength < 8 << 20) tell(id, datagram);
    else losers.add(id);
  });
  socket.on("truncatedMessage", () => lose(id));
  socket.on("error", () => process.exit(1));
  for (const group of groups) socket.addMembership(group);
  lose(id);
};
const close = (id) => {
  sockets.get(id).close();
  sockets.delete(id);
};
out.on("drain", () => { losers.forEach((id) => lose(id)); losers.clear(); });
out.on("error", () => process.exit());
let rest = "";
process.stdin.setEncoding("utf8").on("close", () => process.exit()).on("data", (text) => {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const [id, protocol, ...groups] of lines.map((line) => line.split(" ").map(Number)))
    if (protocol === undefined) close(id);
    else listen(id, protocol, groups);
});
`;

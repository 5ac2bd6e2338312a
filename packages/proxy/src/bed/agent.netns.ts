import { createSocket } from "node:dgram";
import type { Socket as Datagrams } from "node:dgram";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

// A process inside one network namespace that serves and asks as it is told: a JSON line per order and answer.
// Started by bed.netns.ts. Servers answer `<name> <peer address>`.
interface Order {
  readonly id: number;
  readonly do: "listen" | "ask" | "ask-udp" | "open" | "say" | "close";
  readonly name?: string;
  readonly host?: string;
  readonly port: number;
  /** Own address to connect from; default: the kernel's choice. */
  readonly from?: string;
  /** Of a connection or UDP socket that stays open. */
  readonly handle?: string;
}

const PATIENCE_MS = 1500 * Number(process.env["SDN_SLOWDOWN"] ?? 1);
const open = new Map<string, Socket>();
const datagrams = new Map<string, Datagrams>();
const plain = (address: string | undefined): string => (address ?? "").replace("::ffff:", "");

async function listen({ name, port }: Order): Promise<string> {
  const server = createServer((socket) => {
    socket.on("data", () => socket.write(`${name} ${plain(socket.remoteAddress)}`));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen({ port, host: "::" }, resolve));
  const udp = createSocket("udp6", (_, peer) => udp.send(`${name} ${plain(peer.address)}`, peer.port, peer.address));
  await new Promise<void>((resolve) => udp.bind(port, "::", resolve));
  return "listening";
}

/** Answer of a new connection, or the error's code; `TIMEOUT` when there is neither. */
function ask({ host = "", port, from, handle }: Order): Promise<string> {
  return new Promise((resolve) => {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = connect({ host, port, ...local, timeout: PATIENCE_MS }, () => socket.write("?"));
    socket.once("data", (data) => {
      resolve(data.toString());
      if (handle === undefined) socket.destroy();
      else open.set(handle, socket);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("timeout", () => resolve("TIMEOUT"));
  });
}

function say(handle = ""): Promise<string> {
  const socket = open.get(handle);
  if (!socket) return Promise.resolve("NOT OPEN");
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, "TIMEOUT");
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.write("?");
  });
}

/** The same over UDP; with a handle the same source port is used again, so that it is one flow. */
async function askUdp({ host = "", port, from, handle }: Order): Promise<string> {
  const known = handle === undefined ? undefined : datagrams.get(handle);
  const socket = known ?? createSocket(host.includes(":") ? "udp6" : "udp4");
  if (!known && from !== undefined) await new Promise<void>((resolve) => socket.bind(0, from, resolve));
  if (!known) await new Promise<void>((resolve) => socket.connect(port, host, resolve));
  if (handle !== undefined) datagrams.set(handle, socket);
  const answer = await new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS, "TIMEOUT");
    const settle = (text: string): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve(text);
    };
    socket.once("message", (data) => settle(data.toString()));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    socket.send("?", (error) => error && settle((error as NodeJS.ErrnoException).code ?? error.message));
  });
  if (handle === undefined) socket.close();
  return answer;
}

async function follow(order: Order): Promise<string> {
  switch (order.do) {
    case "listen":
      return await listen(order);
    case "ask":
    case "open":
      return await ask(order);
    case "say":
      return await say(order.handle);
    case "ask-udp":
      return await askUdp(order);
    case "close":
      open.get(order.handle ?? "")?.destroy();
      return "closed";
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const started = performance.now();
  const answer = await follow(order).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  process.stdout.write(`${JSON.stringify({ id: order.id, answer, ms: performance.now() - started })}\n`);
}
process.exit();

import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";

/** Ports that the queries come from, and queries without an answer at any time. */
const [SOCKETS, WINDOW] = [16, 200];

/** Milliseconds until a query counts as lost and its place in the window is given to the next. */
const PATIENCE_MS = 1000;

export interface LoadResult {
  readonly answered: number;
  readonly lost: number;
  readonly seconds: number;
}

/** Sends queries from the list, over and over, as fast as they are answered, for the given time. */
export async function load(port: number, queries: readonly Buffer[], seconds: number): Promise<LoadResult> {
  const sockets = Array.from({ length: SOCKETS }, () => createSocket({ type: "udp4", lookup: (host, _, done) => (done as (e: null, a: string, f: number) => void)(null, host, 4) }));
  await Promise.all(sockets.map(async (socket) => {
    const connected = once(socket, "connect");
    socket.connect(port, "127.0.0.1");
    await connected;
  }));
  const tally = { answered: 0, lost: 0, next: 0, heardAt: Date.now() };
  const started = Date.now();
  const done = (): boolean => Date.now() - started >= seconds * 1000;
  const send = (socket: Socket): void => socket.send(queries[tally.next++ % queries.length] as Buffer);
  for (const socket of sockets) {
    socket.on("message", () => {
      tally.answered++;
      tally.heardAt = Date.now();
      send(socket);
    });
    for (let i = 0; i < WINDOW / SOCKETS; i++) send(socket);
  }
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (Date.now() - tally.heardAt < PATIENCE_MS) continue;
    tally.lost += WINDOW; // the whole window is gone: open it again
    tally.heardAt = Date.now();
    for (const socket of sockets) for (let i = 0; i < WINDOW / SOCKETS; i++) send(socket);
  }
  for (const socket of sockets) socket.close();
  return { answered: tally.answered, lost: tally.lost, seconds: (Date.now() - started) / 1000 };
}

import { once } from "node:events";
import { createServer } from "node:net";
import { CommonError } from "../errors.ts";

/**
 * Holds `name` until disposed, or until the process is gone, however it ends: an abstract socket (unix(7)) belongs
 * to the network namespace, so this is one holder per node, and nothing stale is left by `kill -9`.
 *
 * @throws {CommonError} `ALREADY_RUNNING`
 */
export async function acquireLock(name: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ path: `\0sdn-tunnel/${name}` });
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE")
      throw new CommonError({ code: "ALREADY_RUNNING", lock: name }, { cause: error });
    throw error;
  }
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

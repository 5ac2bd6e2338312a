import { runAny } from "../processes/run.ts";
import { labProgram } from "../processes/node-program.ts";
import type { Reply } from "./curl.ts";

export interface UdpOptions {
  /** Time limit in milliseconds; default 1,000. */
  readonly timeoutMs?: number;
  /** Local address to bind. */
  readonly bind?: string;
}

/** Sends one datagram to the httpd's UDP port from a connected socket, by the command line prefix `entry`. */
export async function udp(entry: readonly string[], host: string, port: number, { timeoutMs = 1000, bind }: UdpOptions = {}): Promise<Reply> {
  const args = ["--host", host, "--port", String(port), "--timeout", String(timeoutMs), ...(bind === undefined ? [] : ["--bind", bind])];
  const { argv, env } = labProgram("ask-udp", args);
  const { stdout, stderr } = await runAny([...entry, ...argv], { env, timeoutMs: timeoutMs + 10_000 });
  return stdout === "" ? { ok: false, ms: 0, error: "other", message: stderr } : (JSON.parse(stdout) as Reply);
}

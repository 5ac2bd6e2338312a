import { runAny } from "../processes/run.ts";

/** Why a request failed. */
export type RequestError = "refused" | "unreachable" | "timeout" | "name" | "reset" | "other";

/** What came of a request. */
export interface Reply {
  /** True when an answer came, with a status below 400. */
  readonly ok: boolean;
  readonly ms: number;
  readonly status?: number;
  /** The body, when it is JSON. */
  readonly json?: HttpdAnswer;
  readonly error?: RequestError;
  /** The program's own words. */
  readonly message?: string;
}

/** What the lab's httpd says of a request. */
export interface HttpdAnswer {
  readonly pod: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Over HTTP only. */
  readonly localAddress?: string;
}

export interface CurlOptions {
  /** Time limit in milliseconds; default 3,000. */
  readonly timeoutMs?: number;
  /** Device or local address to bind: curl(1), `--interface`. */
  readonly interface?: string;
}

/** Requests a URL with curl, by the command line prefix `entry` that enters a machine. */
export async function curl(entry: readonly string[], url: string, { timeoutMs = 3000, interface: bind }: CurlOptions = {}): Promise<Reply> {
  const flags = ["--silent", "--verbose", "--globoff", "--max-time", String(timeoutMs / 1000), "--write-out", "\n%{json}"];
  const argv = [...entry, "curl", ...flags, ...(bind === undefined ? [] : ["--interface", bind]), url];
  const { stdout, stderr } = await runAny(argv, { timeoutMs: timeoutMs + 5000 });
  return readCurl(stdout, stderr);
}

/**
 * Reads what curl wrote: the body, then a line of JSON with the facts of the transfer (curl(1), `--write-out`).
 * Only `--verbose` says what connect(2) answered.
 */
export function readCurl(stdout: string, stderr: string): Reply {
  const line = stdout.lastIndexOf("\n{");
  const facts = JSON.parse(stdout.slice(line + 1)) as { exitcode: number; errormsg: string | null; http_code: number; time_total: number };
  const ms = Math.round(facts.time_total * 1000);
  if (facts.exitcode !== 0) {
    const refusal = /connect to .* failed: (.+)$/m.exec(stderr)?.[1];
    return { ok: false, ms, error: errorOf(facts.exitcode, refusal), message: refusal ?? facts.errormsg ?? "" };
  }
  const json = parsed(stdout.slice(0, line));
  return { ok: facts.http_code < 400, ms, status: facts.http_code, ...(json ? { json } : {}) };
}

/** Exit codes of curl(1); 7 stands for whatever connect(2) said. */
function errorOf(exitcode: number, refusal: string | undefined): RequestError {
  if (exitcode === 6) return "name";
  if (exitcode === 28) return "timeout";
  if (exitcode === 52 || exitcode === 56) return "reset";
  if (exitcode !== 7) return "other";
  return refusal === "Connection refused" ? "refused" : "unreachable";
}

function parsed(body: string): HttpdAnswer | undefined {
  try {
    return JSON.parse(body) as HttpdAnswer;
  } catch {
    return undefined; // not our httpd
  }
}

import { engine } from "../engine/engine.ts";
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

/** Sets a transfer's facts apart from its body, which may be anything. */
const FACTS = "\u001e";

/** Requests a URL with curl, by the command line prefix `entry` that enters a machine. */
export async function curl(entry: readonly string[], url: string, options?: CurlOptions): Promise<Reply> {
  return (await curlRepeatedly(entry, url, 1, options))[0]!;
}

/** Requests a URL `count` times, one after the other, each on a connection of its own; stops at the first failure. */
export async function curlRepeatedly(entry: readonly string[], url: string, count: number, options: CurlOptions = {}): Promise<Reply[]> {
  const { timeoutMs = 3000, interface: bind } = options;
  const flags = ["--silent", "--verbose", "--globoff", "--fail-early", "--header", "Connection: close"];
  const limits = ["--max-time", String(timeoutMs / 1000), "--write-out", `${FACTS}%{json}\n`];
  const argv = [...entry, "curl", ...flags, ...limits, ...(bind === undefined ? [] : ["--interface", bind]), ...Array<string>(count).fill(url)];
  const { stdout, stderr, ms } = await runAny(argv, { timeoutMs: count * timeoutMs + 5000 * engine.slowdown });
  return stdout.includes(FACTS) ? readCurl(stdout, stderr) : [{ ok: false, ms: Math.round(ms), error: "other", message: `curl ended without a word: ${stderr.trim()}` }];
}

/**
 * Reads what curl wrote: for each transfer the body, then a line of JSON with its facts (curl(1), `--write-out`).
 * Only `--verbose` says what connect(2) answered.
 */
export function readCurl(stdout: string, stderr: string): Reply[] {
  const pieces = stdout.split(FACTS);
  return pieces.slice(1).map((piece, i) => {
    const before = pieces[i]!;
    const body = i === 0 ? before : before.slice(before.indexOf("\n") + 1);
    return readTransfer(body, JSON.parse(piece.slice(0, piece.indexOf("\n"))) as Facts, stderr);
  });
}

interface Facts {
  readonly exitcode: number;
  readonly errormsg: string | null;
  readonly http_code: number;
  /** Seconds. */
  readonly time_total: number;
}

function readTransfer(body: string, { exitcode, errormsg, http_code, time_total }: Facts, stderr: string): Reply {
  const ms = Math.round(time_total * 1000);
  if (exitcode !== 0) {
    const refusal = /connect to .* failed: (.+)$/m.exec(stderr)?.[1];
    return { ok: false, ms, error: errorOf(exitcode, refusal), message: refusal ?? errormsg ?? "" };
  }
  const json = parsed(body);
  return { ok: http_code < 400, ms, status: http_code, ...(json ? { json } : {}) };
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

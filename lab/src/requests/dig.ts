import { runAny } from "../processes/run.ts";

export interface DigOptions {
  /** Server to ask; default the machine's own, by its resolv.conf. */
  readonly server?: string;
  readonly tcp?: boolean;
  /** True: apply the search list and ndots of resolv.conf. */
  readonly search?: boolean;
  readonly timeoutMs?: number;
}

export interface DigAnswer {
  /** RCODE as dig shows it, "NOERROR", "NXDOMAIN", …, or "TIMEOUT" when no server answered. */
  readonly status: string;
  readonly records: readonly DnsRecord[];
}

export interface DnsRecord {
  readonly name: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

/** Asks for a name with dig, by the command line prefix `entry` that enters a machine. */
export async function dig(entry: readonly string[], name: string, type: string, options: DigOptions = {}): Promise<DigAnswer> {
  const { server, tcp = false, search = false, timeoutMs = 2000 } = options;
  const flags = ["+noall", "+answer", "+comments", "+tries=1", `+time=${Math.max(1, Math.round(timeoutMs / 1000))}`];
  const argv = [...(server === undefined ? [] : [`@${server}`]), "-t", type, "-q", name, ...flags];
  const { stdout } = await runAny([...entry, "dig", ...argv, tcp ? "+tcp" : "+notcp", search ? "+search" : "+nosearch"]);
  return readDig(stdout);
}

/** Reads dig's text: the header's status, and a record a line. */
export function readDig(stdout: string): DigAnswer {
  const status = /status: (\w+)/.exec(stdout)?.[1] ?? "TIMEOUT";
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  return { status, records: lines.flatMap((line) => recordOf(line.split(/\s+/))) };
}

function recordOf([name, ttl, recordClass, type, ...data]: readonly string[]): DnsRecord[] {
  if (recordClass !== "IN" || name === undefined || type === undefined) return [];
  return [{ name, ttl: Number(ttl), type, data: data.join(" ") }];
}

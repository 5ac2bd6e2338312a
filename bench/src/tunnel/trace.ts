/** What strace saw between two marks. */
export interface Traced {
  /** Messages that change something: rtnetlink's NEW, DEL and SET, WireGuard's `set=1`, a batch of nftables. */
  writes: number;
  /** Programs that were started. */
  forks: number;
}

/** The system calls by which a process could change the kernel or start another. */
export const TRACED = "trace=sendto,sendmsg,sendmmsg,write,writev,execve";

const mark = /write\(2, "mark: (\w+)\\n"/;
const change = /nlmsg_type=(?:RTM_(?:NEW|DEL|SET)\w*|NFNL_MSG_BATCH_BEGIN)|"set=1\\n/;
/** strace breaks a line in two when another thread comes between. */
const started = /(?:execve\(|<\.\.\. execve resumed>).*\) += 0$/;

/** Reads the output of `strace -f`, and counts by mark. */
export function readTrace(text: string): Map<string, Traced> {
  const found = new Map<string, Traced>();
  let current: Traced | undefined;
  for (const line of text.split("\n")) {
    const name = mark.exec(line)?.[1];
    if (name === "end") current = undefined;
    else if (name !== undefined) found.set(name, (current = { writes: 0, forks: 0 }));
    else if (current && change.test(line)) current.writes++;
    else if (current && started.test(line)) current.forks++;
  }
  return found;
}

import type { CommandFollower } from "@sdn-tunnel/common/daemon/follow";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { BRIDGE } from "./bridge.ts";
import { COOKIE } from "./flow.ts";

/** Milliseconds between attempts to reach a bridge that is gone: flows are back within a second of its return. */
const RETRY_MS = 200;

export interface WatchNeeds {
  readonly follower: CommandFollower;
  readonly clock: Clock;
  /** Brings flows back at once, where they are lost, and says whether any were; what keeps it from that, `changed()` will find too. */
  readonly restore: () => Promise<boolean>;
  /** Then: something happened after which our flows may be gone, or the bridge may be another. */
  readonly changed: () => void;
}

/**
 * Watches the bridge by a flow monitor (ovs-ofctl(8), `monitor`): the SDN's note comes or goes, a flow of ours is
 * deleted. It ends when the bridge is deleted and when ovs-vswitchd ends, of which the database says nothing; then
 * it is started again until it holds; then what is there is compared with what was.
 */
export async function watchBridge({ follower, clock, restore, changed }: WatchNeeds, signal: AbortSignal): Promise<void> {
  const monitor = ["ovs-ofctl", "-O", "OpenFlow13", "monitor", BRIDGE, "watch:table=253", "watch:!initial,!add,!modify"] as const;
  while (!signal.aborted) {
    let silent = true; // the first line is the answer to the request itself: the monitor holds
    const line = (text: string): void => {
      const holds = silent && text.includes("FLOW_MONITOR reply");
      if (holds) silent = false;
      if (holds) void restore().then((restored) => restored && changed(), changed);
      else if (concerns(text)) void restore().then(changed, changed);
    };
    await follower.follow(monitor, line, signal);
    await clock.sleep(RETRY_MS, signal);
  }
}

/** Whether an event is about the note, or about a lost flow of ours; pods come and go in other tables. */
export function concerns(line: string): boolean {
  if (!line.includes("event=")) return false;
  return /\btable=253\b/.test(line) || (line.includes("event=DELETED") && line.includes(`cookie=${COOKIE}`));
}

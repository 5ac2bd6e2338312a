import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { downNodes, parseReport } from "./report.ts";
import type { HealthReport } from "./report.ts";

/** Milliseconds between looks at the file: a report comes every half second, and grows old without any event. */
const EVERY_MS = 200;

export interface HealthNeeds {
  /** Text of the report; `undefined` when there is none. */
  readonly read: () => Promise<string | undefined>;
  readonly clock: Clock;
}

/** Which remote nodes are down, by the last good report of sdn-tunneld while it is fresh. */
export class Health {
  readonly #needs: HealthNeeds;
  /** The last text that was looked at; `null` after a failed read, so that the next one counts as new. */
  #text: string | undefined | null;
  #report: HealthReport | undefined;
  #down: ReadonlySet<NodeKey> = new Set();
  #problem: string | undefined;

  constructor(needs: HealthNeeds) {
    this.#needs = needs;
  }

  get down(): ReadonlySet<NodeKey> {
    return this.#down;
  }

  /** Why the last text was no report. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks at the file once; returns the nodes that went down or came up. */
  async look(): Promise<NodeKey[]> {
    await this.#load();
    const before = this.#down;
    this.#down = downNodes(this.#report, this.#needs.clock.now());
    return [...before.symmetricDifference(this.#down)];
  }

  /** Looks again and again, and tells of every change, until `signal` aborts. */
  async follow(listener: (changed: readonly NodeKey[]) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changed = await this.look();
      if (changed.length > 0) listener(changed);
      await this.#needs.clock.sleep(EVERY_MS, signal);
    }
  }

  async #load(): Promise<void> {
    try {
      const last = this.#text;
      this.#text = null;
      this.#text = await this.#needs.read();
      if (this.#text === last) return;
      this.#report = this.#text === undefined ? undefined : parseReport(this.#text);
      this.#problem = undefined;
    } catch (error) {
      // What was last good counts until it is stale.
      this.#problem = messageOf(error);
    }
  }
}

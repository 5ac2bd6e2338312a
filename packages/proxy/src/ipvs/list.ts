import { readFile } from "node:fs/promises";
import type { ServerKey } from "../services/server.ts";
import { parseProc } from "./proc.ts";
import type { ListedService } from "./proc.ts";
import type { IpvsService, IpvsState } from "./state.ts";
import { hasFallback } from "./table.ts";

/** What the file does not say, by another way. */
export interface ServiceQuestions {
  /** Seconds of persistence of one service. */
  readonly seconds: (service: ServerKey) => Promise<number | undefined>;
  /** Services whose scheduler has other flags than those we set; of any that hash, all are asked for at once. */
  readonly altered: () => Promise<ReadonlySet<ServerKey>>;
}

/** Reads the table of this network namespace from `/proc/net/ip_vs`. */
export class ProcList {
  readonly #ask: ServiceQuestions;
  /** Ticks per second (CONFIG_HZ): the same until the machine is started again. */
  #rate: number | undefined;

  /** @param ask is asked for seconds of one persistent service, once: the file counts in ticks, and nothing tells their rate */
  constructor(ask: ServiceQuestions) {
    this.#ask = ask;
  }

  async read(): Promise<IpvsState> {
    const listed = parseProc(await textOf("/proc/net/ip_vs"));
    const sticky = [...listed].find(([, { affinityTicks }]) => affinityTicks !== undefined);
    if (sticky) this.#rate ??= await this.#learn(...sticky);
    const hashing = [...listed.values()].some(({ scheduler }) => hasFallback(scheduler));
    const altered = hashing ? await this.#ask.altered() : new Set<ServerKey>();
    return new Map([...listed].map(([key, service]) => [key, { ...this.#inSeconds(service), ...(service.onePacket || altered.has(key) ? { altered: true as const } : {}) }]));
  }

  async #learn(key: ServerKey, { affinityTicks = 0 }: ListedService): Promise<number | undefined> {
    const seconds = await this.#ask.seconds(key);
    return seconds === undefined ? undefined : affinityTicks / seconds;
  }

  #inSeconds({ scheduler, affinityTicks, destinations }: ListedService): IpvsService {
    if (affinityTicks === undefined) return { scheduler, destinations };
    return { scheduler, destinations, affinitySeconds: affinityTicks / (this.#rate ?? 1) };
  }
}

/** The file is there as soon as the kernel's module is. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

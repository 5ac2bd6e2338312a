import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LAB_DIR } from "../namespaces/directory.ts";
import { Daemon } from "../processes/daemon.ts";
import { run } from "../processes/run.ts";

/**
 * A filter for what every Ethernet with IP carries by itself: ARP, neighbour discovery (RFC 4861, ICMPv6 types 133
 * to 137) and the multicast listener reports that it needs (RFC 3810; behind a hop-by-hop header, so that `icmp6`
 * does not match them).
 */
export const NEIGHBOUR_DISCOVERY = "arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 137) or (ip6[6] == 0 and ip6[40] == 58)";

const SNIFF = fileURLToPath(new URL("sniff.pl", import.meta.url));

/** What was seen on one device. */
export interface Seen {
  readonly device: string;
  readonly total: number;
  readonly matching: number;
  /** The packets that do not match the filter, as tcpdump shows them. */
  readonly violators: readonly string[];
  /** Packets that the capture missed; a capture proves an absence only when there are none. */
  readonly dropped: number;
}

/** As nobody, from whom tcpdump has no root to take, which it could not in a user namespace. */
export const ROOTLESS_READER: readonly string[] = ["unshare", "--user"];

interface Sniffer {
  readonly device: string;
  readonly file: string;
  readonly daemon: Daemon;
}

/** A running capture on some devices of a machine. */
export class Capture {
  readonly #sniffers: readonly Sniffer[];
  readonly #reader: readonly string[];
  static #count = 0;

  private constructor(sniffers: readonly Sniffer[], reader: readonly string[]) {
    this.#sniffers = sniffers;
    this.#reader = reader;
  }

  /**
   * Starts to capture; once it returns, no packet is missed.
   *
   * @param entry command line prefix that enters the machine
   * @param reader command line prefix for reading the files: `ROOTLESS_READER` in a bed of a plain user
   */
  static async start(entry: readonly string[], devices: readonly string[], reader: readonly string[] = []): Promise<Capture> {
    const folder = join(LAB_DIR, "captures");
    mkdirSync(folder, { recursive: true });
    const number = ++Capture.#count;
    const sniffers = devices.map(async (device) => {
      const file = join(folder, `${number}-${device}.pcap`);
      const daemon = new Daemon(`capture-${number}-${device}`, [...entry, "perl", SNIFF, device, file], { ready: /^capturing$/m });
      return { device, file, daemon: await daemon.start() };
    });
    return new Capture(await Promise.all(sniffers), reader);
  }

  /**
   * Ends the capture and tells packets that match a filter from the others.
   *
   * @param filter in the language of pcap-filter(7): "udp port 5555 or arp"
   * @throws {LabError} COMMAND_FAILED when the filter is not one
   */
  async stop(filter: string): Promise<Seen[]> {
    await sleep(50); // what is on the way through the router
    await Promise.all(this.#sniffers.map(({ daemon }) => daemon.kill("SIGINT")));
    return await Promise.all(this.#sniffers.map(({ device, file, daemon }) => this.#judge(device, file, filter, daemon.log)));
  }

  async #judge(device: string, file: string, filter: string, log: string): Promise<Seen> {
    const [matching, violators] = await Promise.all([this.#read(file, filter), this.#read(file, `not (${filter})`)]);
    const dropped = Number(/^(\d+) packets dropped by kernel/m.exec(log)?.[1] ?? Number.NaN);
    return { device, dropped, total: matching.length + violators.length, matching: matching.length, violators };
  }

  async #read(file: string, filter: string): Promise<string[]> {
    const text = await run([...this.#reader, "tcpdump", "-r", file, "-n", "-Z", "root", filter]);
    return text.split("\n").filter((line) => line !== "");
  }
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { createCommandRunner } from "../daemon/command.ts";
import { NetlinkDoor } from "../kernel/door.ts";
import type { NamespaceCase } from "../kernel/namespace.ts";
import { openMulticast, openNetfilterSocket } from "../kernel/socket.ts";
import { systemClock as clock } from "../loop/clock.ts";
import { readGeneration, Ruleset } from "./ruleset.ts";
import type { Change } from "./ruleset.ts";
import type { Transaction } from "./transaction.ts";
import { watchRuleset } from "./watch.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts.
const netfilter = new NetlinkDoor(openNetfilterSocket);
const generation = (): Promise<number> => readGeneration(netfilter);
const nft = (input: string): void => void execFileSync("nft", ["-f", "-"], { input, stdio: ["pipe", "pipe", "pipe"] });
const commands = createCommandRunner();
const ours = "table inet ours {\n  chain c {\n    type filter hook forward priority 0\n    accept\n  }\n}\n";

/** Runs `act` under a watch of table `inet ours`; returns what each look was told. */
async function watched(ruleset: Ruleset, act: () => Promise<void> | void): Promise<(readonly Transaction[] | undefined)[]> {
  const looks: (readonly Transaction[] | undefined)[] = [];
  const stop = new AbortController();
  const concerns = ({ tables }: Transaction): boolean => tables.has("inet ours");
  watchRuleset({ multicast: openMulticast(), clock, concerns, ruleset, look: (told) => looks.push(told) }, stop.signal);
  // What was before it listened may have been anything.
  while (looks.length === 0) await sleep(20);
  assert.deepEqual(looks.splice(0), [undefined]);
  await act();
  await sleep(1500); // one look a second at most
  stop.abort();
  return looks;
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "each transaction counts one on, whatever it holds; one that is refused does not",
    async run() {
      const before = await generation();
      nft("table ip a {\n  chain c {\n  }\n}\ntable ip b {\n}\n");
      assert.equal(await generation(), before + 1);
      assert.throws(() => nft("delete table ip nowhere\n"));
      execFileSync("nft", ["list", "ruleset"]);
      assert.equal(await generation(), before + 1);
      nft("delete table ip a\ndelete table ip b\n");
      assert.equal(await generation(), before + 2);
    },
  },
  {
    name: "what another network namespace does does not count",
    async run() {
      const before = await generation();
      execFileSync("unshare", ["--net", "nft", "add", "table", "ip", "elsewhere"]);
      assert.equal(await generation(), before);
    },
  },
  {
    name: "a table of ours that somebody deletes is told of, with the program that did it",
    async run() {
      nft(ours);
      const [told, ...more] = await watched(new Ruleset(generation), () => nft("delete table inet ours\n"));
      assert.equal(more.length, 0);
      assert.deepEqual(told?.map(({ program, tables, chains }) => [program, [...tables], [...chains]]), [["nft", ["inet ours"], ["inet ours c"]]]);
    },
  },
  {
    name: "nothing is told of other tables, nor of what we do ourselves",
    async run() {
      const ruleset = new Ruleset(generation);
      const looks = await watched(ruleset, async () => {
        nft("table ip theirs {\n  set s {\n    type ipv4_addr\n    elements = { 10.0.0.1 }\n  }\n}\n");
        const { at } = await ruleset.transact("ours", () => commands.run(["nft", "-f", "-"], { input: ours }));
        assert.equal(at, await generation());
        nft("delete table ip theirs\n");
      });
      assert.deepEqual(looks, []);
      nft("delete table inet ours\n");
    },
  },
  {
    name: "what others do elsewhere is known to have left ours alone",
    async run() {
      nft(ours);
      const ruleset = new Ruleset(generation);
      const concerns = (change: Change): boolean => "own" in change || change.told.tables.has("inet ours");
      const answers: boolean[] = [];
      await watched(ruleset, async () => {
        const before = await generation();
        nft("table ip theirs {\n  chain c {\n  }\n}\n");
        await sleep(300);
        answers.push(ruleset.isUntouched(before, await generation(), concerns));
        nft("delete table ip theirs\ndelete table inet ours\n");
        await sleep(300);
        answers.push(ruleset.isUntouched(before, await generation(), concerns));
      });
      assert.deepEqual(answers, [true, false]);
    },
  },
  {
    name: "a flush of the whole ruleset is told of as well",
    async run() {
      nft(ours);
      assert.equal((await watched(new Ruleset(generation), () => nft("flush ruleset\n"))).length, 1);
    },
  },
  {
    name: "many transactions in a burst are one look",
    async run() {
      const looks = await watched(new Ruleset(generation), async () => {
        for (let i = 0; i < 5; i++) nft(`${ours}add table inet other${i}\n`);
        await sleep(0);
      });
      assert.equal(looks.length, 1);
      nft("flush ruleset\n");
    },
  },
];

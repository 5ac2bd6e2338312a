import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";

/** Runs commands, and notes which transactions of nft(8) are ours: nobody need look at what they did. */
export function noteOwnWrites(commands: CommandRunner, ruleset: Pick<Ruleset, "transact">): CommandRunner {
  return {
    async run(argv, options) {
      if (argv[0] !== "nft" || !argv.includes("-f")) return await commands.run(argv, options);
      return (await ruleset.transact("sdn_proxy", () => commands.run(argv, options))).value;
    },
  };
}

import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { Remembered } from "@sdn-tunnel/common/netfilter/remembered";
import type { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Transaction } from "@sdn-tunnel/common/netfilter/transaction";

/**
 * Runs commands, but not again what nft(8) lists, while nobody can have changed it: a pass that finds nothing to do
 * starts no program.
 *
 * @param concerns whether what somebody else did may show in a listing; what we did may always
 */
export function rememberListings(commands: CommandRunner, ruleset: Ruleset, concerns: (told: Transaction) => boolean): CommandRunner {
  const listings = new Map<string, Remembered<string>>();
  return {
    run(argv, options) {
      if (argv[0] !== "nft" || !argv.includes("list")) return commands.run(argv, options);
      const line = argv.join(" ");
      const listing = listings.get(line) ?? new Remembered(ruleset, (change) => "own" in change || concerns(change.told), () => commands.run(argv, options));
      listings.set(line, listing);
      return listing.get();
    },
  };
}

/** Takes the lock that is named in its first argument, says so, and holds it until it is killed. */
import { acquireLock } from "../src/daemon/lock.ts";

await acquireLock(process.argv[2] ?? "");
process.stdout.write("held\n");
setInterval(() => {}, 1000);

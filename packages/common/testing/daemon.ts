/** A daemon that ends in the way that its first argument names. */
import { createCommandRunner } from "../src/daemon/command.ts";
import { runDaemon } from "../src/daemon/lifecycle.ts";
import { CommonError } from "../src/errors.ts";

const ways: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  async fault() {
    throw new CommonError({ code: "ALREADY_RUNNING", lock: "sdn-test" });
  },
  async bug() {
    throw new TypeError("undefined is not a function");
  },
  async done() {
    process.stdout.write("all said\n");
    setInterval(() => {}, 1000); // something that a library left running
  },
  async command(signal) {
    const running = createCommandRunner().run(["sleep", "1"]);
    process.stdout.write("up\n");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await running.catch(() => undefined);
    process.stdout.write("finished\n");
  },
  async serve(signal) {
    process.stdout.write("up\n");
    const alive = setInterval(() => {}, 1000);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    clearInterval(alive);
    process.stdout.write("finished\n");
  },
};

await runDaemon("sdn-testd", ways[process.argv[2] ?? ""] ?? (async () => {}));

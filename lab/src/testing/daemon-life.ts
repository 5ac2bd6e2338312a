import { mkdirSync } from "node:fs";
import { LAB_DIR } from "../namespaces/directory.ts";
import { Daemon } from "../processes/daemon.ts";

// What a daemon's handle says over its life; processes/daemon.test.ts judges it.
mkdirSync(LAB_DIR, { recursive: true });
const polite = new Daemon("polite", ["sh", "-c", 'trap "exit 0" TERM; echo "hello $$"; while :; do sleep 0.05; done'], { ready: /^hello \d+$/m });
await polite.start();
const first = polite.pid;
await polite.restart();
const second = polite.pid;
const log = polite.log;
await polite.stop();

const stubborn = new Daemon("stubborn", ["sh", "-c", 'trap "" TERM; echo up; while :; do sleep 0.05; done'], { ready: /^up$/m });
await stubborn.start();
const before = performance.now();
await stubborn.stop(200);
const stopMs = performance.now() - before;

async function refusal(daemon: Daemon): Promise<string> {
  return await daemon.start().then(() => "started", (error: Error) => error.message);
}
const refusals = {
  ended: await refusal(new Daemon("ended", ["sh", "-c", "echo oops; exit 1"], { ready: /ready/ })),
  absent: await refusal(new Daemon("absent", ["no-such-program"], { ready: /ready/ })),
  silent: await refusal(new Daemon("silent", ["sleep", "5"], { ready: /ready/, readyTimeoutMs: 100 })),
};
console.log(JSON.stringify({ first, second, log, running: [polite.running, stubborn.running], pid: polite.pid ?? null, stopMs, refusals }));
process.exit();

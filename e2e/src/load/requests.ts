import { request } from "node:http";
import { setInterval } from "node:timers";

/** One request, as printed: a JSON object per line. */
export interface Sample {
  readonly target: string;
  /** Unix time in milliseconds at which it was sent. */
  readonly at: number;
  readonly ms: number;
  /** Absent when the answer came. */
  readonly error?: string;
}

/** What to ask: every target `perSecond` times a second, each request on a connection of its own. */
export interface LoadPlan {
  readonly targets: Readonly<Record<string, string>>;
  readonly perSecond: number;
  /** Milliseconds after which a request counts as lost. */
  readonly timeoutMs: number;
  /** The load ends by itself after this many seconds. */
  readonly seconds: number;
}

function ask(target: string, url: string, timeoutMs: number): void {
  const at = Date.now();
  const started = performance.now();
  let told = false;
  const tell = (error?: string): void => {
    if (told) return;
    told = true;
    const sample: Sample = { target, at, ms: Math.round(performance.now() - started), ...(error === undefined ? {} : { error }) };
    process.stdout.write(`${JSON.stringify(sample)}\n`);
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = request(url, { agent: false, signal }, (response) => {
    response.resume().on("end", () => tell(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
    response.on("error", (error) => tell(error.message));
  });
  sent.on("error", (error: NodeJS.ErrnoException) => tell(signal.aborted ? "timeout" : (error.code ?? error.message)));
  sent.end();
}

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
for (const [target, url] of Object.entries(plan.targets))
  setInterval(() => ask(target, url, plan.timeoutMs), 1000 / plan.perSecond);
setTimeout(() => process.exit(0), plan.seconds * 1000);

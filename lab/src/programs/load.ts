import type { ClientRequest } from "node:http";
import { parseArgs } from "node:util";

// Not imported: see common/daemon/http.ts.
const { request } = process.getBuiltinModule("node:http");

/**
 * Requests every URL at an even rate, each time over a new connection and with its name resolved anew, and prints one
 * line of JSON for each request that ended: `{"url", "at", "ms", "pod"?, "remoteAddress"?, "error"?}`, where `at` is
 * the start in milliseconds of the clock of the day. Ends at SIGTERM, once every request has ended.
 *
 * usage: load.ts --rate PER_SECOND --timeout MS URL [URL ...]      the rate is each URL's own
 */
const { values, positionals: urls } = parseArgs({
  options: { rate: { type: "string", default: "10" }, timeout: { type: "string", default: "5000" } },
  allowPositionals: true,
});
const timeoutMs = Number(values.timeout);
let open = 0;

function print(url: string, at: number, started: number, rest: object): void {
  console.log(JSON.stringify({ url, at, ms: Math.round(performance.now() - started), ...rest }));
}

function ask(url: string): void {
  const [at, started] = [Date.now(), performance.now()];
  let ended = false;
  const end = (rest: object): void => {
    if (ended) return;
    ended = true;
    open -= 1;
    clearTimeout(timer);
    print(url, at, started, rest);
    pending.destroy();
  };
  const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
  open += 1;
  const pending: ClientRequest = request(url, { agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => (body += text));
    response.on("end", () => end(JSON.parse(body) as object));
    response.on("error", (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message }));
  });
  pending.on("error", (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message }));
  pending.end();
}

const interval = setInterval(() => urls.forEach(ask), 1000 / Number(values.rate));
process.on("SIGTERM", () => {
  clearInterval(interval);
  setInterval(() => open === 0 && process.exit(0), 10);
});
console.log("ready");

import { beforeAll, describe, expect, it } from "vitest";
import { runScenario } from "@sdn-tunnel/lab/bed/scenario";
import { judge } from "./judge.ts";
import type { Verdict } from "./judge.ts";
import type { Kill, Restarts } from "./scenario.ts";

/** Longest time without an answer that a kill of discoveryd, or of wireguard-go, may cost. */
const GAP_MS = 2000;

let restarts: Restarts;

beforeAll(async () => {
  restarts = await runScenario<Restarts>({ entry: new URL("scenario.ts", import.meta.url).pathname });
  console.log(table(restarts));
}, 180_000);

describe("kill -9 under 50 requests a second by pod IP, by ClusterIP and by name", () => {
  it.each(["tunneld of east-1", "tunneld of west-1", "proxyd of east-1", "discoveryd of east/dns"])("%s: no request by IP is lost", (daemon) => {
    for (const url of [restarts.urls.podIP, restarts.urls.clusterIP]) {
      const verdict = judgeKill(daemon, url);
      expect(verdict.requests).toBeGreaterThan(100);
      expect(verdict, url).toMatchObject({ lost: 0, errors: [] });
    }
  });

  it.each(["tunneld of east-1", "tunneld of west-1", "proxyd of east-1"])("%s: no request by name is lost", (daemon) => {
    expect(judgeKill(daemon, restarts.urls.name)).toMatchObject({ lost: 0, errors: [] });
  });

  it("discoveryd of east/dns: names are answered again within 2 s", () => {
    expect(judgeKill("discoveryd of east/dns", restarts.urls.name).firstAnswerMs).toBeLessThanOrEqual(GAP_MS);
  });

  it.each(["wireguard-a of east-1", "wireguard-a of west-1"])("%s: answered again within 2 s by every way", (daemon) => {
    for (const url of Object.values(restarts.urls)) expect(judgeKill(daemon, url).firstAnswerMs, url).toBeLessThanOrEqual(GAP_MS);
  });
});

function judgeKill(daemon: string, url: string): Verdict {
  const kill = restarts.kills.find((candidate) => candidate.daemon === daemon);
  expect(kill, `${daemon} was killed`).toBeDefined();
  return judge(kill!.records, url, kill!.killedAt);
}

function table({ urls, kills }: Restarts): string {
  const rows = kills.flatMap((kill: Kill) =>
    Object.entries(urls).map(([how, url]) => {
      const { requests, lost, longestMs, firstAnswerMs = "never", errors } = judge(kill.records, url, kill.killedAt);
      const facts = `${lost} of ${requests} lost, longest ${longestMs} ms, next answer after ${firstAnswerMs} ms ${errors.join(" ")}`;
      return `${kill.daemon.padEnd(22)} ready after ${String(kill.readyMs).padStart(5)} ms  ${how.padEnd(9)} ${facts}`;
    }),
  );
  return rows.join("\n");
}

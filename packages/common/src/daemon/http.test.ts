import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { parseAddress } from "../net/address.ts";
import { serveHttp } from "./http.ts";
import { showSocketAddress } from "./listen-address.ts";
import { createMetrics } from "./metrics.ts";

let stop: AbortController;
let reasons: string[];
let status: () => unknown;
let url: string;

beforeEach(async () => {
  [stop, reasons, status] = [new AbortController(), [], () => ({ conditions: [] })];
  const metrics = createMetrics({ processMetrics: false });
  metrics.gauge("sdn_test_peers", "Peers").set(3);
  const listen = { host: parseAddress("::1"), port: 0 };
  const at = await serveHttp({ listen, metrics, notReady: () => reasons, status: () => status() }, stop.signal);
  url = `http://${showSocketAddress(at)}`;
});
afterEach(() => stop.abort());

async function get(path: string, init: RequestInit = {}) {
  const response = await fetch(`${url}${path}`, init);
  return { code: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("serveHttp()", () => {
  it("says that the process answers, ready or not", async () => {
    reasons = ["not read yet"];
    expect(await get("/healthz")).toMatchObject({ code: 200, text: "ok\n" });
  });

  it("is ready when there is no reason against it, and tells the reasons", async () => {
    expect(await get("/readyz")).toMatchObject({ code: 200, text: "ok\n" });
    reasons = ["west is not read yet", "no pass yet"];
    expect(await get("/readyz")).toMatchObject({ code: 503, text: "west is not read yet\nno pass yet\n" });
  });

  it("prints the metrics", async () => {
    const { code, type, text } = await get("/metrics");
    expect([code, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(text).toContain("sdn_test_peers 3");
  });

  it("shows the status as JSON", async () => {
    status = () => ({ conditions: [{ type: "WouldCutOff" }] });
    const { code, type, text } = await get("/status?verbose");
    expect([code, type]).toEqual([200, "application/json; charset=utf-8"]);
    expect(JSON.parse(text)).toEqual({ conditions: [{ type: "WouldCutOff" }] });
  });

  it("survives a status that cannot be told", async () => {
    status = () => {
      throw new Error("no view yet");
    };
    expect(await get("/status")).toMatchObject({ code: 500, text: "no view yet\n" });
    expect(await get("/healthz")).toMatchObject({ code: 200 });
  });

  it("knows no other path, and changes nothing", async () => {
    expect(await get("/")).toMatchObject({ code: 404, text: "accepted are /healthz, /readyz, /metrics and /status\n" });
    expect(await get("/status", { method: "POST", body: "{}" })).toMatchObject({ code: 405 });
    expect(await get("/healthz", { method: "HEAD" })).toMatchObject({ code: 200, text: "" });
  });

  it("stops answering when it is told to", async () => {
    stop.abort();
    await expect(get("/healthz")).rejects.toThrow("fetch failed");
  });

  it("says which address it cannot have, and why", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const listen = { host: parseAddress("127.0.0.1"), port: (other.address() as AddressInfo).port };
    const serving = serveHttp({ listen, metrics: createMetrics({ processMetrics: false }), notReady: () => [], status: () => ({}) }, stop.signal);
    await expect(serving).rejects.toThrow(CommonError);
    await expect(serving).rejects.toThrow(new RegExp(`^Cannot listen on 127.0.0.1:${listen.port}: .*EADDRINUSE`));
    other.close();
  });
});

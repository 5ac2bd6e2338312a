import { describe, expect, it } from "vitest";
import { planLab } from "../topology/addresses.ts";
import { usualShape } from "../topology/shape.ts";
import { renderLocalServices } from "./local.ts";
import { backends, clusterIP, usualServices } from "./shape.ts";

const west = planLab(usualShape())[1]!;
const services = usualServices(west);
const named = (name: string) => services.find((service) => service.name === name)!;
const rulesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter((line) => /^(ip|ip6|meta) /.test(line));

describe("usualServices()", () => {
  it("puts the pods behind them that the cluster has", () =>
    expect(services.map(({ name, endpoints }) => `${name}: ${endpoints.join(" ")}`)).toEqual([
      "httpd: httpd-1 httpd-2",
      "httpd6: httpd-1 httpd-2",
      "httpd-host: httpd-host",
      "sdn-discovery: dns",
    ]));

  it("gives them the addresses that a pod's resolv.conf and the others' mapping expect", () => {
    expect(clusterIP(west, named("sdn-discovery"), "v4")).toBe("172.30.0.10");
    expect(clusterIP(west, named("httpd"), "v4", "remote")).toBe("172.31.0.80");
    expect(clusterIP(west, named("httpd"), "v6", "remote")).toBe("fd00:31::80");
  });

  it("leaves out pods that are gone", () => {
    const smaller = { ...west, pods: west.pods.filter(({ name }) => name !== "httpd-1") };
    expect(backends(smaller, named("httpd")).map(({ name }) => name)).toEqual(["httpd-2"]);
  });
});

describe("renderLocalServices()", () => {
  it("sends a dual-stack Service with two ports and two pods to four rules, in each of which one pod is picked", () =>
    expect(rulesOf(renderLocalServices(west, [named("httpd")]))).toEqual([
      ...["10.132.0.11", "10.132.2.11"].map((pod) => `meta l4proto tcp dnat ip to ${pod}:8080`),
      ...["10.132.0.11", "10.132.2.11"].map((pod) => `meta l4proto udp dnat ip to ${pod}:8080`),
      ...["fd00:132::11", "fd00:132:0:1::11"].map((pod) => `meta l4proto tcp dnat ip6 to [${pod}]:8080`),
      ...["fd00:132::11", "fd00:132:0:1::11"].map((pod) => `meta l4proto udp dnat ip6 to [${pod}]:8080`),
      ...["http", "echo"].map((port, i) => {
        const chains = [0, 1].map((n) => `${n} : goto test_sdn_tunnel_httpd_${port}_v4_${n}`).join(", ");
        return `ip daddr 172.30.0.80 ${["tcp", "udp"][i]} dport 8080 numgen random mod 2 vmap { ${chains} }`;
      }),
      ...["http", "echo"].map((port, i) => {
        const chains = [0, 1].map((n) => `${n} : goto test_sdn_tunnel_httpd_${port}_v6_${n}`).join(", ");
        return `ip6 daddr fd00:30::80 ${["tcp", "udp"][i]} dport 8080 numgen random mod 2 vmap { ${chains} }`;
      }),
    ]));

  it("has no rule for a family that a Service lacks", () => expect(rulesOf(renderLocalServices(west, [named("httpd6")])).filter((line) => line.includes("dnat ip to"))).toEqual([]));

  it("has no rule for a Service without pods", () => expect(rulesOf(renderLocalServices(west, [{ ...named("httpd"), endpoints: [] }]))).toEqual([]));

  it("replaces the table in one transaction, at the priority of kube-proxy, and masquerades nothing", () => {
    const text = renderLocalServices(west, services);
    expect(text.split("\n").slice(0, 3)).toEqual(["table inet lab_services", "delete table inet lab_services", "table inet lab_services {"]);
    expect(text.match(/hook (prerouting|output) priority -100/g)).toHaveLength(2);
    expect(text).not.toMatch(/masquerade|snat/);
  });
});

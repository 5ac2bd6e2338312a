import { beforeAll, describe, expect, it } from "vitest";
import { decodeMessage, rcodeOf, showSection } from "../../testing/decode.ts";
import { twoClusters } from "../../testing/mesh.ts";
import type { Served } from "../../testing/served.ts";

const Z = "cluster.west";
const SOA = (zone: string) => `${zone} 5 SOA ns.dns.${zone} hostmaster.${zone} 7200 1800 86400 5`;
const NODATA = { rcode: "NOERROR", answers: [], authorities: [SOA(Z)] };
const NX = { rcode: "NXDOMAIN", answers: [], authorities: [SOA(Z)] };
const found = (...answers: string[]) => ({ rcode: "NOERROR", answers, authorities: [] });

interface Row {
  readonly it: string;
  readonly name: string;
  readonly type: string;
  readonly want: { rcode: string; answers: string[]; authorities: string[]; additionals?: string[] };
}

const httpd = `httpd.test.svc.${Z}`;
const db = `db.test.svc.${Z}`;

const rows: Row[] = [
  { it: "SOA at the apex", name: Z, type: "SOA", want: found(SOA(Z)) },
  {
    it: "NS with glue",
    name: Z,
    type: "NS",
    want: { ...found(`${Z} 5 NS ns.dns.${Z}`), additionals: [`ns.dns.${Z} 5 A 10.1.0.53`] },
  },
  { it: "the server's address", name: `ns.dns.${Z}`, type: "A", want: found(`ns.dns.${Z} 5 A 10.1.0.53`) },
  { it: "no address of the other family", name: `ns.dns.${Z}`, type: "AAAA", want: NODATA },
  { it: "another type at the apex", name: Z, type: "A", want: NODATA },
  { it: "DS at the apex", name: Z, type: "DS", want: NODATA },
  { it: "the schema's version", name: `dns-version.${Z}`, type: "TXT", want: found(`dns-version.${Z} 28800 TXT 1.1.0`) },
  { it: "dns-version has no address but exists", name: `dns-version.${Z}`, type: "A", want: NODATA },
  { it: "dns exists above ns.dns", name: `dns.${Z}`, type: "A", want: NODATA },
  { it: "svc is an empty non-terminal", name: `svc.${Z}`, type: "A", want: NODATA },
  { it: "pod is an empty non-terminal", name: `pod.${Z}`, type: "TXT", want: NODATA },
  { it: "a namespace exists", name: `test.svc.${Z}`, type: "A", want: NODATA },
  { it: "a namespace without Services exists", name: `bare.svc.${Z}`, type: "A", want: NODATA },
  { it: "an unknown namespace does not", name: `nope.svc.${Z}`, type: "A", want: NX },
  { it: "pods are disabled: no namespaces below pod", name: `test.pod.${Z}`, type: "A", want: NX },
  { it: "pods are disabled: no pods", name: `10-2-0-5.test.pod.${Z}`, type: "A", want: NX },
  { it: "a ClusterIP, mapped", name: httpd, type: "A", want: found(`${httpd} 5 A 10.97.0.7`) },
  { it: "a ClusterIP of the other family", name: httpd, type: "AAAA", want: NODATA },
  { it: "both families of a dual-stack Service: A", name: `dual.test.svc.${Z}`, type: "A", want: found(`dual.test.svc.${Z} 5 A 10.97.0.8`) },
  { it: "both families of a dual-stack Service: AAAA", name: `dual.test.svc.${Z}`, type: "AAAA", want: found(`dual.test.svc.${Z} 5 AAAA fd97::8`) },
  { it: "a Service of IPv6 alone", name: `six.test.svc.${Z}`, type: "AAAA", want: found(`six.test.svc.${Z} 5 AAAA fd97::6`) },
  { it: "a Service of IPv6 alone has no A", name: `six.test.svc.${Z}`, type: "A", want: NODATA },
  {
    it: "SRV of a named port",
    name: `_http._tcp.${httpd}`,
    type: "SRV",
    want: { ...found(`_http._tcp.${httpd} 5 SRV 0 100 8080 ${httpd}`), additionals: [`${httpd} 5 A 10.97.0.7`] },
  },
  {
    it: "SRV without underscores",
    name: `http.tcp.${httpd}`,
    type: "SRV",
    want: { ...found(`http.tcp.${httpd} 5 SRV 0 100 8080 ${httpd}`), additionals: [`${httpd} 5 A 10.97.0.7`] },
  },
  { it: "SRV with one underscore", name: `_http.tcp.${httpd}`, type: "SRV", want: { ...found(`_http.tcp.${httpd} 5 SRV 0 100 8080 ${httpd}`) } },
  { it: "no SRV of a protocol that the port has not", name: `_http._udp.${httpd}`, type: "SRV", want: NX },
  { it: "no SRV of an unnamed port", name: `_9090._tcp.${httpd}`, type: "SRV", want: NX },
  { it: "the protocol exists above its ports", name: `_tcp.${httpd}`, type: "SRV", want: NODATA },
  { it: "the protocol exists without its underscore, too", name: `tcp.${httpd}`, type: "SRV", want: NODATA },
  { it: "the addresses at a port's name", name: `_http._tcp.${httpd}`, type: "A", want: found(`_http._tcp.${httpd} 5 A 10.97.0.7`) },
  {
    it: "SRV of two families weighs half",
    name: `_http._tcp.dual.test.svc.${Z}`,
    type: "SRV",
    want: {
      ...found(`_http._tcp.dual.test.svc.${Z} 5 SRV 0 50 80 dual.test.svc.${Z}`),
      additionals: [`dual.test.svc.${Z} 5 A 10.97.0.8`, `dual.test.svc.${Z} 5 AAAA fd97::8`],
    },
  },
  {
    it: "SRV at the Service: every port",
    name: httpd,
    type: "SRV",
    want: found(`${httpd} 5 SRV 0 50 8080 ${httpd}`, `${httpd} 5 SRV 0 50 9090 ${httpd}`),
  },
  { it: "a headless Service: each ready endpoint once", name: db, type: "A", want: found(`${db} 5 A 10.2.1.1`, `${db} 5 A 10.2.1.2`) },
  { it: "a headless Service over IPv6", name: db, type: "AAAA", want: found(`${db} 5 AAAA fd00:2::1`, `${db} 5 AAAA fd00:2:0:0:6666::`) },
  {
    it: "SRV of a headless Service: its slices' ports, one per name and port",
    name: `_sql._tcp.${db}`,
    type: "SRV",
    want: {
      ...found(...["db-0", "db-1", "fd00-2-0-0-6666--0"].map((host) => `_sql._tcp.${db} 5 SRV 0 25 5433 ${host}.${db}`)),
      additionals: [`db-0.${db} 5 A 10.2.1.1`, `db-0.${db} 5 AAAA fd00:2::1`, `db-1.${db} 5 A 10.2.1.2`, `fd00-2-0-0-6666--0.${db} 5 AAAA fd00:2:0:0:6666::`],
    },
  },
  { it: "a headless Service without ports: addresses", name: `portless.test.svc.${Z}`, type: "A", want: found(`portless.test.svc.${Z} 5 A 10.2.2.1`) },
  { it: "a headless Service without ports: no SRV", name: `portless.test.svc.${Z}`, type: "SRV", want: NODATA },
  { it: "a headless Service with endpoints of the other family only", name: `v6only.test.svc.${Z}`, type: "A", want: NODATA },
  { it: "a headless Service without a ready endpoint", name: `idle.test.svc.${Z}`, type: "A", want: NX },
  { it: "an endpoint by its hostname", name: `db-0.${db}`, type: "A", want: found(`db-0.${db} 5 A 10.2.1.1`) },
  { it: "an endpoint by its hostname, the other family", name: `db-0.${db}`, type: "AAAA", want: found(`db-0.${db} 5 AAAA fd00:2::1`) },
  { it: "an endpoint of a ClusterIP Service by its address", name: `10-2-0-5.${httpd}`, type: "A", want: found(`10-2-0-5.${httpd} 5 A 10.2.0.5`) },
  { it: "an endpoint that has a hostname not by its address", name: `10-2-0-6.${httpd}`, type: "A", want: NX },
  { it: "an endpoint that is not ready", name: `10-2-0-7.${httpd}`, type: "A", want: NX },
  { it: "ExternalName: CNAME itself", name: `alias.test.svc.${Z}`, type: "CNAME", want: found(`alias.test.svc.${Z} 5 CNAME ${httpd}`) },
  {
    it: "ExternalName of west's cluster.local: the alias and its address",
    name: `alias.test.svc.${Z}`,
    type: "A",
    want: found(`alias.test.svc.${Z} 5 CNAME ${httpd}`, `${httpd} 5 A 10.97.0.7`),
  },
  {
    it: "ExternalName: a chain",
    name: `alias2.test.svc.${Z}`,
    type: "A",
    want: found(`alias2.test.svc.${Z} 5 CNAME alias.test.svc.${Z}`, `alias.test.svc.${Z} 5 CNAME ${httpd}`, `${httpd} 5 A 10.97.0.7`),
  },
  { it: "ExternalName: the target has no address of the family", name: `alias.test.svc.${Z}`, type: "AAAA", want: NODATA },
  { it: "ExternalName: no SRV", name: `alias.test.svc.${Z}`, type: "SRV", want: NODATA },
  { it: "ExternalName: to itself", name: `loop.test.svc.${Z}`, type: "A", want: NODATA },
  { it: "ExternalName: in a circle", name: `ping.test.svc.${Z}`, type: "A", want: NODATA },
  { it: "ExternalName: to a name that is missing", name: `dangling.test.svc.${Z}`, type: "A", want: NODATA },
  { it: "ExternalName: an address is no name", name: `literal.test.svc.${Z}`, type: "A", want: NX },
  { it: "ExternalName: nothing below it", name: `x.alias.test.svc.${Z}`, type: "A", want: NX },
  {
    it: "ExternalName: the alias alone when the target is not ours and nobody is asked",
    name: `outside.test.svc.${Z}`,
    type: "A",
    want: found(`outside.test.svc.${Z} 5 CNAME www.example.com`),
  },
  { it: "PTR at a name that exists", name: httpd, type: "PTR", want: NODATA },
  { it: "PTR at a name that does not", name: `nope.test.svc.${Z}`, type: "PTR", want: NX },
  { it: "a star is a label like any other", name: `*.test.svc.${Z}`, type: "A", want: NX },
  { it: "a star for any endpoint", name: `*.${httpd}`, type: "A", want: NX },
  { it: "MX at a name that exists", name: httpd, type: "MX", want: NODATA },
  { it: "TXT at a name that does not", name: `nope.test.svc.${Z}`, type: "TXT", want: NX },
  { it: "more labels than there are", name: `a.b.c.${httpd}`, type: "A", want: NX },
  { it: "a third label that is neither svc nor pod", name: `httpd.test.ing.${Z}`, type: "A", want: NX },
  { it: "SOA at a name that exists", name: httpd, type: "SOA", want: NODATA },
  { it: "SOA at a name that does not", name: `nope.${Z}`, type: "SOA", want: NX },
  { it: "ANY at a name that exists", name: httpd, type: "ANY", want: found(`${httpd} 8482 HINFO {"cpu":"RFC8482","os":""}`) },
  { it: "ANY at a name that does not", name: `nope.${Z}`, type: "ANY", want: NX },
  { it: "a search path appended to a search path", name: `${httpd}.svc.${Z}`, type: "A", want: NX },
];

describe("names and types", () => {
  let served: Served;
  beforeAll(async () => {
    served = await twoClusters();
  });
  for (const { it: sentence, name, type, want } of rows)
    for (const transport of ["udp", "tcp"] as const)
      it(`${sentence}: ${name} ${type} over ${transport}`, () => {
        const answer = served.ask(name, type, { transport, size: 1232 });
        const { answers, authorities, additionals } = decodeMessage(answer);
        const got = { rcode: rcodeOf(answer), answers: showSection(answers).toSorted(), authorities: showSection(authorities) };
        expect(got).toEqual({ rcode: want.rcode, answers: want.answers.toSorted(), authorities: want.authorities });
        if (want.additionals) expect(showSection(additionals)).toEqual(want.additionals);
        expect((answer[2] ?? 0) & 0x04, "AA").toBe(0x04);
      });
});

describe("the local cluster", () => {
  const both = ["cluster.local", "cluster.east"];
  for (const zone of both)
    it(`answers in ${zone}, unmapped`, async () => {
      const served = await twoClusters();
      expect(showSection(decodeMessage(served.ask(`shop.prod.svc.${zone}`, "A")).answers)).toEqual([`shop.prod.svc.${zone} 5 A 10.96.0.7`]);
    });
  it("does not answer for west's names", async () => {
    const served = await twoClusters();
    expect(rcodeOf(served.ask("httpd.test.svc.cluster.local", "A"))).toBe("NXDOMAIN");
  });
});

describe("PTR", () => {
  const pointers: [string, string, string[]][] = [
    ["a mapped ClusterIP", "7.0.97.10.in-addr.arpa", ["httpd.test.svc.cluster.west"]],
    ["the unmapped ClusterIP is the local cluster's", "7.0.96.10.in-addr.arpa", ["shop.prod.svc.cluster.local"]],
    ["an endpoint by its address", "5.0.2.10.in-addr.arpa", ["10-2-0-5.httpd.test.svc.cluster.west"]],
    ["an endpoint by its hostname", "6.0.2.10.in-addr.arpa", ["web-1.httpd.test.svc.cluster.west"]],
    ["an endpoint that two slices show", "2.1.2.10.in-addr.arpa", ["db-1.db.test.svc.cluster.west"]],
    ["an IPv6 endpoint", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.0.0.d.f.ip6.arpa", ["db-0.db.test.svc.cluster.west"]],
    ["a local endpoint", "9.0.1.10.in-addr.arpa", ["10-1-0-9.shop.prod.svc.cluster.local"]],
  ];
  for (const [sentence, name, targets] of pointers)
    it(`names ${sentence}`, async () => {
      const served = await twoClusters();
      expect(showSection(decodeMessage(served.ask(name, "PTR")).answers)).toEqual(targets.map((target) => `${name} 5 PTR ${target}`));
    });

  it("of an unknown address in a served prefix is NXDOMAIN with the reverse zone's SOA", async () => {
    const answer = (await twoClusters()).ask("99.9.2.10.in-addr.arpa", "PTR");
    expect(rcodeOf(answer)).toBe("NXDOMAIN");
    expect(showSection(decodeMessage(answer).authorities)).toEqual(["2.10.in-addr.arpa 5 SOA ns.dns.cluster.local hostmaster.cluster.local 7200 1800 86400 5"]);
  });

  it("of an address that is not ours is refused without upstreams", async () => {
    expect(rcodeOf((await twoClusters()).ask("1.2.0.192.in-addr.arpa", "PTR"))).toBe("REFUSED");
  });

  it("of an incomplete address is NODATA: names may stand below it", async () => {
    expect(rcodeOf((await twoClusters()).ask("0.2.10.in-addr.arpa", "PTR"))).toBe("NOERROR");
  });
});

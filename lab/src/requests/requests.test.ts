import { describe, expect, it } from "vitest";
import { readCurl } from "./curl.ts";
import type { Reply } from "./curl.ts";
import { readDig } from "./dig.ts";
import { readLoad } from "./load.ts";

const facts = (exitcode: number, errormsg: string | null = null, http_code = 0) => `\u001e${JSON.stringify({ exitcode, errormsg, http_code, time_total: 0.0124 })}\n`;
const body = '{"pod":"httpd-1","remoteAddress":"10.128.0.12","remotePort":1}\n';

const replies: { name: string; stdout: string; stderr?: string; want: Reply }[] = [
  { name: "an answer of the httpd", stdout: body + facts(0, null, 200), want: { ok: true, ms: 12, status: 200, json: JSON.parse(body) } },
  { name: "an answer of something else", stdout: `<html>\n{}\n${facts(0, null, 200)}`, want: { ok: true, ms: 12, status: 200 } },
  { name: "a status that is an error", stdout: facts(0, null, 503), want: { ok: false, ms: 12, status: 503 } },
  {
    name: "a refusal",
    stdout: facts(7, "Failed to connect"),
    stderr: "* connect to 10.1.2.3 port 80 failed: Connection refused\n",
    want: { ok: false, ms: 12, error: "refused", message: "Connection refused" },
  },
  {
    name: "the same in the words of a newer curl",
    stdout: facts(7, "Failed to connect"),
    stderr: "* connect to 10.1.2.3 port 80 from 10.1.2.4 port 5 failed: Connection refused\n",
    want: { ok: false, ms: 12, error: "refused", message: "Connection refused" },
  },
  {
    name: "an absent route",
    stdout: facts(7, "Failed to connect"),
    stderr: "* connect to 10.1.2.3 port 80 failed: No route to host\n",
    want: { ok: false, ms: 12, error: "unreachable", message: "No route to host" },
  },
  { name: "a timeout", stdout: facts(28, "Connection timed out"), want: { ok: false, ms: 12, error: "timeout", message: "Connection timed out" } },
  { name: "an unknown name", stdout: facts(6, "Could not resolve host: x"), want: { ok: false, ms: 12, error: "name", message: "Could not resolve host: x" } },
  { name: "a reset", stdout: facts(56, "Recv failure"), want: { ok: false, ms: 12, error: "reset", message: "Recv failure" } },
  { name: "anything else", stdout: facts(3, "URL malformed"), want: { ok: false, ms: 12, error: "other", message: "URL malformed" } },
];

describe("readCurl()", () => {
  for (const { name, stdout, stderr = "", want } of replies) it(`reads ${name}`, () => expect(readCurl(stdout, stderr)).toEqual([want]));

  it("reads transfers that follow each other", () => {
    const stdout = body + facts(0, null, 200) + body + facts(0, null, 503) + facts(28, "Connection timed out");
    expect(readCurl(stdout, "").map(({ ok, error }) => error ?? ok)).toEqual([true, false, "timeout"]);
  });
});

describe("readDig()", () => {
  it("reads status and records", () => {
    const text = ";; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n\n;; ANSWER SECTION:\na.example.\t\t30\tIN\tTXT\t\"b c\" \"d\"\n";
    expect(readDig(text)).toEqual({ status: "NOERROR", records: [{ name: "a.example.", ttl: 30, type: "TXT", data: '"b c" "d"' }] });
  });

  it("takes silence for a timeout", () => expect(readDig(";; connection timed out; no servers could be reached\n")).toEqual({ status: "TIMEOUT", records: [] }));
});

describe("readLoad()", () => {
  it("reads whole lines of records, and nothing else", () => {
    const record = { url: "http://a/", at: 1, ms: 2, pod: "b" };
    expect(readLoad(`ready\n${JSON.stringify(record)}\n{"url":"http://a/","at`)).toEqual([record]);
  });
});

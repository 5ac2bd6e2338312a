import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { parseSaved } from "./saved.ts";

const cases: { line: string; want: [string, object][] }[] = [
  { line: "-A -t 172.31.0.7:80 -s rr", want: [["tcp/172.31.0.7:80", { scheduler: "rr" }]] },
  { line: "-A -u [fd00:31::7]:53 -s wlc -p 60", want: [["udp/[fd00:31::7]:53", { scheduler: "wlc", affinitySeconds: 60 }]] },
  { line: "-A --sctp-service 172.31.0.7:99 -s mh -b mh-fallback", want: [["sctp/172.31.0.7:99", { scheduler: "mh" }]] },
  { line: "-A -t 172.31.0.7:80 -s sh -b sh-fallback,sh-port", want: [["tcp/172.31.0.7:80", { scheduler: "sh", altered: true }]] },
  { line: "-A -t 172.31.0.7:80 -s sh", want: [["tcp/172.31.0.7:80", { scheduler: "sh", altered: true }]] },
  { line: "-A -u 172.31.0.7:53 -s rr -o", want: [["udp/172.31.0.7:53", { scheduler: "rr", altered: true }]] },
  { line: "-A -f 7 -s rr", want: [] },
  { line: "-a -t 172.31.0.7:80 -r 10.20.0.1:8080 -m -w 1", want: [] },
];

describe("parseSaved()", () => {
  for (const { line, want } of cases) it(`reads ${line}`, () => assert.deepEqual([...parseSaved(`${line}\n`)], want));
});

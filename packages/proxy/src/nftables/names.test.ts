import assert from "node:assert/strict";
import { describe, it } from "vitest";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { parsePrivateName, privateName } from "./names.ts";
import type { PrivateName } from "./names.ts";

const names: [PrivateName, string][] = [
  [{ form: "wide", server: "udp/172.31.0.10:53" as ServerKey }, "wide/udp/172.31.0.10/53"],
  [{ form: "sticky", server: "tcp/[fd00:31::7]:80" as ServerKey }, "sticky/tcp/fd00_31__7/80"],
  [
    { form: "sticky", server: "tcp/172.31.0.9:80" as ServerKey, seconds: 10_800, target: "10.20.1.2:8080" as TargetKey },
    "sticky/tcp/172.31.0.9/80/10800/10.20.1.2/8080",
  ],
  [
    { form: "sticky", server: "tcp/[fd00:31::7]:80" as ServerKey, seconds: 60, target: "[fd00:20::1]:8080" as TargetKey },
    "sticky/tcp/fd00_31__7/80/60/fd00_20__1/8080",
  ],
];

describe("privateName()", () => {
  for (const [name, text] of names)
    it(`is ${text}, and is read back`, () => {
      assert.equal(privateName(name), text);
      assert.deepEqual(parsePrivateName(text), name);
    });

  it("does not read names of others", () => {
    for (const text of ["guard", "n4_1", "wide", "layout_12345678", "stranger/tcp/1.2.3.4/80"]) assert.equal(parsePrivateName(text), undefined);
  });
});

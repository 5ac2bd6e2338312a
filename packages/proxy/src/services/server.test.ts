import assert from "node:assert/strict";
import { addressFrom } from "@sdn-tunnel/common/net/address";
import fc from "fast-check";
import { describe, it } from "vitest";
import { serverKey, splitServer } from "./server.ts";
import { splitTarget, targetKey } from "./target.ts";

const address = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => addressFrom(4, value)),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => addressFrom(6, value)),
);
const port = fc.integer({ min: 1, max: 65_535 });

describe("serverKey() and targetKey()", () => {
  it("have inverses", () => {
    fc.assert(
      fc.property(fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const), address, port, (transport, address, port) => {
        assert.deepEqual(splitServer(serverKey({ transport, address, port })), { transport, address, port });
        assert.deepEqual(splitTarget(targetKey(address, port)), { address, port });
      }),
    );
  });
});

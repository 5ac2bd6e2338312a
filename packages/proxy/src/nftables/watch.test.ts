import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { watchTable } from "./watch.ts";

/** Handles as they are read, `Error` for a read that fails. */
const cases: { name: string; reads: (bigint | undefined | Error)[]; want: number }[] = [
  { name: "says nothing while the table stays", reads: [7n, 7n, 7n], want: 0 },
  { name: "says nothing when the table appears", reads: [undefined, undefined, 7n], want: 0 },
  { name: "tells that the table is gone", reads: [7n, undefined, undefined], want: 1 },
  { name: "tells that the table is another one", reads: [7n, 8n, 8n], want: 1 },
  { name: "takes a failed read for no news", reads: [7n, new Error("ENOBUFS"), 7n], want: 0 },
  { name: "sees a change across a failed read", reads: [7n, new Error("ENOBUFS"), 8n], want: 1 },
];

describe("watchTable()", () => {
  for (const { name, reads, want } of cases)
    it(name, async () => {
      const stop = new AbortController();
      let told = 0;
      let turn = 0;
      const handle = async (): Promise<bigint | undefined> => {
        const read = reads[turn++];
        if (turn === reads.length) stop.abort();
        if (read instanceof Error) throw read;
        return read;
      };
      await watchTable(handle, { clock: { now: () => 0, sleep: async () => {} }, listener: () => void told++, signal: stop.signal });
      assert.equal(told, want);
    });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeQuery, encodeReply } from "../../testing/decode.ts";
import { DiscoveryError } from "../errors.ts";
import type { Upstream } from "./upstream.ts";

/** What the other end of an upstream does with a query; `undefined`: nothing. */
export type Remote = (query: Uint8Array, transport: "udp" | "tcp") => Uint8Array | undefined;

/** An upstream under test, with the end that it talks to. */
export interface UpstreamBed {
  readonly upstream: Upstream;
  /** The other end does this from now on; `undefined`: it is not there at all. */
  remote(behaviour: Remote | undefined): Promise<void>;
  close(): Promise<void>;
}

const query = (name = "www.example.com"): Uint8Array => encodeQuery({ id: 0x4242, questions: [{ type: "A", name }] });
const { signal } = new AbortController();
const faultOf = async (asking: Promise<unknown>): Promise<string> => {
  const error: unknown = await asking.then(() => "answered", (thrown: unknown) => thrown);
  return error instanceof DiscoveryError ? error.fault.code : String(error);
};

/** What every upstream does, real or fake. */
export function upstreamContract(name: string, create: () => Promise<UpstreamBed>): void {
  describe(`${name}, an upstream,`, () => {
    let bed: UpstreamBed;
    beforeEach(async () => {
      bed = await create();
    });
    afterEach(() => bed.close());

    for (const transport of ["udp", "tcp"] as const) {
      it(`brings the answer with the id that was asked, over ${transport}`, async () => {
        await bed.remote((message) => encodeReply(message));
        const reply = await bed.upstream.ask({ message: query(), transport, timeoutMs: 2000, signal });
        expect([...reply]).toEqual([...encodeReply(query())]);
      });

      it(`fails when the other end is silent, over ${transport}`, async () => {
        await bed.remote(() => undefined);
        expect(await faultOf(bed.upstream.ask({ message: query(), transport, timeoutMs: 100, signal }))).toBe("UPSTREAM_SILENT");
      });

      it(`fails when there is no other end, over ${transport}`, async () => {
        await bed.remote(undefined);
        expect(await faultOf(bed.upstream.ask({ message: query(), transport, timeoutMs: 2000, signal }))).toBe("UPSTREAM_UNREACHABLE");
      });

      it(`brings many answers to those who asked, over ${transport}`, async () => {
        await bed.remote((message) => encodeReply(message));
        const names = Array.from({ length: 50 }, (_, i) => `n${i}.example`);
        const replies = await Promise.all(names.map((one) => bed.upstream.ask({ message: query(one), transport, timeoutMs: 2000, signal })));
        expect(replies.map((reply) => [...reply])).toEqual(names.map((one) => [...encodeReply(query(one))]));
      });
    }

    for (const transport of ["udp", "tcp"] as const)
      it(`gives up when nobody wants the answer any more, over ${transport}`, async () => {
        await bed.remote(() => undefined);
        const [before, during] = [AbortSignal.abort("not wanted"), new AbortController()];
        const asking = bed.upstream.ask({ message: query(), transport, timeoutMs: 2000, signal: during.signal });
        during.abort("not wanted");
        await expect(asking).rejects.toBe("not wanted");
        await expect(bed.upstream.ask({ message: query(), transport, timeoutMs: 2000, signal: before })).rejects.toBe("not wanted");
      });

    it("is back when the other end is", async () => {
      await bed.remote(undefined);
      await faultOf(bed.upstream.ask({ message: query(), transport: "udp", timeoutMs: 2000, signal }));
      await bed.remote((message) => encodeReply(message));
      expect(await faultOf(bed.upstream.ask({ message: query(), transport: "udp", timeoutMs: 2000, signal }))).toBe("answered");
    });
  });
}

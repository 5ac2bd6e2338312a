import { describe, expect, it } from "vitest";
import { aNamespace } from "../../testing/objects.ts";
import { schemas } from "../objects/mesh-object.ts";
import { describeObjectSource } from "./contract.ts";
import { FakeSource } from "./fake.ts";

const parse = (manifests: readonly object[]) => manifests.map((manifest) => schemas.Namespace.parse(manifest));

describeObjectSource("FakeSource", async () => {
  const source = new FakeSource();
  return {
    open: () => source,
    write: async (manifests) => source.set(parse(manifests)),
    lose: async () => source.lose(Date.now()),
    async find(manifests) {
      source.set(parse(manifests));
      source.find();
    },
    async [Symbol.asyncDispose]() {},
  };
});

describe("FakeSource", () => {
  it("refuses to run twice at a time", async () => {
    const source = new FakeSource("west");
    const sink = { changed() {}, synced() {}, health() {} };
    void source.run(sink, new AbortController().signal);
    await expect(source.run(sink, new AbortController().signal)).rejects.toThrow("Cannot run west: it is running already");
  });

  it("prints what it holds", () => {
    const source = new FakeSource();
    source.set([aNamespace("b"), aNamespace("a")]);
    expect(String(source)).toBe("Namespace//a\nNamespace//b");
  });
});

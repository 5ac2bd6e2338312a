import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aNamespace } from "../../testing/objects.ts";
import { objectKey } from "../objects/mesh-object.ts";
import { FileSet } from "./file-set.ts";
import type { FileReading } from "./file-set.ts";

/** A file that holds namespaces written `name` or `name=team`; `!` is a wrong document, `?` cannot be read, null is gone. */
function reading(text: string | null): FileReading {
  if (text === null) return undefined;
  if (text === "?") return { unreadable: "is empty" };
  const words = text.split(" ").filter((word) => word !== "");
  const objects = words.filter((word) => word !== "!").map((word) => aNamespace(word.split("=")[0] ?? "", { team: word.split("=")[1] ?? "" }));
  return {
    objects: new Map(objects.map((object) => [objectKey(object), object])),
    problems: words.includes("!") ? [{ document: 1, problems: [{ path: "kind", message: "is wrong" }] }] : [],
  };
}

type Batch = Readonly<Record<string, string | null>>;

/** Takes batches in turn; tells what each changed. */
function take(files: FileSet, ...batches: readonly Batch[]): string[] {
  return batches.map((batch) =>
    files
      .update(new Map(Object.entries(batch).map(([path, text]) => [path, reading(text)])))
      .map(({ key, object }) => (object?.kind === "Namespace" ? `${object.name}=${object.labels["team"]}` : `-${key.split("/")[2]}`))
      .toSorted()
      .join(" "),
  );
}

const problems = (files: FileSet) => files.problems().map(({ origin, problems: found }) => `${origin}: ${found[0]?.message}`);

const clash = (key: string, holder: string) => `Namespace//${key} is already in ${holder}; an object may stand in one file only`;

const cases: { name: string; batches: Batch[]; want: string[]; problems?: string[] }[] = [
  { name: "delivers what is new, changed and gone", batches: [{ a: "x=1 y=1" }, { a: "x=2 z=1" }], want: ["x=1 y=1", "-y x=2 z=1"] },
  { name: "delivers nothing for a file that says the same", batches: [{ a: "x=1 y=1" }, { a: "y=1 x=1" }], want: ["x=1 y=1", ""] },
  { name: "takes away what a removed file held", batches: [{ a: "x=1", b: "y=1" }, { a: null }], want: ["x=1 y=1", "-x"] },
  { name: "keeps what a file held while one of its documents is wrong", batches: [{ a: "x=1 y=1" }, { a: "x=2 !" }], want: ["x=1 y=1", ""], problems: ["a: is wrong"] },
  { name: "keeps what a file held while it cannot be read", batches: [{ a: "x=1" }, { a: "?" }], want: ["x=1", ""], problems: ["a: is empty"] },
  { name: "takes the file again once it is good", batches: [{ a: "x=1" }, { a: "!" }, { a: "x=2" }], want: ["x=1", "", "x=2"] },
  { name: "takes away what a wrong file held when it is removed", batches: [{ a: "x=1" }, { a: "!" }, { a: null }], want: ["x=1", "", "-x"] },
  { name: "takes nothing of a file that was wrong from the start", batches: [{ a: "x=1 !" }], want: [""], problems: ["a: is wrong"] },
  { name: "lets an object move between two files of one batch", batches: [{ a: "x=1", b: "y=1" }, { a: "", b: "x=1 y=1" }], want: ["x=1 y=1", ""] },
  { name: "lets two files swap their objects", batches: [{ a: "x=1", b: "y=1" }, { a: "y=2", b: "x=2" }], want: ["x=1 y=1", "x=2 y=2"] },
  { name: "lets an object move out of a file that is removed", batches: [{ a: "x=1" }, { a: null, b: "x=1" }], want: ["x=1", ""] },
  { name: "gives an object in two new files to the first by path", batches: [{ b: "x=2 y=2", a: "x=1" }], want: ["x=1"], problems: [`b: ${clash("x", "a")}`] },
  { name: "leaves an object with the file in force", batches: [{ b: "x=1" }, { a: "x=2" }], want: ["x=1", ""], problems: [`a: ${clash("x", "b")}`] },
  {
    name: "leaves it there also when that file changes",
    batches: [{ b: "x=1" }, { a: "x=2" }, { b: "x=3 y=1" }],
    want: ["x=1", "", "x=3 y=1"],
    problems: [`a: ${clash("x", "b")}`],
  },
  { name: "takes the waiting file once the other lets go", batches: [{ b: "x=1" }, { a: "x=2 y=2" }, { b: "z=1" }], want: ["x=1", "", "x=2 y=2 z=1"] },
  { name: "takes the waiting file once the other is removed", batches: [{ b: "x=1" }, { a: "x=2" }, { b: null }], want: ["x=1", "", "x=2"] },
  {
    name: "keeps what a file held that now claims another's object",
    batches: [{ a: "x=1", b: "y=1" }, { a: "x=2 y=2" }],
    want: ["x=1 y=1", ""],
    problems: [`a: ${clash("y", "b")}`],
  },
  {
    name: "forgets that a file waits once it is written anew",
    batches: [{ b: "x=1" }, { a: "x=2" }, { a: "y=1" }, { b: null }],
    want: ["x=1", "", "y=1", "-x"],
  },
  { name: "forgets that a file waits once it is removed", batches: [{ b: "x=1" }, { a: "x=2" }, { a: null }, { b: null }], want: ["x=1", "", "", "-x"] },
];

describe("FileSet", () => {
  for (const { name, batches, want, problems: wrong = [] } of cases)
    it(name, () => {
      const files = new FileSet();
      expect(take(files, ...batches)).toEqual(want);
      expect(problems(files)).toEqual(wrong);
    });

  it("delivers changes that add up to what the files say, once all are good and no object stands twice", () => {
    const files = ["a", "b", "c"];
    const text = fc.oneof(
      { weight: 6, arbitrary: fc.subarray(["x=1", "x=2", "y=1", "z=1", "z=2"], { maxLength: 2 }).filter((words) => new Set(words.map((w) => w[0])).size === words.length).map((words) => words.join(" ")) },
      { weight: 2, arbitrary: fc.constant("x=9 !") },
      { weight: 1, arbitrary: fc.constant("?") },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    const batch = fc.dictionary(fc.constantFrom(...files), text, { minKeys: 1, noNullPrototype: true });
    const last = fc.constantFrom<Batch>({ a: "x=1 y=2", b: "z=3", c: "" }, { a: null, b: "x=1 y=2 z=3", c: null }, { a: "z=3", b: "y=2", c: "x=1" });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), last, (batches, end) => {
        const [set, seen] = [new FileSet(), new Map<string, string>()];
        for (const change of take(set, ...batches, end).flatMap((line) => line.split(" ").filter((word) => word !== "")))
          if (change.startsWith("-")) seen.delete(change.slice(1));
          else seen.set(change.split("=")[0] ?? "", change);
        expect([...seen.values()].toSorted()).toEqual(["x=1", "y=2", "z=3"]);
        expect(problems(set)).toEqual([]);
      }),
    );
  });
});

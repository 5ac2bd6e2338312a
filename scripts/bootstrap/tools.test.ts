import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram, searchDirectories } from "./tools.mjs";

describe("searchDirectories", () => {
  const administrator = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
  const cases = [
    {
      name: "adds where Debian keeps nft and ip, which a plain user's PATH lacks",
      path: "/usr/bin",
      want: ["/usr/bin", ...administrator],
    },
    { name: "keeps the user's order", path: "/sbin:/usr/bin", want: ["/sbin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"] },
    {
      name: "drops empty elements, which would mean the current directory",
      path: ":/usr/bin:",
      want: ["/usr/bin", ...administrator],
    },
    { name: "works without a PATH", path: undefined, want: administrator },
  ];
  for (const { name, path, want } of cases) it(name, () => expect(searchDirectories(path)).toEqual(want));
});

describe("findProgram", () => {
  let first = "";
  let second = "";
  beforeAll(() => {
    first = mkdtempSync(join(tmpdir(), "tools-"));
    second = mkdtempSync(join(tmpdir(), "tools-"));
    writeFileSync(join(first, "data"), "");
    mkdirSync(join(first, "folder"));
    for (const name of ["data", "folder", "only-here"]) {
      writeFileSync(join(second, name), "");
      chmodSync(join(second, name), 0o755);
    }
  });
  afterAll(() => [first, second].forEach((directory) => rmSync(directory, { recursive: true })));

  it("takes the first executable file", () => expect(findProgram("only-here", [first, second])).toBe(join(second, "only-here")));
  it("passes over a file that is not executable", () => expect(findProgram("data", [first, second])).toBe(join(second, "data")));
  it("passes over a folder of that name", () => expect(findProgram("folder", [first, second])).toBe(join(second, "folder")));
  it("finds nothing in a directory that does not exist", () =>
    expect(findProgram("only-here", ["/nonexistent"])).toBeUndefined());
});

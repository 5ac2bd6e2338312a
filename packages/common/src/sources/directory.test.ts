import { appendFileSync, mkdirSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManifestFolder, namespaces } from "../../testing/folder.ts";
import { RecordingSink, eventually } from "../../testing/recording-sink.ts";
import { systemClock } from "../loop/clock.ts";
import { DirectorySource } from "./directory.ts";

/** How soon a change must be visible. */
const SOON = { withinMs: 500 };

let folder: ManifestFolder;
let sink: RecordingSink;
let stop: AbortController;
let running: Promise<void>;

/** Starts the source on what `write` has put into the folder, and waits until it is synced. */
async function begin(write: () => void = () => {}): Promise<void> {
  write();
  const source = new DirectorySource({ folder: folder.path, kinds: new Set(["Namespace"]), clock: systemClock });
  running = source.run(sink, stop.signal);
  await eventually(() => sink.isSynced);
  sink.batches.length = 0;
}

/** Namespaces in force, `name` or, of another team than a, `name=team`. */
const inForce = (): string =>
  [...sink.objects.values()]
    .map((object) => (object.kind === "Namespace" && object.labels["team"] !== "a" ? `${object.name}=${object.labels["team"]}` : object.name))
    .toSorted()
    .join(" ");

const expectShown = (want: string, { withinMs } = SOON): Promise<void> => eventually(() => inForce() === want, { withinMs, saw: () => [inForce(), sink.problems] });
const expectTold = (want: RegExp, { withinMs } = SOON): Promise<void> => eventually(() => sink.problems.some((line) => want.test(line)), { withinMs, saw: () => sink.problems });

/** Waits longer than any change takes, and checks that nothing was delivered. */
async function expectNoChange(): Promise<void> {
  await sleep(500);
  expect(sink.batches).toEqual([]);
}

beforeEach(() => {
  [folder, sink, stop, running] = [new ManifestFolder(), new RecordingSink(), new AbortController(), Promise.resolve()];
});
afterEach(async () => {
  stop.abort();
  await running;
  folder[Symbol.dispose]();
});

describe("DirectorySource sees within half a second", () => {
  it("a file that is replaced as a whole", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x", "y")));
    folder.replace("a.yaml", namespaces("x=b", "z"));
    await expectShown("x=b z");
  });

  it("a file that is overwritten in place by a longer text", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    folder.overwrite("a.yaml", namespaces("x", "y"));
    await expectShown("x y");
  });

  it("a new file, and one that is removed", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    folder.replace("b.yml", namespaces("y"));
    await expectShown("x y");
    folder.remove("a.yaml");
    await expectShown("y");
  });

  it("files in a subfolder that is made later, and that the subfolder is removed", async () => {
    await begin();
    folder.replace("meshnodes/deep/a.yaml", namespaces("x"));
    await expectShown("x");
    folder.replace("meshnodes/deep/a.yaml", namespaces("y"));
    await expectShown("y");
    folder.remove("meshnodes");
    await expectShown("");
  });

  it("changes in a folder that was moved away and made anew under the same name", async () => {
    await begin(() => folder.replace("sub/a.yaml", namespaces("x")));
    renameSync(folder.at("sub"), folder.at(".old"));
    folder.replace("sub/a.yaml", namespaces("y"));
    await expectShown("y");
    folder.replace("sub/a.yaml", namespaces("z"));
    await expectShown("z");
  });

  it("changes in a folder that was deleted and made anew, which may get the same inode", async () => {
    await begin(() => folder.replace("sub/a.yaml", namespaces("x")));
    folder.remove("sub");
    folder.replace("sub/a.yaml", namespaces("y"));
    await expectShown("y");
    folder.replace("sub/a.yaml", namespaces("z"));
    await expectShown("z");
  });

  it("a ConfigMap volume that swaps ..data", async () => {
    const write = (version: string, text: string): void => {
      mkdirSync(folder.at(version));
      writeFileSync(folder.at(`${version}/a.yaml`), text);
      symlinkSync(version, folder.at("..data_tmp"));
      renameSync(folder.at("..data_tmp"), folder.at("..data"));
    };
    await begin(() => {
      write("..2026_1", namespaces("x"));
      symlinkSync("..data/a.yaml", folder.at("a.yaml"));
    });
    expect(inForce()).toBe("x");
    write("..2026_2", namespaces("y"));
    await expectShown("y");
    folder.remove("..2026_1");
    write("..2026_3", namespaces("z"));
    await expectShown("z");
  });

  it("changes behind a link to another folder, once the scan has seen that the link was swapped", async () => {
    const swap = (target: string): void => {
      symlinkSync(target, `${folder.path}.new`);
      renameSync(`${folder.path}.new`, folder.path);
    };
    renameSync(folder.path, `${folder.path}.1`);
    swap("west.1");
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    mkdirSync(`${folder.path}.2`);
    swap("west.2");
    folder.replace("a.yaml", namespaces("y"));
    await expectShown("y", { withinMs: 7000 });
    folder.replace("a.yaml", namespaces("z"));
    await expectShown("z");
  });

  it("a change although another file is being written all the time", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    const writer = setInterval(() => appendFileSync(folder.at("slow.yaml"), "# more\n"), 20);
    await sleep(200);
    folder.replace("a.yaml", namespaces("y"));
    await expectShown("y").finally(() => clearInterval(writer));
  });
});

describe("DirectorySource delivers nothing for", () => {
  it("a slow writer, until he is done", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x", "y", "z")));
    const text = namespaces("x", "y", "z", "w");
    writeFileSync(folder.at("a.yaml"), "");
    for (let i = 0; i < text.length; i += 40) {
      appendFileSync(folder.at("a.yaml"), text.slice(i, i + 40));
      await sleep(40);
    }
    await expectShown("w x y z");
    expect(sink.batches).toEqual(["Namespace//w"]);
  });

  it("a file that is cut in place and grows again", async () => {
    const text = namespaces("x", "y", "z");
    await begin(() => folder.replace("a.yaml", text));
    truncateSync(folder.at("a.yaml"), namespaces("x").length);
    await sleep(700);
    writeFileSync(folder.at("a.yaml"), text);
    await expectNoChange();
  });

  it("an object that moves from one file to another, one written after the other", async () => {
    await begin(() => {
      folder.replace("a.yaml", namespaces("x", "y"));
      folder.replace("b.yaml", namespaces("z"));
    });
    folder.replace("a.yaml", namespaces("x"));
    await sleep(40);
    folder.replace("b.yaml", namespaces("y", "z"));
    await expectNoChange();
    expect(sink.problems).toEqual([]);
  });

  it("a file that gets another name", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    await sleep(150);
    renameSync(folder.at("a.yaml"), folder.at("b.yaml"));
    await expectNoChange();
    expect(sink.problems).toEqual([]);
  });

  it("an editor that moves the file aside and writes it anew", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    renameSync(folder.at("a.yaml"), folder.at("a.yaml~"));
    await sleep(50);
    writeFileSync(folder.at("a.yaml"), namespaces("x"));
    unlinkSync(folder.at("a.yaml~"));
    await expectNoChange();
  });

  it("hidden files, other endings and kinds that are not wanted", async () => {
    await begin();
    writeFileSync(folder.at(".hidden.yaml"), namespaces("x"));
    writeFileSync(folder.at("a.yaml.bak"), namespaces("x"));
    mkdirSync(folder.at(".git"));
    writeFileSync(folder.at(".git/a.yaml"), namespaces("x"));
    folder.replace("b.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: n}\n");
    await expectNoChange();
    expect(sink.problems).toEqual([]);
  });
});

const keeps = [
  { name: "an empty file", text: " \n", says: /^a.yaml 0 : is empty; delete the file to remove its objects$/ },
  { name: "text that is no YAML", text: `${namespaces("x")}\nkind: [ `, says: /^a.yaml 1 : is not YAML/ },
  { name: "a document cut off in its middle", text: namespaces("x", "y").slice(0, -40), says: /^a.yaml 2 metadata/ },
  { name: "one bad document of several", text: namespaces("x=b", "Y", "z"), says: /^a.yaml 2 metadata.name: must be a lower case DNS name/ },
];

describe("DirectorySource keeps what was last good, and tells the problem, for", () => {
  for (const { name, text, says } of keeps)
    it(name, async () => {
      await begin(() => folder.replace("a.yaml", namespaces("x", "y")));
      folder.replace("a.yaml", text);
      await expectTold(says);
      expect(sink.batches).toEqual([]);
      folder.replace("a.yaml", namespaces("x"));
      await expectShown("x");
      expect(sink.problems).toEqual([]);
    });

  it("a file that becomes too large", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    folder.replace("a.yaml", "");
    truncateSync(folder.at("a.yaml"), 33 * 1024 * 1024);
    await expectTold(/^a.yaml 0 : has 34603008 bytes; at most 33554432 are read$/);
    expect(sink.batches).toEqual([]);
  });

  it("a file that becomes a FIFO, which nobody writes to", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    folder.remove("a.yaml");
    folder.makeFifo("a.yaml");
    await expectTold(/^a.yaml 0 : is no regular file$/);
    expect(sink.batches).toEqual([]);
    folder.replace("b.yaml", namespaces("y"));
    await expectShown("x y");
  });

  it("a file that cannot be read", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    folder.remove("a.yaml");
    symlinkSync("a.yaml", folder.at("a.yaml"));
    await expectTold(/^a.yaml 0 : cannot be read: ELOOP/);
    expect(sink.batches).toEqual([]);
  });

  it("an object in two files, until one gives it up", async () => {
    await begin(() => folder.replace("b.yaml", namespaces("x")));
    folder.replace("a.yaml", namespaces("x=b", "y"));
    await expectTold(/^a.yaml 0 : Namespace\/\/x is already in .*\/b.yaml; an object may stand in one file only$/);
    expect(sink.batches).toEqual([]);
    folder.remove("b.yaml");
    await expectShown("x=b y");
    expect(sink.problems).toEqual([]);
  });

  it("its whole folder, while it is away and while it is filled again", async () => {
    await begin(() => {
      folder.replace("a.yaml", namespaces("x"));
      folder.replace("b.yaml", namespaces("y"));
    });
    renameSync(folder.path, `${folder.path}.away`);
    await eventually(() => sink.last.staleSince !== undefined, SOON);
    await expectTold(/^west 0 : the folder cannot be read: ENOENT/);
    mkdirSync(folder.path);
    folder.replace("a.yaml", namespaces("x"));
    await sleep(1000);
    expect(sink.last.staleSince).toBeUndefined();
    expect(sink.batches).toEqual([]);
    folder.replace("b.yaml", namespaces("z"));
    await expectShown("x z");
  });

  it("files that are gone from a folder that came back, for two seconds and no longer", async () => {
    await begin(() => folder.replace("a.yaml", namespaces("x")));
    renameSync(folder.path, `${folder.path}.away`);
    await eventually(() => sink.last.staleSince !== undefined, SOON);
    mkdirSync(folder.path);
    await sleep(1000);
    expect(inForce()).toBe("x");
    await expectShown("", { withinMs: 2000 });
  });
});

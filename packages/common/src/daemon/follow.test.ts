import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { commandFollower } from "./follow.ts";

describe("commandFollower", () => {
  const cases: { name: string; argv: [string, ...string[]]; lines: string[]; ending: RegExp }[] = [
    { name: "hands on each line, also a last one without an end", argv: ["printf", "a\\nb"], lines: ["a", "b"], ending: /^exit code 0$/ },
    { name: "says what the program said of its end", argv: ["sh", "-c", "echo no such bridge >&2; exit 1"], lines: ["no such bridge"], ending: /^no such bridge$/ },
    { name: "says which signal ended it", argv: ["sh", "-c", "kill -9 $$"], lines: [], ending: /^ended by SIGKILL$/ },
    { name: "says that there is no such program", argv: ["sdn-no-such-program"], lines: [], ending: /^not started: .*ENOENT/ },
  ];
  for (const { name, argv, lines, ending } of cases)
    it(name, async () => {
      const seen: string[] = [];
      expect(await commandFollower.follow(argv, (text) => seen.push(text), new AbortController().signal)).toMatch(ending);
      expect(seen).toEqual(lines);
    });

  it("ends the program with the signal", async () => {
    const stop = new AbortController();
    const following = commandFollower.follow(["sleep", "60"], () => {}, stop.signal);
    await sleep(50);
    stop.abort();
    expect(await following).toBe("ended by SIGTERM");
    expect(await commandFollower.follow(["sleep", "60"], () => {}, stop.signal)).toBe("not started");
  });
});

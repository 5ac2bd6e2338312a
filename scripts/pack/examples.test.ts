import { describe, expect, it } from "vitest";
import { examplesOf } from "./examples.ts";

const fence = "```";

describe("examplesOf", () => {
  const cases = [
    {
      name: "finds an example and its line",
      markdown: `# a\n\n${fence}ts example\na;\nb;\n${fence}\n`,
      want: [{ line: 3, text: "a;\nb;\n" }],
    },
    {
      name: "finds several",
      markdown: `${fence}ts example\na\n${fence}\n${fence}ts example\nb\n${fence}\n`,
      want: [
        { line: 1, text: "a\n" },
        { line: 4, text: "b\n" },
      ],
    },
    {
      name: "leaves other blocks out",
      markdown: `${fence}ts\na\n${fence}\n${fence}\nb\n${fence}\n${fence}yaml example\nc\n${fence}\n`,
      want: [],
    },
    {
      name: "is not misled by the end of another block",
      markdown: `${fence}sh\na\n${fence}\nts example\n${fence}ts example\nb\n${fence}\n`,
      want: [{ line: 5, text: "b\n" }],
    },
  ];
  for (const { name, markdown, want } of cases) it(name, () => expect(examplesOf(markdown)).toEqual(want));
});

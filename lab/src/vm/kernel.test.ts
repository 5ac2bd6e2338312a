import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findKernel } from "./kernel.ts";

const scratch = mkdtempSync(join(tmpdir(), "sdn-kernel-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let made = 0;
/** A root with these files. */
function root(...files: string[]): string {
  const folder = join(scratch, String(made++));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}
const image = (release: string) => `boot/vmlinuz-${release}`;
const modules = (release: string) => `lib/modules/${release}/modules.dep`;
const whole = (release: string) => [image(release), modules(release)];

describe("findKernel()", () => {
  const cases: { name: string; roots: string[][]; unreadable?: RegExp; want: string | RegExp }[] = [
    { name: "takes the newest by number, not by letter", roots: [[...whole("6.1.0-9-amd64"), ...whole("6.1.0-56-amd64")]], want: "6.1.0-56-amd64" },
    { name: "takes only one with modules", roots: [[...whole("6.1.0-9-amd64"), image("6.9.0-1-amd64")]], want: "6.1.0-9-amd64" },
    { name: "prefers the first root", roots: [whole("6.1.0-1-amd64"), whole("6.9.0-1-amd64")], want: "6.1.0-1-amd64" },
    { name: "goes on to the next root", roots: [[], whole("6.9.0-1-amd64")], want: "6.9.0-1-amd64" },
    { name: "passes over an image that it may not read", roots: [whole("6.9.0"), whole("6.1.0")], unreadable: /6\.9\.0/, want: "6.1.0" },
    {
      name: "says which image is root's alone, and what to do",
      roots: [whole("6.8.0-90-generic")],
      unreadable: /./,
      want: /vmlinuz-6\.8\.0-90-generic is readable by root alone.*0600.*chmod 0644 \S+vmlinuz-6\.8\.0-90-generic, or run as root/,
    },
    { name: "says which package has a kernel", roots: [[image("6.1.0")], []], want: /no boot\/vmlinuz-\* .*linux-image-amd64.*linux-image-generic/ },
  ];
  for (const { name, roots, unreadable, want } of cases)
    it(name, () => {
      const find = () => findKernel(roots.map((files) => root(...files)), (path) => !unreadable?.test(path));
      if (typeof want === "string") expect(find().release).toBe(want);
      else expect(find).toThrow(want);
    });
});

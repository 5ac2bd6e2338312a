import { describe, expect, it } from "vitest";
import { parseDistribution, parseKernelPackages, parseUris } from "./packages.ts";

describe("parseDistribution()", () => {
  const cases: { name: string; text: string; want: object }[] = [
    {
      name: "knows Debian",
      text: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
      want: { id: "debian", version: "12", kernel: "linux-image-amd64" },
    },
    {
      name: "knows Ubuntu by itself, not as Debian's kin",
      text: 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
      want: { id: "ubuntu", version: "24.04", kernel: "linux-image-generic" },
    },
    {
      name: "takes a derivative for its parent, the nearest first",
      text: 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n',
      want: { id: "linuxmint", version: "22", kernel: "linux-image-generic" },
    },
    { name: "knows no kernel of others", text: "ID=fedora\nVERSION_ID=41\n", want: { id: "fedora", version: "41", kernel: undefined } },
    { name: "lives without a version", text: "ID=debian\n", want: { id: "debian", version: "rolling", kernel: "linux-image-amd64" } },
    { name: "is not deceived by an inherited name", text: "ID=constructor\n", want: { id: "constructor", version: "rolling", kernel: undefined } },
  ];
  for (const { name, text, want } of cases) it(name, () => expect(parseDistribution(text)).toEqual(want));
});

describe("parseUris()", () => {
  it("takes packages with their versions, and nothing else that apt-get prints", () => {
    const printed = [
      "Reading package lists...",
      "The following NEW packages will be installed:",
      "  kmod",
      "'http://deb.debian.org/debian/pool/main/k/kmod/kmod_30%2b20221128-1_amd64.deb' kmod_30+20221128-1_amd64.deb 95180 MD5Sum:ab",
      "'http://deb.debian.org/debian/x/qemu_7.2.deb' qemu-system-x86_1%3a7.2+dfsg-7+deb12u18+b3_amd64.deb 9281168 SHA256:cd",
    ];
    expect(parseUris(printed.join("\n"))).toEqual(["kmod=30+20221128-1", "qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3"]);
  });
});

describe("parseKernelPackages()", () => {
  const cases: { name: string; depends: string[]; want: string[] }[] = [
    {
      name: "takes Debian's image",
      depends: ["linux-image-amd64", "  Depends: linux-image-6.1.0-56-amd64", "linux-image-6.1.0-56-amd64", "  Depends: kmod", "linux-base"],
      want: ["linux-image-6.1.0-56-amd64"],
    },
    {
      name: "takes Ubuntu's image and both of its module packages, but neither firmware nor the unsigned twin",
      depends: [
        "linux-image-generic",
        "linux-image-6.8.0-90-generic",
        "linux-image-unsigned-6.8.0-90-generic",
        "linux-modules-6.8.0-90-generic",
        "linux-modules-extra-6.8.0-90-generic",
        "linux-firmware",
      ],
      want: ["linux-image-6.8.0-90-generic", "linux-modules-6.8.0-90-generic", "linux-modules-extra-6.8.0-90-generic"],
    },
  ];
  for (const { name, depends, want } of cases) it(name, () => expect(parseKernelPackages(depends.join("\n"))).toEqual(want));
});

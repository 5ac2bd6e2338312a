import { describe, expect, it } from "vitest";
import { CommonError, messageOf } from "./errors.ts";
import type { CommonFault } from "./errors.ts";

const problems = [{ path: "spec.mtu", message: "must be at least 1280" }, { path: "", message: "is wrong" }];

/** One of each code: a code that is missing here does not compile. */
const faults: { readonly [C in CommonFault["code"]]: readonly [Extract<CommonFault, { code: C }>, string] } = {
  INVALID_FLAGS: [{ code: "INVALID_FLAGS", command: "sdn-proxyd", problems }, "Cannot start sdn-proxyd: spec.mtu: must be at least 1280; is wrong"],
  COMMAND_FAILED: [
    { code: "COMMAND_FAILED", command: "nft -f -", exit: "exit code 1", stderr: "syntax error" },
    'Cannot run "nft -f -": exit code 1: syntax error',
  ],
  COMMAND_MISSING: [
    { code: "COMMAND_MISSING", command: "nft -f -", debianPackage: "nftables" },
    'Cannot run "nft -f -": it is not installed; Debian has it in nftables',
  ],
  ALREADY_RUNNING: [
    { code: "ALREADY_RUNNING", lock: "sdn-proxyd" },
    "Cannot start: another instance holds the lock sdn-proxyd on this node; stop it first",
  ],
  NETLINK_REFUSED: [
    { code: "NETLINK_REFUSED", operation: "ip route replace 10.0.0.0/8", errno: "EPERM" },
    'Cannot apply "ip route replace 10.0.0.0/8": kernel answered EPERM',
  ],
  NETLINK_UNREADABLE: [{ code: "NETLINK_UNREADABLE", problem: "it is cut off" }, "Cannot read a netlink message: it is cut off"],
  STATE_UNREADABLE: [
    { code: "STATE_UNREADABLE", file: "/var/lib/sysctls.json", problem: "it is empty", remedy: "delete it" },
    "Cannot read /var/lib/sysctls.json: it is empty; delete it",
  ],
  LISTING_UNREADABLE: [{ code: "LISTING_UNREADABLE", what: "chains", problem: "there is no metainfo in it" }, "Cannot read the listing of chains that nft printed: there is no metainfo in it; nothing is changed by it, and it is asked again"],
  CANNOT_LISTEN: [{ code: "CANNOT_LISTEN", address: "[::]:53", reason: "EACCES" }, "Cannot listen on [::]:53: EACCES"],
};

describe("CommonError says", () => {
  for (const [code, [fault, want]] of Object.entries(faults))
    it(`what ${code} means`, () => {
      const error = new CommonError(fault, { cause: "why" });
      expect([error.name, error.message, error.fault, error.cause]).toEqual(["CommonError", want, fault, "why"]);
    });
});

describe("messageOf()", () => {
  it("reads errors and anything else that was thrown", () => {
    expect([new Error("a"), "b", undefined, 4].map(messageOf)).toEqual(["a", "b", "undefined", "4"]);
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { readObjects } from "./objects.ts";

const metainfo = { metainfo: { version: "1.0.6" } };
const whole = JSON.stringify({ nftables: [metainfo, { table: { family: "inet", name: "sdn_proxy" } }, { chain: { name: "refuse" } }] });

/** What it reads, or the error's code. */
function read(json: string): number | string {
  try {
    return readObjects(json, "table inet sdn_proxy", "table").length;
  } catch (error) {
    return error instanceof CommonError ? error.fault.code : String(error);
  }
}

describe("readObjects()", () => {
  it("reads a whole listing, and none that was cut off, wherever", () => {
    expect(read(whole)).toBe(3);
    for (let length = 0; length < whole.length; length++) expect(read(whole.slice(0, length)), whole.slice(0, length)).toBe("LISTING_UNREADABLE");
  });

  it("takes no other JSON for a listing", () => {
    for (const json of ["null", "7", "[]", "{}", '{"nftables":[]}', '{"nftables":[null]}', JSON.stringify({ nftables: [metainfo] })]) expect(read(json), json).toBe("LISTING_UNREADABLE");
  });

  it("says what was listed, and what is the matter", () =>
    expect(() => readObjects("", "tables")).toThrow(/^Cannot read the listing of tables that nft printed: .+; nothing is changed by it/));

  it("lets nothing but a listing or its own error come out of what nft may print", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        expect(() => readObjects(json, "tables")).toThrow(CommonError);
      }),
    ));
});

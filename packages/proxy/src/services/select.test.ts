import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { serviceOf } from "../bed/fixtures.ts";
import { isProxied } from "./select.ts";

const cases = [
  { name: "takes a remote Service with an address", service: serviceOf(), want: true },
  { name: "leaves the local cluster's own alone", service: serviceOf({ cluster: "east" }), want: false },
  { name: "leaves headless ones to DNS", service: serviceOf({ headless: true, vips: [] }), want: false },
  { name: "leaves ExternalName to DNS", service: serviceOf({ externalName: "example.com", vips: [] }), want: false },
  { name: "leaves one of another proxy alone", service: serviceOf({ foreignProxy: true }), want: false },
  { name: "has nothing to do without an address", service: serviceOf({ vips: [] }), want: false },
];

describe("isProxied()", () => {
  for (const { name, service, want } of cases) it(name, () => assert.equal(isProxied(service, "east"), want));
});

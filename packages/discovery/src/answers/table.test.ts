import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashName } from "../wire/fold.ts";
import { encodeName } from "../wire/name.ts";
import type { CompiledSet } from "./compile.ts";
import { AnswerTable } from "./table.ts";

const wire = (name: string): Uint8Array => encodeName(name) ?? new Uint8Array();
const set = (size: number, fill: number): CompiledSet => ({
  type: 1,
  answers: 1,
  additional: 0,
  answerBytes: size,
  bytes: new Uint8Array(size).fill(fill),
  recordSize: 0,
  cut: false,
});
const put = (table: AnswerTable, name: string, size: number, fill = 1): boolean =>
  table.put({ zone: 0, flags: 0, name: wire(name), sets: [set(size, fill)] });
const has = (table: AnswerTable, name: string): boolean => table.find(hashName(wire(name)), wire(name), 0, wire(name).length) !== 0;

describe("AnswerTable", () => {
  it("tells whether anything changed", () => {
    const table = new AnswerTable();
    expect([put(table, "a.b", 4), put(table, "a.b", 4), put(table, "a.b", 4, 2), put(table, "a.b", 5, 2)]).toEqual([true, false, true, true]);
    expect([table.remove(wire("a.b")), table.remove(wire("a.b"))]).toEqual([0, undefined]);
  });

  it("agrees with a Map, whatever is put in and taken out", () => {
    const name = fc.integer({ min: 0, max: 60 }).map((n) => `n${n}.test`);
    const step = fc.oneof(fc.record({ name, size: fc.integer({ min: 1, max: 200 }) }), fc.record({ name, size: fc.constant(0) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new AnswerTable();
        const model = new Map<string, number>();
        for (const { name: owner, size } of steps) {
          if (size > 0) put(table, owner, size);
          else table.remove(wire(owner));
          if (size > 0) model.set(owner, size);
          else model.delete(owner);
        }
        expect(table.size).toBe(model.size);
        for (let n = 0; n <= 60; n++) expect(has(table, `n${n}.test`)).toBe(model.has(`n${n}.test`));
      }),
    );
  });

  it("does not grow under churn: replaced blocks are used again", () => {
    const table = new AnswerTable();
    const size = (round: number, i: number) => 16 * (1 + ((round * 7 + i) % 40)); // endpoints come and go
    for (let i = 0; i < 1000; i++) put(table, `svc-${i}.ns`, size(0, i), 0);
    for (let round = 1; round < 20; round++) for (let i = 0; i < 1000; i++) put(table, `svc-${i}.ns`, size(round, i), round);
    const settled = table.arena.top;
    for (let round = 20; round < 200; round++) for (let i = 0; i < 1000; i++) put(table, `svc-${i}.ns`, size(round, i), round);
    expect(table.arena.top).toBeLessThanOrEqual(settled * 1.05);
    for (let i = 0; i < 1000; i++) table.remove(wire(`svc-${i}.ns`));
    expect([table.size, table.arena.used]).toEqual([0, 0]);
  });

  it("finds what collides and what wraps around the end of the index", () => {
    const table = new AnswerTable();
    const names = Array.from({ length: 5000 }, (_, i) => `x${i}`);
    for (const name of names) put(table, name, 4);
    for (const name of names.slice(0, 4000)) table.remove(wire(name));
    expect(names.filter((name) => has(table, name))).toEqual(names.slice(4000));
  });
});

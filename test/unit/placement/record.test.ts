/** The record of placed agents, and folders that do not belong to `bench agents`. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  emptyPlacementFolder,
  type PlacementRecord,
  placementFolder,
  placementNames,
  readRecord,
  writeRecord,
} from "../../../src/placement/record.ts";

const state = mkdtempSync(join(tmpdir(), "bench-placement-"));
const env = { XDG_STATE_HOME: state };
const RECORD: PlacementRecord = {
  ...{ schemaVersion: 1, name: "load", id: "0123456789ab", createdAt: "2026-01-01T00:00:00.000Z" },
  ...{ engine: "ssh", plan: {}, hasOwnEtcd: true, isBegun: false, isReady: false },
};

test.after(() => rmSync(state, { recursive: true }));

function newFolder(name: string): string {
  const folder = placementFolder(name, env);
  mkdirSync(folder, { recursive: true });
  return folder;
}

test("a record is read as it was written, only its user can read it, and it is listed by name", () => {
  const folder = newFolder("load");
  writeRecord(folder, RECORD);
  assert.equal(readRecord(folder), RECORD);
  assert.is(statSync(join(folder, "placement.json")).mode & 0o777, 0o600);
  assert.equal(placementNames(env), ["load"]);
  writeFileSync(join(folder, "join.json"), "");
  emptyPlacementFolder(folder);
  assert.equal(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});

test("a start that was killed before its record leaves no record to read, not even a draft", () => {
  const folder = newFolder("killed");
  for (const name of ["lock.1.x", ".placement.json.1"]) writeFileSync(join(folder, name), "{");
  assert.is(readRecord(folder), null);
  assert.is(readRecord(join(folder, "none")), null);
});

test("a foreign folder, and an incomplete record or one of another version, are refused with the reason", () => {
  const folder = newFolder("other");
  writeFileSync(join(folder, "mine"), "");
  assert.throws(() => readRecord(folder), /is not a folder of bench agents: it has mine/);
  for (const [text, words] of [
    ["{", /placement\.json cannot be read: it is not whole; end its agents by hand/],
    ["null", /cannot be read: it is not whole/],
    ['{"schemaVersion":2}', /is of another version of bench \(2\)/],
    ['{"schemaVersion":1,"name":"x"}', /it is not whole/],
  ] as const) {
    writeFileSync(join(folder, "placement.json"), text);
    assert.throws(() => readRecord(folder), words);
  }
});

test("a name that leads out of the folder is refused", () => {
  for (const name of ["", "..", "a/b", "-x", ".x", "a b", "x".repeat(64)]) {
    assert.throws(() => placementFolder(name, env), /a group's name has letters/, name);
  }
});

test.run();

/**
 * Gives the texts of a suite back as they are written: YAML reads 007 as 7, 1e3 as 1000 and null as
 * nothing, and the prefix of a key is no number.
 */

import type { Flag } from "../flags/flag.ts";
import { allCellFlags, type CommandShape, cellFlags } from "./command-shape.ts";
import type { DataPath, SuiteSource } from "./source.ts";

type Holder = Record<string | number, unknown>;

/** Changes the data of the source, which may be anything: it is checked afterwards. */
export function takeTextsAsWritten(source: SuiteSource, commands: readonly CommandShape[]): void {
  const suite = source.data;
  if (!isHolder(suite)) return;
  takeEach(source, suite, [], ["name", "describe", "server-args"]);
  takeFlags(source, suite.flags, ["flags"], [...allCellFlags(commands).values()]);
  for (const [at, cell] of itemsOf(suite.cells)) {
    const path = ["cells", at];
    takeEach(source, cell, path, ["name", "expect", "server-args"]);
    takeStep(source, cell, path, commands);
    for (const [step, prepared] of itemsOf(cell.prepare)) {
      takeStep(source, prepared, [...path, "prepare", step], commands);
    }
  }
}

function takeStep(
  source: SuiteSource,
  step: Holder,
  path: DataPath,
  commands: readonly CommandShape[],
): void {
  const command = commands.find(({ name }) => name === step.command);
  const flags = command === undefined ? [] : cellFlags(command);
  takeEach(source, step, path, ["args"]);
  takeFlags(source, step.flags, [...path, "flags"], flags);
  takeFlags(source, step.matrix, [...path, "matrix"], flags);
}

function takeFlags(
  source: SuiteSource,
  set: unknown,
  path: DataPath,
  flags: readonly Flag[],
): void {
  if (!isHolder(set)) return;
  for (const { name, kind, isText } of flags) {
    if (!(name in set)) continue;
    // Without a text the flag is on or off.
    const isSwitched = kind !== "value" && typeof set[name] === "boolean";
    take(source, set, name, path, isText === true && !isSwitched);
  }
}

function takeEach(source: SuiteSource, holder: Holder, path: DataPath, names: string[]): void {
  for (const name of names) if (name in holder) take(source, holder, name, path, true);
}

/** The value, or each of a list. */
function take(
  source: SuiteSource,
  holder: Holder,
  key: string | number,
  path: DataPath,
  isText: boolean,
): void {
  const value = holder[key];
  if (Array.isArray(value)) {
    for (const at of value.keys())
      take(source, value as unknown as Holder, at, [...path, key], isText);
    return;
  }
  if (value !== null && typeof value !== "number" && typeof value !== "boolean") return;
  const written = source.written([...path, key]);
  if (written === null) return;
  // A count that no number holds would be another one.
  const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
  if (isText || (isRounded && /^\d+$/.test(written))) holder[key] = written;
}

function itemsOf(list: unknown): [number, Holder][] {
  if (!Array.isArray(list)) return [];
  return [...list.entries()].filter((entry): entry is [number, Holder] => isHolder(entry[1]));
}

function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

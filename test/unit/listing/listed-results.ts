/** Saves results to a folder, and gives the ids of its list. */
import type { ListedFolder } from "../../../src/listing/listing.ts";
import { saveResult } from "../../../src/result/save-result.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { type Overrides, resultFixture } from "../../fixtures/result-fixture.ts";

export function save(
  folder: string,
  id: string,
  overrides: Overrides<RunResult> = {},
): Promise<string> {
  return saveResult(folder, resultFixture({ id, ...overrides }));
}

export const ids = ({ listing }: ListedFolder) =>
  listing.entries.map(({ listed, error }) => listed?.id ?? error);

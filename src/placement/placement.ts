/** One placement: its folder, its record, and the actions of the engine that the record names. */
import { join } from "node:path";
import { type JoinFile, readJoinFile } from "../agents/join-file.ts";
import { Roster } from "../agents/roster.ts";
import { usageError } from "../errors.ts";
import { ENGINES } from "./catalogue.ts";
import type { EngineActions, EngineContext, SeenAgent } from "./engine.ts";
import { joinPathOf, type PlacementRecord, readRecord, writeRecord } from "./record.ts";

export class Placement {
  readonly folder: string;
  readonly actions: EngineActions<unknown>;
  #record: PlacementRecord;

  private constructor(folder: string, record: PlacementRecord, actions: EngineActions<unknown>) {
    this.folder = folder;
    this.actions = actions;
    this.#record = record;
  }

  /** Null: the folder has no record. @throws BenchError (usage) where it cannot be read */
  static async at(folder: string): Promise<Placement | null> {
    const record = readRecord(folder);
    return record === null ? null : await Placement.of(folder, record);
  }

  static async of(folder: string, record: PlacementRecord): Promise<Placement> {
    const engine = ENGINES.find(({ name }) => name === record.engine);
    if (engine === undefined) {
      throw usageError(
        `${join(folder, "placement.json")}: this bench has no engine ${record.engine}; use the bench that started the agents`,
      );
    }
    return new Placement(folder, record, await engine.actions());
  }

  get record(): PlacementRecord {
    return this.#record;
  }

  /** Writes it down. */
  change(changes: Partial<PlacementRecord>): void {
    this.#record = { ...this.#record, ...changes };
    writeRecord(this.folder, this.#record);
  }

  join(): JoinFile {
    return readJoinFile("bench agents", joinPathOf(this.folder));
  }

  /** @throws BenchError (unreachable) where the coordination etcd does not answer */
  roster(): Promise<Roster> {
    return Roster.open(this.join());
  }

  look(context: Omit<EngineContext, "folder">): Promise<readonly SeenAgent[]> {
    return this.actions.look(this.#record.plan, { ...context, folder: this.folder });
  }
}

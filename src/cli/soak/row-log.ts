/** Writes the rows of a soak as they come, and keeps those that could not be written for another try. */
import type { BenchError } from "../../errors.ts";
import {
  appendSoakRow,
  beginSoakFolder,
  isSoakFolder,
  type SoakManifest,
} from "../../soak/folder.ts";
import type { SoakRow } from "../../soak/row-schema.ts";
import { collectFailure } from "../output/outputs.ts";

export class RowLog {
  readonly #folder: string;
  readonly #manifest: SoakManifest;
  readonly #say: (line: string) => void;
  #waiting: SoakRow[] = [];
  #failure: BenchError | null = null;
  #hasWritten = false;
  #work: Promise<void> = Promise.resolve();

  constructor(folder: string, manifest: SoakManifest, say: (line: string) => void) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#say = say;
  }

  add(row: SoakRow): void {
    this.#waiting.push(row);
    this.#work = this.#work.then(() => this.#write());
  }

  /** Resolves to what could not be written, and why. */
  async end(): Promise<{ rows: readonly SoakRow[]; failure: BenchError | null }> {
    await this.#work;
    if (this.#waiting.length > 0) await this.#write();
    return { rows: this.#waiting, failure: this.#failure };
  }

  async #write(): Promise<void> {
    const failure = await collectFailure(async () => {
      if (!(await isSoakFolder(this.#folder))) await beginSoakFolder(this.#folder, this.#manifest);
      for (let row = this.#waiting[0]; row !== undefined; row = this.#waiting[0]) {
        await appendSoakRow(this.#folder, row);
        this.#waiting.shift();
        if (!this.#hasWritten) this.#say(`rows are kept in ${this.#folder}`);
        this.#hasWritten = true;
      }
    });
    if (failure !== null && this.#failure === null) {
      this.#say(`${failure.message}; the soak goes on, and its rows are kept in memory`);
    }
    this.#failure = failure;
  }
}

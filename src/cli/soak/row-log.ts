/**
 * Writes the rows of a soak as they come. Those that could not be written are kept for another try, and
 * those that were for the case that somebody removes the folder meanwhile.
 */
import type { BenchError } from "../../errors.ts";
import {
  appendSoakRow,
  beginSoakFolder,
  isSoakFolder,
  type SoakManifest,
} from "../../soak/folder.ts";
import type { SoakRow } from "../../soak/row-schema.ts";
import { collectFailure } from "../output/outputs.ts";

/** A week of ten minutes, and few enough that the client's memory does not seem to drift. */
const MOST_KEPT = 1_000;

export interface RowLogEnd {
  /** What could not be written, and why. */
  rows: readonly SoakRow[];
  failure: BenchError | null;
  /** What of a folder that was removed could not be written again; null: it was not removed. */
  lostRows: number | null;
}

export class RowLog {
  readonly #folder: string;
  readonly #manifest: SoakManifest;
  readonly #say: (line: string) => void;
  #waiting: SoakRow[] = [];
  #failure: BenchError | null = null;
  #written: SoakRow[];
  /** Written and not kept. */
  #forgotten = 0;
  #lostRows: number | null = null;
  #isTold = false;
  #work: Promise<void> = Promise.resolve();

  /** @param rows that are in the folder already */
  constructor(
    folder: string,
    manifest: SoakManifest,
    say: (line: string) => void,
    rows: readonly SoakRow[] = [],
  ) {
    this.#written = rows.slice(-MOST_KEPT);
    this.#forgotten = rows.length - this.#written.length;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#say = say;
  }

  add(row: SoakRow): void {
    this.#waiting.push(row);
    this.#work = this.#work.then(() => this.#write());
  }

  async end(): Promise<RowLogEnd> {
    await this.#work;
    if (this.#waiting.length + this.#written.length > 0) await this.#write();
    return { rows: this.#waiting, failure: this.#failure, lostRows: this.#lostRows };
  }

  async #write(): Promise<void> {
    const failure = await collectFailure(async () => {
      if (!(await isSoakFolder(this.#folder))) {
        this.#takeBack();
        await beginSoakFolder(this.#folder, this.#manifest);
      }
      for (let row = this.#waiting[0]; row !== undefined; row = this.#waiting[0]) {
        await appendSoakRow(this.#folder, row);
        this.#waiting.shift();
        this.#written.push(row);
        if (this.#written.length > MOST_KEPT) this.#forgotten += this.#written.splice(0, 1).length;
        if (!this.#isTold) this.#say(`rows are kept in ${this.#folder}`);
        this.#isTold = true;
      }
    });
    if (failure !== null && this.#failure === null) {
      this.#say(`${failure.message}; the soak goes on, and its rows are kept in memory`);
    }
    this.#failure = failure;
  }
  /** The folder is not there any more, if it has been: its rows are to be written again. */
  #takeBack(): void {
    if (this.#written.length === 0) return;
    this.#lostRows = (this.#lostRows ?? 0) + this.#forgotten;
    this.#forgotten = 0;
    this.#waiting.unshift(...this.#written.splice(0));
    this.#say(`${this.#folder} was removed during the soak: its rows are written again`);
  }
}

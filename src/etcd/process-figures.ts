/**
 * Reads what members do not tell in their metrics, of the processes that bench started on this machine:
 * peak memory, what was read from and written to disks, the size of the write-ahead log.
 */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { OwnMember } from "../events/definition.ts";
import { type ProcessReading, readProcess } from "../machine/process-figures.ts";

/** Null where bench did not start the process, or it is gone. */
export interface ProcessFigures extends ProcessReading {
  walSizeBytes: number | null;
}

export const NO_PROCESS_FIGURES: ProcessFigures = {
  peakRssBytes: null,
  diskReadBytes: null,
  diskWrittenBytes: null,
  walSizeBytes: null,
};

const BLOCK_BYTES = 512;

/** The figures of the members of a cluster since `begin`. */
export class ProcessWatch {
  readonly #members: () => readonly OwnMember[];
  readonly #first = new Map<number, ProcessReading>();

  /** @param members those whose processes bench started, as they are when it is called */
  constructor(members: () => readonly OwnMember[]) {
    this.#members = members;
  }

  begin(): void {
    for (const { pid, running } of this.#members()) {
      if (running) this.#first.set(pid, readProcess(pid));
    }
  }

  /** What was read and written since `begin`, null after a restart, which loses the counts. */
  figuresOf(name: string): ProcessFigures {
    const member = this.#members().find((each) => each.name === name);
    if (member === undefined) return NO_PROCESS_FIGURES;
    const walSizeBytes = sizeOfFiles(path.join(member.dataDir, "member", "wal"));
    if (!member.running) return { ...NO_PROCESS_FIGURES, walSizeBytes };
    const last = readProcess(member.pid);
    const first = this.#first.get(member.pid);
    const since = (name: "diskReadBytes" | "diskWrittenBytes") => {
      const [from, to] = [first?.[name] ?? null, last[name]];
      return from === null || to === null ? null : to - from;
    };
    return {
      peakRssBytes: last.peakRssBytes,
      diskReadBytes: since("diskReadBytes"),
      diskWrittenBytes: since("diskWrittenBytes"),
      walSizeBytes,
    };
  }
}

/** What the files of a folder take on the disk; null where there is no such folder. */
function sizeOfFiles(folder: string): number | null {
  try {
    const files = readdirSync(folder).map((name) => statSync(path.join(folder, name)));
    return files.reduce((sum, { blocks }) => sum + blocks * BLOCK_BYTES, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A log may be kept elsewhere, and its files come and go.
    if (code === "ENOENT" || code === "EACCES") return null;
    throw error;
  }
}

/** Carries out `bench cluster logs`: prints files, and what is added to them. */
import { closeSync, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { EXIT } from "../../errors.ts";
import type { OwnProcess } from "../../etcd/local-cluster/own-process.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { LOGS_FLAGS } from "./cluster-flags.ts";
import { openCluster, readWord } from "./open-cluster.ts";

const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/**
 * Of several processes each line has the name of its own before it.
 * @param word MEMBER, CLUSTER/MEMBER or CLUSTER
 */
export async function showLogs(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(LOGS_FLAGS, given);
  const { follows } = flags;
  const { name, member } = readWord(word, flags.name);
  const cluster = await openCluster(name);
  const shown = member === null ? cluster.allProcesses : [cluster.processNamed(member)];
  const width = Math.max(...shown.map((each) => each.name.length));
  const logs = shown.map((each) => {
    return new LogReader(each, shown.length === 1 ? "" : `${each.name.padEnd(width)} | `);
  });
  try {
    do {
      for (const log of logs) {
        for (let lines = log.read(); lines !== ""; lines = log.read()) {
          await writeStandardOutput(lines);
        }
      }
      if (follows) await delay(POLL_MS);
    } while (follows);
  } finally {
    for (const log of logs) log.close();
  }
  return EXIT.done;
}

class LogReader {
  readonly #file: number;
  readonly #prefix: string;
  #atByte = 0;
  /** A line whose end was not there yet. */
  #rest = "";

  constructor({ logPath }: OwnProcess, prefix: string) {
    this.#file = openSync(logPath, "r");
    this.#prefix = prefix;
  }

  /** Whole lines that were not read yet; empty: there are none. */
  read(): string {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const bytes = readSync(this.#file, chunk, 0, CHUNK_BYTES, this.#atByte);
      if (bytes === 0) return "";
      this.#atByte += bytes;
      const lines = (this.#rest + chunk.toString("utf8", 0, bytes)).split("\n");
      this.#rest = lines.pop()!;
      if (lines.length > 0) return lines.map((line) => `${this.#prefix}${line}\n`).join("");
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Asks a user at a terminal for a secret, without echo. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BenchError, EXIT } from "../../errors.ts";
import { writeStandardError } from "../output/standard-output.ts";

/** Ctrl-C and Ctrl-D at the question end the command. */
export function askHidden(question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // It edits the line as usual, and what it would show goes nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    writeStandardError(question);
    let answer: string | null = null;
    lines.on("line", (line) => {
      answer = line;
      lines.close();
    });
    lines.on("close", () => {
      process.stderr.write("\n");
      process.stdin.pause();
      if (answer !== null) resolve(answer);
      else reject(new BenchError("interrupted at the question for a password", EXIT.interrupted));
    });
  });
}

/**
 * Draws lines at the end of a terminal's output that are redrawn in place, and lets other lines pass above
 * them. After the terminal was made narrower, lines that have wrapped are cleared, too.
 */
import { widthOf } from "../../text/width.ts";
import { type SizedStream, sizeOf } from "./terminal-size.ts";

export interface TerminalStream extends SizedStream {
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\u001b[2K";

export class TerminalBlock {
  readonly #stream: TerminalStream;
  /** None: nothing is drawn. */
  #lines: readonly string[] = [];

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    this.#stream.write(this.#clearing + lines.join("\n"));
    this.#lines = lines;
  }

  /** Writes a line that stays. */
  above(text: string): void {
    const before = this.#lines.length === 0 ? "" : this.#clearing;
    this.#stream.write(`${before}${text}\n${this.#lines.join("\n")}`);
  }

  /** Takes the lines away. */
  clear(): void {
    if (this.#lines.length > 0) this.#stream.write(this.#clearing);
    this.#lines = [];
  }

  /** From the end of the last line to the start of the first, which is empty then. */
  get #clearing(): string {
    const { columns } = sizeOf(this.#stream);
    const rows = this.#lines.map((line) => Math.max(1, Math.ceil(widthOf(line) / columns)));
    const up = rows.reduce((sum, each) => sum + each, 0) - 1;
    return up <= 0 ? CLEAR_LINE : `\r\u001b[${up}A\u001b[J`;
  }
}

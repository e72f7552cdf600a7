/** The one way of text out of this process: without secrets, and without a terminal's commands. */
import { withoutSecrets } from "./secrets.ts";
import { printableLines } from "./visible.ts";

/** A sentence of ours with what others say in it: no line of theirs looks like one of ours. */
export function outgoingNote(text: string): string {
  return outgoing(text).trimEnd().replaceAll("\n", "\n  ");
}

/** @param color whether the styles of tables may be in it */
export function outgoing(text: string, color = false): string {
  return printableLines(withoutSecrets(text), color);
}

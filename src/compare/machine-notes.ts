/**
 * Says during how many runs of each side of a comparison the machine was busy with other things, and in
 * how many the client may have been late.
 */
import { latenessTexts } from "../result/lateness-words.ts";
import { machineTexts } from "../result/machine-words.ts";
import type { Cell } from "./cells.ts";

export function machineNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [
    ...machineTexts(base, { of: ` of ${baseLabel}` }),
    ...machineTexts(head, { of: ` of ${headLabel}` }),
    ...latenessTexts(base, { of: ` of ${baseLabel}` }),
    ...latenessTexts(head, { of: ` of ${headLabel}` }),
  ].map((text) => `${name}: ${text}`);
}

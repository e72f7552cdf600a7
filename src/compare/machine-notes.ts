/** Says during how many runs of each side of a comparison the machine was busy with other things. */
import { machineTexts } from "../result/machine-words.ts";
import type { Cell } from "./cells.ts";

export function machineNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [
    ...machineTexts(base, { of: ` of ${baseLabel}` }),
    ...machineTexts(head, { of: ` of ${headLabel}` }),
  ].map((text) => `${name}: ${text}`);
}

/** Tells that a program failed since the disk is full, whatever it says itself. */
import type { ProgramEnd } from "../../machine/run-program.ts";
import { isDiskFull } from "../local-cluster/disk-room.ts";

/**
 * @param folder where the program wrote
 * @throws the error that Node has where it writes to a full disk itself
 */
export function checkRoom(folder: string, { code, stderr }: ProgramEnd): void {
  if (code === 0 || !isDiskFull(folder, stderr)) return;
  const full = { code: "ENOSPC", syscall: "write", path: folder };
  throw Object.assign(new Error(`ENOSPC: no space left on device, write '${folder}'`), full);
}

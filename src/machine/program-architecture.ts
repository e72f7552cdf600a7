/** Reads from the head of an ELF file for which processor a program is built. */
import { closeSync, openSync, readSync } from "node:fs";

/** Of e_machine, by the names that Node has. */
const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [0x03, "ia32"],
  [0x15, "ppc64"],
  [0x16, "s390x"],
  [0x28, "arm"],
  [0x3e, "x64"],
  [0xb7, "arm64"],
  [0xf3, "riscv64"],
  [0x102, "loong64"],
]);
const HEAD_BYTES = 20;
const DATA_AT = 5;
const BIG_ENDIAN = 2;
const MACHINE_AT = 18;

/** As `process.arch` names it; null: it is no ELF file, of none of these, or cannot be read. */
export function architectureOf(path: string): string | null {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const file = openSync(path, "r");
    try {
      if (readSync(file, head, 0, HEAD_BYTES, 0) < HEAD_BYTES) return null;
    } finally {
      closeSync(file);
    }
  } catch {
    // What keeps it from being read keeps it from being run, and is said there.
    return null;
  }
  if (head.toString("latin1", 0, 4) !== "\x7fELF") return null;
  const isBigEndian = head[DATA_AT] === BIG_ENDIAN;
  const machine = isBigEndian ? head.readUInt16BE(MACHINE_AT) : head.readUInt16LE(MACHINE_AT);
  return ARCHITECTURES.get(machine) ?? null;
}

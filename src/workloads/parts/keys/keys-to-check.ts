/** The keys of a key space by which etcd is asked whether it lets the user in. */
import type { KeySpace } from "../../../plan/key-space.ts";
import type { KeysToCheck } from "../../preparation.ts";
import { KeyWriter } from "./key-writer.ts";

/** The first and the last key, to be written and read. */
export function writtenAndRead({ keys }: { keys: KeySpace }): KeysToCheck {
  const outermost = outermostKeys(keys);
  return { written: outermost, read: outermost };
}

export function writtenOnly({ keys }: { keys: KeySpace }): KeysToCheck {
  return { written: outermostKeys(keys), read: [] };
}

function outermostKeys(keys: KeySpace): Buffer[] {
  const writer = new KeyWriter(keys);
  return [...new Set([0, keys.keySpaceSize - 1])].map((index) => {
    const key = Buffer.alloc(keys.keySizeBytes);
    writer.write(index, key, 0);
    return key;
  });
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

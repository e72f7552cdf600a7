/** Picks keys of a workload, the first and the last where it knows them, to ask etcd for rights to. */
import { KeyWriter } from "../../load/workload/key-space.ts";
import { keyBytes } from "../../plan/key-text.ts";
import { ownKeySpace } from "../../plan/own-key-space.ts";
import type { KeySpace, Workload } from "../../plan/schema.ts";

export interface KeysToCheck {
  written: Buffer[];
  read: Buffer[];
}

/** Empty where no key is written, or where the preparation itself writes the keys. */
export function keysToCheck(workload: Workload): KeysToCheck {
  const keys = ownKeySpace(workload);
  if (keys !== null) {
    const outermost = outermostKeys(keys);
    return { written: outermost, read: readsNothing(workload) ? [] : outermost };
  }
  switch (workload.kind) {
    case "stm": {
      const both = [0, workload.keySpaceSize - 1].map((index) =>
        Buffer.concat([Buffer.from(workload.prefix), uint32(index)]),
      );
      const lock = workload.locker === "stm" ? [] : [Buffer.from(`${workload.prefix}lock/`)];
      return { written: [...both, ...lock], read: both };
    }
    case "lock":
    case "election": {
      // The rest of the names is a lease's id, which only a granted lease has.
      const first = [Buffer.from(`${workload.prefix}0/0/`)];
      return { written: first, read: first };
    }
    case "lease-grant": {
      if (workload.keysPerLease === 0) return { written: [], read: [] };
      const first = [Buffer.concat([keyBytes(workload.prefix), uint32(0), uint32(0)])];
      return { written: first, read: workload.expire ? first : [] };
    }
    default:
      return { written: [], read: [] };
  }
}

function readsNothing({ kind }: Workload): boolean {
  return kind === "put" || kind === "txn-put" || kind === "delete";
}

function outermostKeys(keys: KeySpace): Buffer[] {
  const writer = new KeyWriter(keys);
  return [...new Set([0, keys.keySpaceSize - 1])].map((index) => {
    const key = Buffer.alloc(keys.keySizeBytes);
    writer.write(index, key, 0);
    return key;
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * Keeps Node from aborting where the terminal of the process is closed. At its end Node restores the
 * modes of each terminal among the standard descriptors, and takes it for a defect that a closed one
 * refuses them; it leaves a descriptor alone that is another file by then.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";

const STANDARD = [0, 1, 2];

/** Calling it again does nothing more. */
export function tolerateClosedTerminal(): void {
  if (!process.listeners("exit").includes(replaceClosedTerminals)) {
    process.on("exit", replaceClosedTerminals);
  }
}

function replaceClosedTerminals(): void {
  for (const descriptor of STANDARD) {
    try {
      // A closed terminal is still a character device, and no longer answers as a terminal.
      if (!fstatSync(descriptor).isCharacterDevice() || isatty(descriptor)) continue;
      closeSync(descriptor);
      // Takes the lowest descriptor that is free.
      openSync(devNull, "r+");
    } catch {
      // It is closed already, which Node accepts, too.
    }
  }
}

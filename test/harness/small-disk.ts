/**
 * Owns a disk that a test can fill: a tmpfs of its own where this process may mount one, else a
 * folder that is made unwritable, which a write finds out at the same moment.
 */
import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SIZE_BYTES = 2 * 2 ** 20;

export class SmallDisk {
  readonly folder: string;
  readonly isMounted: boolean;
  readonly #sizeBytes: number;

  static async make(parent: string, sizeBytes = SIZE_BYTES): Promise<SmallDisk> {
    const folder = join(parent, "disk");
    await mkdir(folder);
    const options = ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "none", folder];
    const isMounted = await run("mount", options).then(
      () => true,
      () => false,
    );
    return new SmallDisk(folder, isMounted, sizeBytes);
  }

  private constructor(folder: string, isMounted: boolean, sizeBytes: number) {
    this.folder = folder;
    this.isMounted = isMounted;
    this.#sizeBytes = sizeBytes;
  }

  /** From now on nothing more can be written to it, or to a folder of its results. */
  async fill(): Promise<void> {
    if (!this.isMounted) {
      await chmod(join(this.folder, "kept"), 0o500);
      return;
    }
    // The last pages too: a short write tells of the end.
    for (let size = this.#sizeBytes; size >= 1; size = Math.floor(size / 2)) {
      await writeFile(join(this.folder, `filler-${size}`), Buffer.alloc(size)).catch(() => {});
    }
  }

  async free(): Promise<void> {
    if (!this.isMounted) {
      await chmod(join(this.folder, "kept"), 0o700);
      return;
    }
    for (let size = this.#sizeBytes; size >= 1; size = Math.floor(size / 2)) {
      await rm(join(this.folder, `filler-${size}`), { force: true });
    }
  }

  async remove(): Promise<void> {
    if (this.isMounted) await run("umount", [this.folder]);
  }
}

/**
 * Makes a disk that a test can fill: a tmpfs when this process may mount one, otherwise a folder
 * that becomes read-only, so that writes fail at the same point.
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

  /** @param files that it can hold; absent: as many as fit */
  static async make(
    parent: string,
    { sizeBytes = SIZE_BYTES, files }: { sizeBytes?: number; files?: number } = {},
  ): Promise<SmallDisk> {
    const folder = join(parent, "disk");
    await mkdir(folder);
    const room = `size=${sizeBytes}${files === undefined ? "" : `,nr_inodes=${files}`}`;
    const options = ["-t", "tmpfs", "-o", room, "none", folder];
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

  /** After this call, nothing can be written to the disk or to a result folder on it. */
  async fill(): Promise<void> {
    if (!this.isMounted) {
      await chmod(join(this.folder, "kept"), 0o500);
      return;
    }
    // Fills the last pages too: a short write marks the end.
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

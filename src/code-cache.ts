/**
 * Runs the bundle's chunks with the code that an earlier run of the same command had compiled. Node
 * has no such cache for modules before 22, and compiling takes half of what a short command does.
 *
 * The cache is a file for each command, Node version and entry: a line of JSON that says how long each
 * chunk's code is, then the code. V8 itself refuses code of another version or of a source of another
 * length; the names of chunks hold a hash of their source, so that no other source has the name.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Script } from "node:vm";
import { threadId } from "node:worker_threads";
import { benchCacheFolder, missingHome } from "./cache-folder.ts";
import { makeFolders } from "./make-folders.ts";

/** Files older than this are removed when one is added. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Modules of Node that take long to load, and that most runs of most commands never call. */
const LATER = new Set([
  "dns",
  "node:child_process",
  "node:crypto",
  "node:fs/promises",
  "node:https",
  "node:readline",
  "node:tls",
  "node:zlib",
  "zlib",
]);

/** How a chunk names another. */
const CHUNK = "./";

interface Chunk {
  exports: unknown;
}

type ChunkFunction = (
  exports: unknown,
  require: (id: string) => unknown,
  module: Chunk,
  filename: string,
  dirname: string,
) => void;

/**
 * @param entry the chunk to begin with, an absolute path; the others are in its folder
 * @param nodeRequire gives Node's own modules
 */
export function runChunks(entry: string, nodeRequire: (id: string) => unknown): void {
  const folder = path.resolve(path.dirname(entry));
  const cacheFile = cacheFileOf(entry);
  const cached = cacheFile === null ? new Map<string, Buffer>() : readCache(cacheFile);
  const chunks = new Map<string, Chunk>();
  const compiled = new Map<string, Script>();

  const load = (name: string): unknown => {
    const known = chunks.get(name);
    if (known !== undefined) return known.exports;
    const file = `${folder}${path.sep}${name}`;
    const cachedData = cached.get(name);
    const source = readFileSync(file, "utf8");
    const script = new Script(
      `(function (exports, require, module, __filename, __dirname) {\n${source}\n})`,
      {
        filename: file,
        lineOffset: -1,
        ...(cachedData !== undefined && { cachedData }),
      },
    );
    if (cachedData === undefined || script.cachedDataRejected) compiled.set(name, script);
    const chunk: Chunk = { exports: {} };
    chunks.set(name, chunk);
    const run: ChunkFunction = script.runInThisContext();
    run(chunk.exports, require, chunk, file, folder);
    return chunk.exports;
  };

  const require = (id: string): unknown => {
    if (id.startsWith(CHUNK)) return load(id.slice(CHUNK.length));
    return LATER.has(id) ? later(() => nodeRequire(id)) : nodeRequire(id);
  };

  process.on("exit", (code) => {
    // A command that failed has not compiled what it takes to succeed.
    if (cacheFile !== null && code === 0 && compiled.size > 0) {
      writeCache(cacheFile, cached, compiled);
    }
  });
  load(path.basename(entry));
}

/** What of it is used is looked up when it is used. */
function later(module: () => unknown): object {
  return new Proxy({}, { get: (_, name) => (module() as Record<PropertyKey, unknown>)[name] });
}

/** Null where nothing is to be kept. */
function cacheFileOf(entry: string): string | null {
  if (process.env.NODE_DISABLE_COMPILE_CACHE === "1") return null;
  const folder = codeFolder();
  if (folder === null) return null;
  const name = path.basename(entry, path.extname(entry));
  return path.join(folder, `${name}.${commandOf(process.argv)}`);
}

/** Null where there is no home folder to keep it in. */
function codeFolder(): string | null {
  try {
    const caches = benchCacheFolder(process.env);
    if (!path.isAbsolute(caches) || missingHome(caches, process.env) !== null) return null;
    return path.join(caches, "code", `${process.version}-${process.arch}`);
  } catch (error) {
    // HOME is not set, and the system does not know the user.
    if ((error as NodeJS.ErrnoException).code === "ERR_SYSTEM_ERROR") return null;
    throw error;
  }
}

/** The command, or `help`: what else is given decides little of what is compiled. */
function commandOf(argv: readonly string[]): string {
  const given = argv.slice(2);
  if (given.some((each) => each === "--help" || each === "-h")) return "help";
  const command = given.find((each) => !each.startsWith("-"));
  return command !== undefined && /^[a-z-]{1,20}$/.test(command) ? command : "other";
}

function readCache(file: string): Map<string, Buffer> {
  try {
    const bytes = readFileSync(file);
    let at = bytes.indexOf("\n") + 1;
    const lengths = JSON.parse(bytes.toString("utf8", 0, at)) as [string, number][];
    return new Map(
      lengths.map(([name, length]) => {
        at += length;
        return [name, bytes.subarray(at - length, at)];
      }),
    );
  } catch {
    // No run has left one, or it is not as it was written: everything is compiled.
    return new Map();
  }
}

function writeCache(
  file: string,
  cached: ReadonlyMap<string, Buffer>,
  compiled: ReadonlyMap<string, Script>,
): void {
  const all = new Map(cached);
  for (const [name, script] of compiled) all.set(name, script.createCachedData());
  const header = JSON.stringify([...all].map(([name, { length }]) => [name, length]));
  const folder = path.dirname(file);
  try {
    makeFolders(folder);
    if (cached.size === 0) removeUnused(folder);
    replaceWhole(file, Buffer.concat([Buffer.from(`${header}\n`), ...all.values()]));
  } catch {
    // A folder that cannot be written, or a full disk: the next run compiles, too.
  }
}

/** Other runs find the file as it was or as it is to be; on an error nothing is left of it. */
function replaceWhole(file: string, bytes: Buffer): void {
  const part = `${file}.${process.pid}-${threadId}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Each build of bench leaves files of its own. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > KEPT_MS) rmSync(file, { force: true });
  }
}

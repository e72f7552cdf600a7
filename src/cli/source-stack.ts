/**
 * Names the lines of the source in a stack trace of the bundle. Node's own way reads the source maps
 * of all that is loaded, at every start; here they are read when there is a stack to print.
 */
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";

/** `/path/chunk.cjs:LINE:COLUMN`, as V8 writes it. */
const POSITION = /(\/[^\s():]*\.cjs):(\d+):(\d+)/g;

/** What is not of the bundle stays as it is. */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(POSITION, (position, file: string, line: string, column: string) => {
    const map = maps.get(file) ?? readMap(file);
    maps.set(file, map);
    const found = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !("originalSource" in found)) return position;
    const source = path.resolve(path.dirname(file), found.originalSource);
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")) as SourceMapPayload);
  } catch {
    // A stack without its source is better than none.
    return null;
  }
}

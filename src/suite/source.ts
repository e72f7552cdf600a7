/**
 * Reads the text of a suite or of bench.yaml, YAML (and so JSON too), into data, and finds the line and column of each
 * part of it for errors.
 */
import { isAlias, isMap, isSeq, LineCounter, type Node, parseDocument, Scalar } from "yaml";
import { usageError } from "../errors.ts";
import { keepArgumentSecrets } from "../text/argument-secrets.ts";

export type DataPath = readonly (string | number)[];

interface Child {
  key: Node | null;
  value: Node | null;
}

export class SuiteSource {
  /** As the user named the file. */
  readonly name: string;
  readonly data: unknown;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines: LineCounter;

  /** @throws BenchError (usage) with line and column where the text is no YAML */
  constructor(name: string, text: string) {
    this.name = name;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      merge: true,
      prettyErrors: false,
      // What is wrong is an error below; the library's own warnings name functions of it.
      logLevel: "error",
    });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      // The message may show a part of the text.
      keepArgumentSecrets(text.split("\n"));
      const at = this.#at(error.pos[0]);
      if (error.code === "MULTIPLE_DOCS") {
        throw usageError(
          `${at}: ${name} has more than one document; keep one, without the line ---`,
          error,
        );
      }
      throw usageError(`${at}: not YAML: ${error.message.split("\n")[0]}`, error);
    }
    try {
      this.data = this.#document.toJS();
    } catch (cause) {
      // An alias of nothing, or so many that the data would fill the memory.
      throw usageError(`${name}: not YAML: ${(cause as Error).message}`, cause);
    }
    if (isCircular(this.data)) {
      throw usageError(`${name}: an alias (*name) refers to what it is a part of; write the value`);
    }
  }

  /**
   * `file:line:column` of the path, or of the nearest part around it that is there.
   * `ofKey`: of the key that the path ends in, else of its value.
   */
  place(path: DataPath, ofKey = false): string {
    let node: Node | null = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [at, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document) ?? null;
      const child: Child | null = this.#child(node, step);
      if (child === null) break;
      const shown: Node | null =
        ofKey && at === path.length - 1 ? child.key : (child.value ?? child.key);
      offset = shown?.range?.[0] ?? child.key?.range?.[0] ?? offset;
      node = child.value;
    }
    return this.#at(offset);
  }

  /** The text of a plain scalar, as it is in the file; null for anything else, and for nothing. */
  written(path: DataPath): string | null {
    let node: Node | null = this.#document.contents;
    for (const step of path) node = this.#resolved(this.#child(this.#resolved(node), step)?.value);
    if (!(node instanceof Scalar) || node.type !== Scalar.PLAIN) return null;
    return node.source || null;
  }

  #resolved(node: Node | null | undefined): Node | null {
    return (isAlias(node) ? node.resolve(this.#document) : node) ?? null;
  }

  /** What a map merges from others (`<<`) is its own, too, where it does not say otherwise. */
  #child(node: Node | null, step: string | number): Child | null {
    if (isSeq(node)) {
      const value = node.items[Number(step)] as Node | undefined;
      return value === undefined ? null : { key: value, value };
    }
    if (!isMap(node)) return null;
    const pairs = node.items.flatMap(({ key, value }) =>
      key instanceof Scalar ? [{ key: key as Scalar, value: value as Node | null }] : [],
    );
    const own = pairs.find(({ key }) => String(key.value) === String(step));
    if (own !== undefined) return own;
    const merged = pairs
      .filter(({ key }) => key.source === "<<")
      .map(({ value }) => this.#resolved(value))
      .flatMap((value) => (isSeq(value) ? (value.items as Node[]) : [value]));
    for (const each of merged) {
      const child = this.#child(this.#resolved(each), step);
      if (child !== null) return child;
    }
    return null;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    // A text without a newline has no line that the counter knows.
    return `${this.name}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

/** Whether data holds itself, which no list or set of a suite may. */
function isCircular(data: unknown, around: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof data !== "object" || data === null) return false;
  if (around.has(data)) return true;
  const inside = new Set(around).add(data);
  return Object.values(data).some((each) => isCircular(each, inside));
}

/**
 * Owns the text of a suite: YAML (and so JSON too) read into data, and where in the file each part
 * of the data stands, so that an error can name line and column.
 */
import { isAlias, isMap, isPair, isSeq, LineCounter, type Node, parseDocument, Scalar } from "yaml";
import { usageError } from "../errors.ts";
import { keepArgumentSecrets } from "../text/argument-secrets.ts";

export type DataPath = readonly (string | number)[];

export class SuiteSource {
  /** As the person named the file. */
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
    });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      // The message may show a part of the text.
      keepArgumentSecrets(text.split("\n"));
      throw usageError(
        `${this.#at(error.pos[0])}: not YAML: ${error.message.split("\n")[0]}`,
        error,
      );
    }
    try {
      this.data = this.#document.toJS();
    } catch (cause) {
      // An alias of nothing, or so many that the data would fill the memory.
      throw usageError(`${name}: not YAML: ${(cause as Error).message}`, cause);
    }
  }

  /**
   * `file:line:column` of what stands at the path, or of the nearest that is there around it.
   * `ofKey`: of the key that the path ends in, else of its value.
   */
  place(path: DataPath, ofKey = false): string {
    let node: Node | null = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [at, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document) ?? null;
      const child: { key: Node | null; value: Node | null } | null = childOf(node, step);
      if (child === null) break;
      const shown: Node | null =
        ofKey && at === path.length - 1 ? child.key : (child.value ?? child.key);
      offset = shown?.range?.[0] ?? child.key?.range?.[0] ?? offset;
      node = child.value;
    }
    return this.#at(offset);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    // A text without a newline has no line that the counter knows.
    return `${this.name}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

function childOf(
  node: Node | null,
  step: string | number,
): { key: Node | null; value: Node | null } | null {
  if (isMap(node)) {
    for (const item of node.items) {
      if (!isPair(item) || !(item.key instanceof Scalar)) continue;
      if (String(item.key.value) !== String(step)) continue;
      return { key: item.key, value: item.value as Node | null };
    }
  }
  if (isSeq(node)) {
    const value = node.items[Number(step)] as Node | undefined;
    if (value !== undefined) return { key: value, value };
  }
  return null;
}

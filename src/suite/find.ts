/** Finds a suite: a file that the user names, or one of those that come with bench. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { usageError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";
import { packageRoot } from "../package-root.ts";
import { reason } from "../system-error.ts";
import { readNamedFile } from "../text-file.ts";

/** The names of the suites in the box. */
export function boxedSuites(): string[] {
  return readdirSync(boxFolder())
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

export interface FoundSuite {
  /** As it is found again: the name of one in the box, else the whole path. */
  source: string;
  /** As errors name it. */
  file: string;
  text: string;
}

/**
 * `quick`, or the path of a file; a name without a dot or slash is of the box.
 * @throws BenchError (usage) that names what is there
 */
export function findSuite(name: string): FoundSuite {
  const isName = /^[\w-]+$/.test(name);
  if (isName && !existsSync(boxFile(name))) {
    const boxed = boxedSuites();
    const nearest = nearestName(name, boxed);
    const hint =
      nearest === null ? `built-in suites: ${boxed.join(", ")}` : `did you mean ${nearest}?`;
    throw usageError(
      `${JSON.stringify(name)} is no built-in suite; ${hint} (the name of a file has .yaml or a folder in it)`,
    );
  }
  const file = isName ? `workloads/${name}.yaml` : name;
  try {
    const text = readNamedFile(isName ? boxFile(name) : name);
    return { source: isName ? name : path.resolve(name), file, text };
  } catch (cause) {
    throw usageError(`cannot read the suite ${file}: ${reason(cause)}`, cause);
  }
}

function boxFile(name: string): string {
  return path.join(boxFolder(), `${name}.yaml`);
}

function boxFolder(): string {
  return path.join(packageRoot(), "workloads");
}

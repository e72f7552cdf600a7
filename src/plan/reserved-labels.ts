/** Refuses a user's labels with the names of labels that a command gives its runs. */
import { flagError } from "../errors.ts";

/** @throws BenchError (usage) that carries --label */
export function refuseReservedLabels(
  command: string,
  reserved: readonly string[],
  labels: Readonly<Record<string, string>>,
): void {
  const taken = reserved.find((name) => Object.hasOwn(labels, name));
  if (taken === undefined) return;
  throw flagError(
    "label",
    `--label: ${taken} is a label that ${command} gives its runs; choose another name`,
  );
}

/** Says in one line how a log of etcd ends. */

const LOG_LINES_SHOWN = 3;

/** What Go prints after the words of a panic: the stack of each goroutine, up to the next line of the log. */
const GO_STACKS = /^goroutine \d+ \[.*\]:$(?:\n(?!\{).*)*/gm;

/** The last lines of a log that tell of a failure, or just the last ones, in one. */
export function logEnd(log: string): string {
  // After a flag that it does not take etcd prints its usage, which says less than the line before.
  const [words = ""] = log.replace(GO_STACKS, "").split(/^Usage:$/m);
  const lines = words.split("\n").filter((line) => line.trim() !== "");
  const failures = lines.filter((line) => !/^\{"level":"(debug|info)"/.test(line));
  // What it tries again and again it logs again and again.
  const told = new Set((failures.length > 0 ? failures : lines).map(wordsOfLine));
  return [...told].slice(-LOG_LINES_SHOWN).join(" | ");
}

/** etcd logs JSON: its message, and the error in it. A panic is in the log, and Go prints it again. */
function wordsOfLine(line: string): string {
  const { msg, error } = jsonObject(line);
  if (typeof msg !== "string") return line.replace(/^panic: /, "");
  return typeof error === "string" ? `${msg}: ${error.trim()}` : msg;
}

function jsonObject(line: string): { msg?: unknown; error?: unknown } {
  try {
    return Object(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

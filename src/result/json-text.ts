/**
 * Writes results as text: JSON that is indented, except that objects in a list take a line each where
 * they hold only values, and so do lists of numbers. A run of ten minutes has thousands of both, its
 * intervals and its members' readings.
 */

const INDENT = "  ";

/** The same data as JSON.stringify gives, and a newline at its end. */
export function jsonText(data: unknown): string {
  return `${written(data, "\n", false)}\n`;
}

/** `margin` is a newline and the blanks that the line of `value` begins with. */
function written(value: unknown, margin: string, isInList: boolean): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = margin + INDENT;
  if (Array.isArray(value)) {
    const isColumn = value.length > 0 && value.every((each) => each === null || isNumber(each));
    if (isColumn) return JSON.stringify(value);
    const items = value.map((each) => written(each, inner, true));
    return enclosed("[", items, "]", margin);
  }
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  if (isInList && fields.every(([, each]) => typeof each !== "object" || each === null)) {
    return JSON.stringify(value);
  }
  const lines = fields.map(([name, each]) => {
    return `${JSON.stringify(name)}: ${written(each, inner, false)}`;
  });
  return enclosed("{", lines, "}", margin);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function enclosed(open: string, parts: readonly string[], close: string, margin: string): string {
  if (parts.length === 0) return open + close;
  return open + parts.map((part) => margin + INDENT + part).join(",") + margin + close;
}

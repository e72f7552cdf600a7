/** Writes families of metrics as OpenMetrics 1.0 text. */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** After the family's name: `_total`, `_count`, `_bucket`, or nothing. */
  suffix?: string;
  labels: Labels;
  value: number | null;
  /** Absent: as of when the text is read. */
  unixSeconds?: number;
}

export interface Family {
  name: string;
  type: "gauge" | "counter" | "summary" | "histogram" | "info";
  unit?: string;
  help: string;
  samples: Sample[];
}

/** A figure that could not be had has no sample, and a family without samples no place. */
export function openmetricsText(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, unit, help, samples }) => {
    const known = samples.filter(({ value }) => value !== null);
    if (known.length === 0) return [];
    return [
      `# TYPE ${name} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
      `# HELP ${name} ${help}`,
      ...known.map(
        ({ suffix = "", labels, value, unixSeconds }) =>
          `${name}${suffix}{${labelText(labels)}} ${value}${unixSeconds === undefined ? "" : ` ${unixSeconds}`}`,
      ),
    ];
  });
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

function escaped(value: string): string {
  return value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}

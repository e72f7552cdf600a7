/** What a flag is: one object from which help, reading, completion, schemas and the way back follow. */

export type FlagGroup =
  | "Cluster:"
  | "Pairs:"
  | "Trials:"
  | "Soak:"
  | "Doctor:"
  | "Proxy:"
  | "Monitor:"
  | "Target:"
  | "Load:"
  | "Agents:"
  | "Workload:"
  | "Output:";

/** What a command line gives: by the name of the flag, absent where the user did not give it. */
export type GivenFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a user needs to know of a flag, whatever its value is. */
export interface FlagWords {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly group: FlagGroup;
  readonly describe: string;
  /** The text that an absent flag is read from. */
  readonly default?: string;
  /** What a suite that is made shorter does it to: `end`: it ends the run; `part`: it is of use in proportion to it. */
  readonly scales?: "end" | "part";
  /** What its name gives elsewhere is not for this: in bench.yaml only a section of its command gives it. */
  readonly sectionOnly?: boolean;
  /** The name of a flag without which it means nothing: bench.yaml and variables give it only with that one. */
  readonly onlyWith?: string;
  /** As help shows the default, where the text says too little or is worked out; empty: not at all. */
  readonly shownDefault?: string;
}

export interface Flag<Value = unknown> extends FlagWords {
  /**
   * `value` takes `=VALUE` or the next argument; `optional` a value by `=` alone; `switch` none (or
   * `=false`).
   */
  readonly kind: "value" | "optional" | "switch";
  /** What an `optional` flag without a value is read from. */
  readonly bareValue?: string;
  /** All of them count; of every other flag the last one does, as with Go's flags. */
  readonly repeatable?: boolean;
  /** Its value is a comma list, to which each further one adds, as with the slices of Go's flags. */
  readonly isList?: boolean;
  /** Its value is made of flags, so that one may begin with dashes. */
  readonly holdsFlags?: boolean;
  /** A key, a name or a file: its value is taken as it is written, also where it looks like a number. */
  readonly isText?: boolean;
  /** The words that it takes, where there are few. */
  readonly choices?: readonly string[];
  /** @throws BenchError (usage) that carries the flag */
  read(given: GivenFlags): Value;
  /** The texts that are read as the value; none where leaving the flag out says the same. */
  write(value: Value): readonly string[] | boolean;
}

export type FlagTable = Readonly<Record<string, Flag>>;

/** The values of a table of flags, by the table's own keys. */
export type Read<Table extends FlagTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Flag<infer Value> ? Value : never;
};

/** @throws BenchError (usage) that carries the first flag with a value that cannot be read */
export function readFlags<Table extends FlagTable>(table: Table, given: GivenFlags): Read<Table> {
  const values = Object.entries(table).map(([key, flag]) => [key, flag.read(given)]);
  // The compiler cannot infer the type that a loop over a table makes.
  return Object.fromEntries(values) as Read<Table>;
}

export function isGiven(given: GivenFlags, { name }: FlagWords): boolean {
  return given[name] !== undefined;
}

/** The default as help shows it; undefined where there is none. */
export function shownDefault({
  default: text,
  shownDefault: shown,
}: FlagWords): string | undefined {
  if (shown !== undefined) return shown === "" ? undefined : shown;
  return text === "" ? "none" : text;
}

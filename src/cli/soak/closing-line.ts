/** Says at the end of a soak which of its rows are in its folder, and how to go on with it. */

interface SoakEnd {
  folder: string;
  /** Of all segments, and how many of them could not be written. */
  rows: number;
  unwritten: number;
  /** The command that measures the time that is left; null: all of it was measured. */
  resume: string | null;
  /** Whether that command can work: the folder has the manifest of the soak. */
  isResumable: boolean;
}

export function closingLine({ folder, rows, unwritten, resume, isResumable }: SoakEnd): string {
  const written = rows - unwritten;
  const some = unwritten === 0 ? "rows" : `${written} of ${rows} rows`;
  const kept = written === 0 ? `no row is in ${folder}` : `${some} are in ${folder}`;
  if (resume === null) return kept;
  if (!isResumable) return `${kept}: --resume cannot go on with this soak`;
  const rest = `to measure the time that is left: ${resume}`;
  return unwritten === 0 ? rest : `${kept}; ${rest}`;
}

/** Names the series of a load once: the handle by which its code records, its number and its place. */

export interface SeriesHandles<Handle extends string> {
  /** What Operations takes: the place of each series in the list of its load. */
  readonly numbers: Readonly<Record<Handle, number>>;
  /**
   * The list, for an OperationSpec. Null: the plan makes no such series, nor any after it.
   * @throws Error, a defect, where one is null before one that is there
   */
  names(of: Readonly<Record<Handle, string | null>>): string[];
}

/** @param handles in the order of the list; the first is of the whole operation */
export function seriesHandles<const Handle extends string>(
  ...handles: readonly Handle[]
): SeriesHandles<Handle> {
  const numbers = Object.fromEntries(handles.map((handle, at) => [handle, at]));
  return {
    // Made of the handles, and so of each one.
    numbers: numbers as Record<Handle, number>,
    names(of) {
      const list = handles.flatMap((handle) => of[handle] ?? []);
      const isWhole = handles.every((handle, at) => (of[handle] !== null) === at < list.length);
      if (isWhole) return list;
      throw new Error(`series ${list.join(", ")}: one is absent before others`);
    },
  };
}

/** The labels of a run as those of metrics, whose names hold letters, digits and underscores alone. */

/**
 * By names `label_NAME`. Labels whose names become the same get a number from the second on, in the
 * order of their own names: none is lost, and the same labels have the same names in each run.
 */
export function metricLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const plain = (name: string) => `label_${name.replace(/\W/g, "_")}`;
  // A name that needs no change is no other's.
  const isChanged = (name: string) => Number(plain(name) !== `label_${name}`);
  const ordered = Object.keys(labels)
    .sort()
    .sort((a, b) => isChanged(a) - isChanged(b));
  const taken = new Map<string, string>();
  for (const name of ordered) {
    let free = plain(name);
    for (let number = 2; taken.has(free); number++) free = `${plain(name)}_${number}`;
    taken.set(free, name);
  }
  const nameOf = new Map([...taken].map(([free, name]) => [name, free]));
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [nameOf.get(name)!, value]),
  );
}

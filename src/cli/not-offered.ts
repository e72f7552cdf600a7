/**
 * Owns the flags and commands of etcd's benchmark tool that bench does not offer yet, so that a
 * command line brought over from there is told so instead of being called a slip of the keyboard.
 */

const GLOBAL_FLAGS: readonly string[] = [];

const FLAGS_BY_COMMAND: ReadonlyMap<string, readonly string[]> = new Map([
  ["watch-get", ["watchers", "events"]],
]);

const COMMANDS = ["watch-get", "mvcc"];

/** Whether upstream has this flag for the command (null: before one was named) and bench has not. */
export function isFlagNotOffered(name: string, command: string | null): boolean {
  if (GLOBAL_FLAGS.includes(name)) return true;
  if (command !== null) return FLAGS_BY_COMMAND.get(command)?.includes(name) ?? false;
  return [...FLAGS_BY_COMMAND.values()].some((names) => names.includes(name));
}

export function isCommandNotOffered(name: string): boolean {
  return COMMANDS.includes(name);
}

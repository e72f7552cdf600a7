/** Finds the passwords in data that a file gave, before anything is said about it. */
import { keepArgumentSecrets } from "./argument-secrets.ts";
import { keepSecret } from "./secrets.ts";

/** Keeps those of all flags of a user and of all addresses, wherever a slip has put them. */
export function keepDataSecrets(data: unknown, key = ""): void {
  if (typeof data === "string") keepArgumentSecrets([`--${key}=${data}`]);
  else if (Array.isArray(data)) {
    for (const each of data) keepDataSecrets(each, key);
    // Words of a command line: a flag's value may be the next one.
    const words = data.filter((each) => typeof each === "string");
    if (words.some((each) => each.startsWith("-"))) keepArgumentSecrets(words);
  } else if (typeof data === "object" && data !== null) {
    for (const [name, value] of Object.entries(data)) {
      // `user: {NAME: PASSWORD}` is a slip as well.
      if (key === "user" && typeof value === "string") keepSecret(value, name);
      else keepDataSecrets(value, name.replace(/^-+/, ""));
    }
  }
}

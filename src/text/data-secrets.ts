/** Finds the passwords in data that a file gave, before anything is said about it. */
import { ADDRESSES, keepReceiverSecrets } from "./argument-secrets.ts";
import { keepCommandSecrets } from "./command-secrets.ts";
import { keepAddressSecrets, keepSecret, keepUserSecret } from "./secrets.ts";

/** Keeps those of all flags of a user and of all addresses, wherever a slip has put them. */
export function keepDataSecrets(data: unknown, key = ""): void {
  if (typeof data === "string") {
    keepReceiverSecrets(`--${key}=${data}`);
    keepCommandSecrets(data);
    if (key === "user") keepUserSecret(data);
    else if (key === "password") keepSecret(data);
    else if (ADDRESSES.test(`--${key}=${data}`)) keepAddressSecrets(data);
  } else if (Array.isArray(data)) {
    for (const each of data) keepDataSecrets(each, key);
  } else if (typeof data === "object" && data !== null) {
    for (const [name, value] of Object.entries(data)) {
      // `user: {NAME: PASSWORD}` is a slip as well.
      if (key === "user" && typeof value === "string") keepSecret(value, name);
      else keepDataSecrets(value, name.replace(/^-+/, ""));
    }
  }
}

/** The user's folders for what may be made or fetched again. */
import { homedir } from "node:os";
import { join } from "node:path";

type Env = (name: string) => string | undefined;

/** `XDG_CACHE_HOME`, else `~/.cache`. */
export function userCache(env: Env): string {
  return env("XDG_CACHE_HOME") || join(homedir(), ".cache");
}

/** Where Python's hub library keeps what it fetched: `HF_HUB_CACHE`, else `HF_HOME/hub`. */
export function hubCache(env: Env): string {
  return env("HF_HUB_CACHE") || join(env("HF_HOME") || join(userCache(env), "huggingface"), "hub");
}

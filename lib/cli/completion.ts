/** Completion of task names for shells. */

/** The shells that there is completion for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/**
 * A script that completes the tasks of `thinkset` by name, and files behind them.
 *
 * @example
 * ```ts
 * import { completion } from "./completion.ts";
 * import assert from "node:assert/strict";
 *
 * assert.match(completion("fish", ["demo"]), /complete -c thinkset/);
 * ```
 */
export function completion(shell: typeof SHELLS[number], tasks: readonly string[]): string {
  const list = tasks.join(" ");
  if (shell === "fish") {
    return `complete -c thinkset -n __fish_use_subcommand -f -a "${list}"`;
  }
  const load = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${load}_thinkset() {
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${list}" -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o default -F _thinkset thinkset`;
}

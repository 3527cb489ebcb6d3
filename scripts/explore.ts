// deno task explore --in RUN [--in RUN …] [--decisions FILE] [--port N] [--no-open] [--bundle DIR]
/** A local page to look through runs and datasets, and to decide on prompts by hand. */
import { runStageCommand } from "../lib/cli/command.ts";
import type { Explorer } from "../lib/explore/explore.ts";
import type { ExploreOptions } from "../lib/explore/explore_options.ts";
import { explore } from "../lib/stages.ts";

/** Opens the address in the system's browser, where there is one. */
function openBrowser(url: string): void {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  try {
    new Deno.Command(program, { args: [url], stdout: "null", stderr: "null" }).spawn().unref();
  } catch {
    // No such program: the address stands there to be opened by hand.
  }
}

if (import.meta.main) {
  await runStageCommand<ExploreOptions, never, Explorer>(explore, async (options, context) => {
    await using explorer = await explore(options, { context });
    if (explorer.url === null) return;
    console.log(explorer.url);
    if (options.open) openBrowser(explorer.url);
    const { signal } = context;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  });
}

// deno task push --in DIR --repo OWNER/NAME [--no-dry-run]
import { runStageCommand } from "../lib/cli/command.ts";
import { push } from "../lib/dataset/push/stage.ts";

if (import.meta.main) await runStageCommand(push);

/** Which reply format a rendered prompt asks for, and whether that is the one that was chosen. */
import { InputError } from "../core/errors.ts";
import type { Format, Message } from "../core/records.ts";

/** A prompt of no matter what, to see what a template puts around it. */
const PROBE: Message[] = [{ role: "user", content: "Hello" }];

/**
 * The prompted format that a rendered prompt asks for, by the tags that it speaks of; null where it
 * speaks of none, as with chat templates.
 */
export function promptedFormatOf(prompt: string): Format | null {
  if (!prompt.includes("<response>")) return null;
  return prompt.includes("<think>") ? "prompted-think" : "prompted-nothink";
}

/**
 * The format of a policy's replies: the one that was chosen, else what its chat template asks for.
 * What speaks against the choice without ruling it out is told to `warn`.
 *
 * @throws {InputError} where the template asks for another format than the chosen one, so that all
 * replies would be malformed, and where none is chosen and the template asks for none.
 */
export function agreedFormat(
  chosen: Format | undefined,
  render: (messages: readonly Message[]) => string,
  warn: (line: string) => void,
): Format {
  let prompt: string;
  try {
    prompt = render(PROBE);
  } catch {
    // A template may take other chats alone; prompts that it refuses are rejects.
    prompt = "";
  }
  const asked = promptedFormatOf(prompt);
  if (chosen === undefined) {
    if (asked !== null) return asked;
    throw new InputError(
      "--format is needed: the chat template asks for no prompted format by itself",
    );
  }
  if (asked !== null && asked !== chosen) {
    throw new InputError(
      `--format ${chosen}: the chat template asks for ${asked}: all replies would be malformed; ` +
        `leave --format out, or name another --tokenizer`,
    );
  }
  const doubt = prompt === "" ? undefined : doubtOf(chosen, asked, prompt.trimEnd());
  if (doubt !== undefined) warn(`--format ${chosen}: ${doubt}`);
  return chosen;
}

/** How a turn of the assistant begins in gpt-oss' harmony format. */
const HARMONY = "<|start|>assistant";

function doubtOf(chosen: Format, asked: Format | null, prompt: string): string | undefined {
  if (prompt.endsWith(HARMONY)) {
    return "the chat template is harmony's: thoughts and answers come in channels, which no format " +
      "reads apart, so that thoughts would stand in answers; ask the model by its server's chat API, " +
      "as a teacher";
  }
  if (chosen.startsWith("prompted-") && asked === null) {
    return "the chat template does not ask for <response>: replies will be malformed unless the " +
      "model was trained to write it";
  }
  if (chosen === "chat" && prompt.endsWith("<think>")) {
    return "the chat template opens a thought: chat-think reads such replies";
  }
  if (chosen === "chat-think" && prompt.endsWith("</think>")) {
    return "the chat template closes an empty thought, so there will be none";
  }
  return undefined;
}

/** A chat as text by a model's own template. */
import { messageOf, ModelError } from "../core/errors.ts";
import type { Message } from "../core/records.ts";
import type { ChatTemplate } from "../reply/chat_template.ts";

/**
 * The chat as the template writes it.
 *
 * @throws {ModelError} `reject` / `template_error` where the template fails for these messages.
 */
export function renderChat(
  template: ChatTemplate,
  messages: readonly Message[],
  options: Parameters<ChatTemplate["render"]>[1],
): string {
  try {
    return template.render(messages, options);
  } catch (cause) {
    throw new ModelError("reject", messageOf(cause), { reason: "template_error", cause });
  }
}

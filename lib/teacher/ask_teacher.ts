/** One prompt's way to a record: asked, read, and asked again where that may help. */
import type { Prompt, TeacherRecord } from "../core/records.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { ItemOutcome } from "../run/run_stage.ts";
import { instructed } from "../model/call/instruction.ts";
import { refuseTools } from "../model/call/wire_messages.ts";
import { otherLanguage, userText } from "./language.ts";
import { lintThought } from "./lint.ts";
import { FAULT_POLICY, readTeacherReply } from "./reply_policy.ts";
import type { TeacherSettings } from "./teacher_options.ts";

/** Asks a teacher for prompts, by a run's settings. */
export interface TeacherAsker {
  ask(item: Prompt, signal: AbortSignal): Promise<ItemOutcome<TeacherRecord>>;
}

/** A reply cut by its limit gets twice the room, up to this many times what was given. */
const MOST_ROOM = 4;

/** How far a prompt has come: a connection that breaks at the third attempt costs the third alone. */
interface AskState {
  attempt: number;
  room: number;
}

/** An asker for one run. It keeps what prompts in flight have come to between a runner's retries. */
export function teacherAsker(model: ChatModel, settings: TeacherSettings): TeacherAsker {
  const states = new Map<string, AskState>();
  const { thinking, temperature, topP, maxTokens, seed, thinkingBudget } = settings;
  return {
    async ask(item, signal) {
      const { id, source, messages, tools, extra } = item;
      if (!model.takesTools) refuseTools(item, model.name);
      if (settings.language !== "any") {
        const found = otherLanguage(userText(messages), settings.language);
        if (found !== null) return { reject: { reason: "language", detail: languageName(found) } };
      }
      const state = states.get(id) ?? { attempt: 0, room: 1 };
      states.set(id, state);
      const asked = model.promptsForTags ? messages : instructed(messages, thinking);
      for (;;) {
        const reply = await model.reply({
          id,
          messages: asked,
          ...(tools && { tools }),
          thinking,
          maxTokens: maxTokens * state.room,
          temperature,
          topP,
          seed,
          attempt: state.attempt,
          ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
          signal,
        });
        const result = readTeacherReply(reply, thinking);
        if ("read" in result) {
          states.delete(id);
          const { thought, answer, repairs } = result.read;
          const native = thinking === "native";
          const flags = thinking === "none" || native
            ? []
            : lintThought({ prompt: userText(messages), thought, answer });
          return {
            record: {
              id,
              source,
              messages,
              thought,
              response: answer,
              model: model.name,
              finish_reason: reply.finishReason,
              finish_reason_raw: reply.finishReasonRaw,
              usage: reply.usage,
              ...(native || reply.reasoning !== null
                ? { native_thought: native ? thought : reply.reasoning }
                : {}),
              ...(repairs.length > 0 ? { repairs } : {}),
              ...(flags.length > 0 ? { thought_flags: flags } : {}),
              ...(tools && { tools }),
              ...(extra && { extra }),
            },
          };
        }
        const { fault, rule } = result;
        const policy = FAULT_POLICY[fault];
        const exhausted = state.attempt + 1 >= settings.attempts ||
          policy === "more_room" && state.room >= MOST_ROOM;
        if (policy === "reject" || exhausted) {
          states.delete(id);
          return { reject: { reason: fault, detail: `${rule}: ${reply.text}` } };
        }
        state.attempt++;
        if (policy === "more_room") state.room *= 2;
      }
    },
  };
}

function languageName(code: string): string {
  const name = new Intl.DisplayNames("en", { type: "language" }).of(code);
  return name === undefined || name === code ? code : `${code} (${name})`;
}
